#include "sync/engine/hasher.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace atozsync {

struct ContentHasher::State {
  XXH3_state_t* xxh = XXH3_createState();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XXH3_freeState(xxh); }
};

ContentHasher::ContentHasher(ByteSpan secret) : secret_(secret), state_(std::make_unique<State>()) {
  CHECK(secret_.size() >= XXH3_SECRET_SIZE_MIN && state_->xxh != nullptr);
  XXH3_128bits_reset_withSecret(state_->xxh, secret_.data(), secret_.size());
}

ContentHasher::~ContentHasher() = default;
ContentHasher::ContentHasher(ContentHasher&&) noexcept = default;

void ContentHasher::Update(ByteSpan bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

ContentHash ContentHasher::Finish() {
  XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  XXH3_128bits_reset_withSecret(state_->xxh, secret_.data(), secret_.size());
  return {hash.high64, hash.low64};
}

ContentHash HashOf(ByteSpan secret, ByteSpan bytes) {
  XXH128_hash_t hash =
      XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret.data(), secret.size());
  return {hash.high64, hash.low64};
}

namespace {

constexpr std::array<uint64_t, 256> MakeGear() {
  std::array<uint64_t, 256> gear{};
  uint64_t state = 0x61746f7a73796e63;  // "atozsync"; SplitMix64 from there (Steele et al., 2014)
  for (uint64_t& value : gear) {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    value = z ^ (z >> 31);
  }
  return gear;
}

constexpr std::array<uint64_t, 256> kGear = MakeGear();
// Normalization level 2: harder to cut before the normal size (16+2 bits), easier after (16-2). The
// high bits have seen the most bytes.
constexpr uint64_t kMaskBefore = ~uint64_t{0} << (64 - 18);
constexpr uint64_t kMaskAfter = ~uint64_t{0} << (64 - 14);

}  // namespace

size_t Chunker::FirstChunk(ByteSpan bytes, bool last) {
  size_t end = std::min(bytes.size(), kMaxBytes);
  size_t normal = std::min(end, kNormalBytes);
  uint64_t fingerprint = 0;
  size_t i = std::min(end, kMinBytes);
  for (; i < normal; ++i) {
    fingerprint = (fingerprint << 1) + kGear[bytes[i]];
    if ((fingerprint & kMaskBefore) == 0) return i + 1;
  }
  for (; i < end; ++i) {
    fingerprint = (fingerprint << 1) + kGear[bytes[i]];
    if ((fingerprint & kMaskAfter) == 0) return i + 1;
  }
  if (bytes.size() >= kMaxBytes) return kMaxBytes;
  return last ? bytes.size() : 0;
}

FileHasher::FileHasher(ByteSpan secret, bool chunked)
    : secret_(secret), chunked_(chunked), whole_(secret) {}

void FileHasher::Update(ByteSpan bytes) {
  whole_.Update(bytes);
  result_.size += bytes.size();
  if (!chunked_) return;
  if (!pending_.empty()) {
    // No cut was found in these: as much as the chunk that has begun can still take.
    const size_t had = pending_.size();
    const ByteSpan more = bytes.first(std::min(bytes.size(), Chunker::kMaxBytes - had));
    pending_.insert(pending_.end(), more.begin(), more.end());
    const size_t size = Chunker::FirstChunk(pending_, false);
    if (size == 0) return;
    AddChunk(ByteSpan(pending_).first(size));
    bytes = bytes.subspan(size - had);
    pending_.clear();
  }
  while (const size_t size = Chunker::FirstChunk(bytes, false)) {
    AddChunk(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  pending_.assign(bytes.begin(), bytes.end());
}

void FileHasher::AddChunk(ByteSpan chunk) {
  result_.chunks.push_back({HashOf(secret_, chunk), static_cast<uint32_t>(chunk.size())});
}

HashedFile FileHasher::Finish() {
  if (!pending_.empty()) AddChunk(pending_);
  pending_.clear();
  result_.hash = whole_.Finish();
  if (result_.size < kChunkedBytesMin) result_.chunks.clear();
  HashedFile finished = std::move(result_);
  result_ = HashedFile();
  return finished;
}

}  // namespace atozsync
