#include "sync/engine/block_delta.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "sync/base/check.h"
#include "sync/base/varint.h"
#include "sync/engine/hasher.h"

namespace atozsync {

namespace {

constexpr uint32_t kBlockBytesMin = 256;
constexpr uint32_t kBlockBytesMax = 8192;
constexpr size_t kAlikeMax = 4;  // blocks of one weak sum that are told apart by the strong one
// Strong sums of `raw` that may be taken in vain: sums made up to match everywhere end the search.
constexpr size_t kInVainMax = 4096;

// Both halves of rsync's rolling sum, each modulo 2^16.
class RollingSum {
 public:
  explicit RollingSum(ByteSpan block) : bytes_(static_cast<uint32_t>(block.size())) {
    for (uint8_t byte : block) {
      low_ += byte;
      high_ += low_;
    }
  }
  void Roll(uint8_t out, uint8_t in) {
    low_ += in - uint32_t{out};
    high_ += low_ - bytes_ * out;
  }
  uint32_t value() const { return (low_ & 0xffff) | (high_ << 16); }

 private:
  uint32_t bytes_;
  uint32_t low_ = 0;
  uint32_t high_ = 0;
};

uint32_t StrongSum(ByteSpan secret, ByteSpan block) {
  return static_cast<uint32_t>(HashOf(secret, block).low);
}

struct Block {
  uint32_t weak = 0;
  uint32_t strong = 0;
  uint32_t number = 0;
};

// Blocks by weak sum; most offsets are told apart by one bit.
class BlockTable {
 public:
  explicit BlockTable(ByteSpan sums) : weak_seen_(1u << 16) {
    for (size_t at = 0; at + kBlockSumBytes <= sums.size(); at += kBlockSumBytes) {
      uint32_t weak = GetU32(sums.subspan(at));
      blocks_.push_back(
          {weak, GetU32(sums.subspan(at + 4)), static_cast<uint32_t>(blocks_.size())});
      weak_seen_[Short(weak)] = true;
    }
    numbered_ = blocks_;
    std::sort(blocks_.begin(), blocks_.end(), [](const Block& a, const Block& b) {
      return std::tie(a.weak, a.strong, a.number) < std::tie(b.weak, b.strong, b.number);
    });
    auto same = [](const Block& a, const Block& b) {
      return a.weak == b.weak && a.strong == b.strong;
    };
    blocks_.erase(std::unique(blocks_.begin(), blocks_.end(), same), blocks_.end());
  }

  bool MayHave(uint32_t weak) const { return weak_seen_[Short(weak)]; }
  // Of that weak sum, at most kAlikeMax.
  std::span<const Block> Alike(uint32_t weak) const {
    auto first =
        std::lower_bound(blocks_.begin(), blocks_.end(), weak,
                         [](const Block& block, uint32_t sum) { return block.weak < sum; });
    auto last = first;
    while (last != blocks_.end() && last->weak == weak && last - first < ptrdiff_t{kAlikeMax}) {
      ++last;
    }
    return {first, last};
  }
  // The block that follows in the base, so that a run stays a run where blocks repeat.
  const Block* Numbered(uint32_t number) const {
    return number < numbered_.size() ? &numbered_[number] : nullptr;
  }

 private:
  static uint32_t Short(uint32_t weak) { return (weak ^ (weak >> 16)) & 0xffff; }

  std::vector<bool> weak_seen_;
  std::vector<Block> blocks_;
  std::vector<Block> numbered_;
};

class DeltaWriter {
 public:
  explicit DeltaWriter(ByteSpan raw) : raw_(raw) {}
  void Copy(uint32_t number, size_t at, size_t bytes) {
    if (count_ > 0 && number == first_ + count_ && at == done_) {
      ++count_;
    } else {
      Flush(at);
      first_ = number;
      count_ = 1;
    }
    done_ = at + bytes;
  }
  uint32_t next_block() const { return count_ > 0 ? first_ + count_ : 0; }
  Bytes Finish() {
    Flush(raw_.size());
    return std::move(out_);
  }

 private:
  // The run that was going on, and what lies between it and `at`.
  void Flush(size_t at) {
    if (count_ > 0) {
      PutVarint(out_, 2 * uint64_t{count_} + 1);
      PutVarint(out_, first_);
    }
    count_ = 0;
    if (at == done_) return;
    PutVarint(out_, 2 * (at - done_));
    out_.insert(out_.end(), raw_.begin() + static_cast<ptrdiff_t>(done_),
                raw_.begin() + static_cast<ptrdiff_t>(at));
    done_ = at;
  }

  const ByteSpan raw_;
  Bytes out_;
  size_t done_ = 0;  // of `raw`, the run included
  uint32_t first_ = 0;
  uint32_t count_ = 0;
};

// Finds what stands at one offset of the new bytes.
class BlockFinder {
 public:
  BlockFinder(ByteSpan secret, ByteSpan sums) : secret_(secret), table_(sums) {}

  // The block that equals `bytes`, whose weak sum is `weak`; null: none. Of several that do the one
  // that goes on with a run (`next`).
  const Block* Find(uint32_t weak, ByteSpan bytes, uint32_t next) {
    if (!table_.MayHave(weak)) return nullptr;
    const std::span<const Block> alike = table_.Alike(weak);
    const Block* goes_on = table_.Numbered(next);
    if (goes_on != nullptr && goes_on->weak != weak) goes_on = nullptr;
    if (goes_on == nullptr && alike.empty()) return nullptr;
    const uint32_t strong = StrongSum(secret_, bytes);
    if (goes_on != nullptr && goes_on->strong == strong) return goes_on;
    for (const Block& block : alike) {
      if (block.strong == strong) return &block;
    }
    ++in_vain_;
    return nullptr;
  }
  bool gave_up() const { return in_vain_ > kInVainMax; }

 private:
  const ByteSpan secret_;
  const BlockTable table_;
  size_t in_vain_ = 0;
};

}  // namespace

uint32_t DeltaBlockBytes(size_t base_bytes) {
  uint32_t bytes = kBlockBytesMin;
  while (bytes < kBlockBytesMax && size_t{bytes} * bytes < base_bytes * kBlockSumBytes) bytes *= 2;
  return bytes;
}

Bytes SumBlocks(ByteSpan secret, ByteSpan base, uint32_t block_bytes) {
  Bytes sums(base.size() / block_bytes * kBlockSumBytes);
  for (size_t i = 0; i < base.size() / block_bytes; ++i) {
    const ByteSpan block = base.subspan(i * block_bytes, block_bytes);
    const MutableByteSpan out = MutableByteSpan(sums).subspan(i * kBlockSumBytes);
    PutU32(out, RollingSum(block).value());
    PutU32(out.subspan(4), StrongSum(secret, block));
  }
  return sums;
}

std::optional<Bytes> MakeDelta(ByteSpan secret, ByteSpan sums, uint32_t block_bytes, ByteSpan raw) {
  CHECK(block_bytes > 0 && sums.size() % kBlockSumBytes == 0);
  if (sums.empty() || raw.size() < block_bytes) return std::nullopt;
  BlockFinder finder(secret, sums);
  DeltaWriter writer(raw);
  size_t at = 0;
  RollingSum sum(raw.first(block_bytes));
  while (!finder.gave_up()) {
    const ByteSpan bytes = raw.subspan(at, block_bytes);
    if (const Block* found = finder.Find(sum.value(), bytes, writer.next_block())) {
      writer.Copy(found->number, at, block_bytes);
      at += block_bytes;
      if (at + block_bytes > raw.size()) break;
      sum = RollingSum(raw.subspan(at, block_bytes));
    } else {
      if (at + block_bytes >= raw.size()) break;
      sum.Roll(raw[at], raw[at + block_bytes]);
      ++at;
    }
  }
  Bytes delta = writer.Finish();
  if (delta.size() >= raw.size()) return std::nullopt;
  return delta;
}

Result<Bytes> ApplyDelta(ByteSpan base, uint32_t block_bytes, ByteSpan delta, size_t raw_bytes) {
  CHECK(block_bytes > 0);
  const Status wrong(Errc::kCorrupt, "the peer's delta does not fit");
  const uint64_t blocks = base.size() / block_bytes;
  Bytes raw;
  raw.reserve(raw_bytes);
  while (!delta.empty()) {
    std::optional<uint64_t> head = TakeVarint(delta);
    if (!head) return wrong;
    ByteSpan piece;
    if (*head % 2 == 0) {
      if (*head / 2 > delta.size()) return wrong;
      piece = delta.first(*head / 2);
      delta = delta.subspan(piece.size());
    } else {
      std::optional<uint64_t> first = TakeVarint(delta);
      uint64_t count = *head / 2;
      if (!first || *first > blocks || count > blocks - *first) return wrong;
      piece = base.subspan(*first * block_bytes, count * block_bytes);
    }
    if (piece.empty() || piece.size() > raw_bytes - raw.size()) return wrong;
    raw.insert(raw.end(), piece.begin(), piece.end());
  }
  if (raw.size() != raw_bytes) return wrong;
  return raw;
}

}  // namespace atozsync
