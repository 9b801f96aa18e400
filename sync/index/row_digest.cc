// RowDigest and IndexBatch::empty: the parts of the seam that every index shares.
#include <xxhash.h>

#include "sync/engine/index.h"

namespace atozsync {

namespace {

void AppendU64(Bytes& out, uint64_t value) {
  size_t at = out.size();
  out.resize(at + 8);
  PutU64(MutableByteSpan(out).subspan(at), value);
}

}  // namespace

// Length of the path, path, kind, size, mtime, hash, then the vector's pairs; all numbers 64 bits,
// big-endian. Peers compare sums of this: a change here is a change of the protocol.
ContentHash RowDigest(const RelPath& path, const FileVersion& version) {
  const std::string& name = path.str();
  Bytes bytes;
  bytes.reserve(name.size() + 48 + 16 * version.vector.entries().size());
  AppendU64(bytes, name.size());
  bytes.insert(bytes.end(), name.begin(), name.end());
  AppendU64(bytes, static_cast<uint64_t>(version.kind));
  if (version.kind == VersionKind::kFile) {
    AppendU64(bytes, version.size);
    AppendU64(bytes, static_cast<uint64_t>(version.mtime_ns));
    AppendU64(bytes, version.hash.high);
    AppendU64(bytes, version.hash.low);
  }
  for (const VersionVector::Entry& entry : version.vector.entries()) {
    AppendU64(bytes, entry.author);
    AppendU64(bytes, entry.counter);
  }
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

bool IndexBatch::empty() const {
  return rows.empty() && local_only_rows.empty() && erased_rows.empty() && conflicts.empty() &&
         needs.empty() && erased_needs.empty() && kept.empty() && erased_kept.empty() &&
         intents.empty() && erased_intents.empty() && peers.empty() && meta.empty() &&
         chunk_lists.empty() && gate_notes.empty();
}

}  // namespace atozsync
