// Small values in texts: ids, hashes, durations, hexadecimal. What parses is written in one form,
// and that form parses to the same value.
#include <cctype>
#include <cstdint>
#include <string>

#include "agent/duration.h"
#include "agent/format.h"
#include "sync/base/ids.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string_view text = AsText({data, size});

  if (const Result<ReplicaId> id = ReplicaId::Parse(text); id.ok()) {
    CHECK(id->ToString().size() == 52 + 7);
    const Result<ReplicaId> again = ReplicaId::Parse(id->ToString());
    CHECK(again.ok() && *again == *id);
  }
  if (const Result<ContentHash> hash = ContentHash::Parse(text); hash.ok()) {
    const Result<ContentHash> again = ContentHash::Parse(hash->ToHex());
    CHECK(again.ok() && *again == *hash);
  }
  if (const Bytes bytes = FromHex(text); !bytes.empty()) {
    CHECK(bytes.size() * 2 == text.size());
    CHECK(FromHex(ToHex(bytes)) == bytes);
  }
  CHECK(FromHex(ToHex({data, size})) == Bytes(data, data + size));
  if (const Result<int64_t> duration_ms = ParseDuration(text); duration_ms.ok()) {
    CHECK(*duration_ms >= 0 && *duration_ms <= int64_t{3660} * 86'400'000);
    CHECK(std::isdigit(static_cast<unsigned char>(text.front())) != 0);
  }
  if (size >= 8) {
    const int64_t time = static_cast<int64_t>(GetU64({data, size}));
    CHECK(UtcTime(time).back() == 'Z' && UtcTimeOfNs(time).back() == 'Z');
    CHECK(FileStampUtc(time).find('/') == std::string::npos);
    CHECK(!HumanBytes(static_cast<uint64_t>(time)).empty());
  }
  return 0;
}
