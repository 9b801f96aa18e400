// Seeds: the first inputs of each fuzzer, made by the product's own encoders, so that they stay
// right when a format changes. fuzz_seeds writes them into the corpora, a test compares.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sync/base/bytes.h"

namespace atozsync {

// "message/seed-hello" → its bytes.
using Seeds = std::map<std::string, Bytes>;

void AddPeerSeeds(Seeds& seeds);     // what a peer sends
void AddHostileSeeds(Seeds& seeds);  // what a member does that keeps to no rule
void AddLocalSeeds(Seeds& seeds);    // what the kernel, the disk and people say

inline void AddText(Seeds& seeds, const std::string& name, std::string_view text) {
  seeds[name] = Bytes(text.begin(), text.end());
}
inline void Append(Bytes& out, ByteSpan bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
// Length in two bytes, as Input::Piece() takes it.
inline void AppendPiece(Bytes& out, ByteSpan bytes) {
  out.push_back(static_cast<uint8_t>(bytes.size() >> 8));
  out.push_back(static_cast<uint8_t>(bytes.size()));
  Append(out, bytes);
}
// Length in one byte, as Input::Text() takes it.
inline void AppendText(Bytes& out, std::string_view text) {
  out.push_back(static_cast<uint8_t>(text.size()));
  Append(out, AsBytes(text));
}

}  // namespace atozsync
