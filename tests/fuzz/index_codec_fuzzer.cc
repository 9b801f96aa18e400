// The blobs in index.db, which a failing disk may change: what decodes is a version that peers
// accept, and encodes to something that decodes to the same; vectors keep their algebra.
#include <cstdint>

#include "protocol/codec.h"
#include "sync/index/codec.h"
#include "tests/fuzz/input.h"

namespace atozsync {
namespace {

void CheckVersion(const FileVersion& version) {
  CHECK(ValidateVersion(version).ok());
  FileVersion again;
  const Bytes bytes = EncodeVersion(version);
  CHECK(DecodeVersion(bytes, again));
  CHECK(again == version);
  CHECK(EncodeVersion(again) == bytes);
  CHECK(!DecodeVersion(ByteSpan(bytes).first(bytes.size() - 1), again));
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK(!DecodeVersion(longer, again));
  // It goes out to peers as it is: over a bound there, encoding would stop the program.
  protocol::IndexUpdate update;
  update.rows.push_back({RelPath::Trusted("a"), version});
  CHECK(!protocol::EncodeFrame(update).empty());
}

void CheckVectors(const VersionVector& a, const VersionVector& b) {
  const VersionVector both = a.Merged(b);
  CHECK(both == b.Merged(a));
  CHECK(both.Merged(a) == both && a.Merged(a) == a);
  const VectorOrder order = a.Compare(b);
  const VectorOrder back = b.Compare(a);
  CHECK((order == VectorOrder::kEqual) == (a == b));
  CHECK((order == VectorOrder::kEqual) == (back == VectorOrder::kEqual));
  CHECK((order == VectorOrder::kConcurrent) == (back == VectorOrder::kConcurrent));
  CHECK((order == VectorOrder::kBefore) == (back == VectorOrder::kAfter));
  CHECK((order == VectorOrder::kBefore || order == VectorOrder::kEqual) == (both == b));
  for (const VersionVector::Entry& entry : both.entries()) {
    CHECK(entry.counter == std::max(a.CounterOf(entry.author), b.CounterOf(entry.author)));
  }
  const Result<VersionVector> rebuilt = VersionVector::FromEntries(both.entries());
  if (both.entries().size() <= VersionVector::kEntriesMax) CHECK(rebuilt.ok() && *rebuilt == both);
}

void CheckTwo(const FileVersion& a, const FileVersion& b) {
  CheckVectors(a.vector, b.vector);
  CHECK((CompareRank(a, b) > 0) == (CompareRank(b, a) < 0));
  CHECK((CompareRank(a, b) == 0) == (CompareRank(b, a) == 0));
  CHECK(a.SameContent(b) == b.SameContent(a));
  CHECK(ChainAfter(a).size() <= FileVersion::kChainMax);
}

void CheckIntent(const Intent& intent) {
  const Bytes bytes = EncodeIntentPlan(intent);
  Intent again;
  CHECK(DecodeIntentPlan(bytes, again));
  CHECK(again == intent);
  CHECK(ValidateVersion(intent.row.version).ok());
}

}  // namespace
}  // namespace atozsync

// First byte: which blob; for versions two of them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  Input input(data, size);
  const uint8_t kind = input.Byte() % 4;
  if (kind == 0) {
    FileVersion a;
    FileVersion b;
    const bool has_a = DecodeVersion(input.Piece(), a);
    const bool has_b = DecodeVersion(input.rest(), b);
    if (has_a) CheckVersion(a);
    if (has_b) CheckVersion(b);
    if (has_a && has_b) CheckTwo(a, b);
  } else if (kind == 1) {
    // As a row: kind and size are in columns of their own.
    FileVersion version;
    version.kind = static_cast<VersionKind>(input.Byte() % 3);
    version.size = input.Long();
    FileVersion again = version;
    if (!DecodeHistory(input.rest(), version)) return 0;
    Bytes bytes;
    EncodeHistory(version, bytes);
    CHECK(DecodeHistory(bytes, again));
    CHECK(again == version);
    CheckVersion(version);
  } else if (kind == 2) {
    FileStamp stamp;
    FileStamp again;
    if (DecodeStamp(input.rest(), stamp)) {
      CHECK(DecodeStamp(EncodeStamp(stamp), again) && again == stamp);
    }
  } else {
    Intent intent;
    if (DecodeIntentPlan(input.rest(), intent)) CheckIntent(intent);
  }
  return 0;
}
