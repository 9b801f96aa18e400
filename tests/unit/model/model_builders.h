// Short names for versions in tests, and generators of arbitrary ones. Header only, no state.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sync/model/conflict.h"
#include "sync/model/file_version.h"

namespace atozsync {

inline VersionVector Vector(std::vector<VersionVector::Entry> entries) {
  Result<VersionVector> vector = VersionVector::FromEntries(std::move(entries));
  EXPECT_TRUE(vector.ok());
  return vector.ok() ? *vector : VersionVector();
}

inline ContentHash Hash(uint64_t number) {
  return {number, ~number};
}

inline FileVersion File(uint64_t content, VersionVector vector, Dot dot, uint64_t hlc) {
  FileVersion version;
  version.kind = VersionKind::kFile;
  version.size = content;
  version.hash = Hash(content);
  version.vector = std::move(vector);
  version.dot = dot;
  version.hlc = hlc;
  return version;
}

inline FileVersion Dir(VersionVector vector, Dot dot, uint64_t hlc) {
  FileVersion version;
  version.kind = VersionKind::kDir;
  version.vector = std::move(vector);
  version.dot = dot;
  version.hlc = hlc;
  return version;
}

inline FileVersion Gone(VersionVector vector, Dot dot, uint64_t hlc) {
  FileVersion version = Dir(std::move(vector), dot, hlc);
  version.kind = VersionKind::kTombstone;
  return version;
}

inline std::string Text(const FileVersion& version) {
  std::string text = std::string(VersionKindName(version.kind)) + " " +
                     version.hash.ToHex().substr(12, 4) + " " + version.vector.ToString() +
                     " dot " + std::to_string(version.dot.author) + ":" +
                     std::to_string(version.dot.counter) + " hlc " + std::to_string(version.hlc) +
                     " mtime " + std::to_string(version.mtime_ns) + " chain";
  for (const ContentHash& hash : version.chain) text += " " + hash.ToHex().substr(12, 4);
  if (!version.complete_by.empty()) text += " complete";
  return text;
}

inline void PrintTo(const FileVersion& version, std::ostream* out) {
  *out << Text(version);
}

// Few different values each, so that equal ones meet often.
namespace gen {

inline rc::Gen<uint64_t> Small(uint64_t bound) {
  return rc::gen::inRange<uint64_t>(0, bound);
}

inline rc::Gen<VersionVector> AnyVector() {
  return rc::gen::map(rc::gen::container<std::vector<uint64_t>>(4, Small(4)),
                      [](const std::vector<uint64_t>& counters) {
                        std::vector<VersionVector::Entry> entries;
                        for (size_t i = 0; i < counters.size(); ++i) {
                          if (counters[i] != 0) entries.push_back({i + 1, counters[i]});
                        }
                        return Vector(std::move(entries));
                      });
}

inline rc::Gen<std::vector<uint32_t>> Members() {
  return rc::gen::map(Small(16), [](uint64_t bits) {
    std::vector<uint32_t> members;
    for (uint32_t i = 0; i < 4; ++i) {
      if ((bits >> i) % 2 != 0) members.push_back(i + 1);
    }
    return members;
  });
}

inline rc::Gen<std::vector<ContentHash>> Chain() {
  return rc::gen::map(rc::gen::container<std::vector<uint64_t>>(Small(4)),
                      [](std::vector<uint64_t> numbers) {
                        std::vector<ContentHash> chain;
                        for (uint64_t number : numbers) {
                          if (chain.size() < FileVersion::kChainMax) chain.push_back(Hash(number));
                        }
                        return chain;
                      });
}

inline rc::Gen<FileVersion> AnyVersion() {
  return rc::gen::exec([] {
    FileVersion version;
    version.kind = static_cast<VersionKind>(*Small(3));
    version.size = *Small(3);
    version.mtime_ns = static_cast<int64_t>(*Small(3));
    version.hash = Hash(*Small(3));
    version.vector = *AnyVector();
    version.dot = {*Small(3), *Small(3)};
    version.hlc = *Small(3);
    version.chain = *Chain();
    if (version.exists()) return version;
    version.known_by = *Members();
    version.complete_by = *Members();
    return version;
  });
}

}  // namespace gen

inline void showValue(const FileVersion& version, std::ostream& out) {
  out << Text(version);
}
inline void showValue(const VersionVector& vector, std::ostream& out) {
  out << vector.ToString();
}

}  // namespace atozsync
