#include "database/row_walk.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace atozsync {
namespace {

constexpr size_t kSmallRows = RowWalk::kChunkRows / 4;

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

uint64_t TakeVarint(const std::string& in, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(in[at++]);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
}

// Patients' numbers jump both ways.
uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

int64_t Sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

std::string Pack(const std::vector<KeyedRow>& rows) {
  std::string packed;
  int64_t key = 0;
  int64_t pat_num = 0;
  for (const KeyedRow& row : rows) {
    PutVarint(packed, ZigZag(Difference(row.key, key)));
    PutVarint(packed, ZigZag(Difference(row.pat_num, pat_num)));
    for (int shift = 0; shift < 32; shift += 8) {
      packed.push_back(static_cast<char>(row.digest >> shift));
    }
    key = row.key;
    pat_num = row.pat_num;
  }
  packed.shrink_to_fit();
  return packed;
}

std::vector<KeyedRow> Unpack(const std::string& packed) {
  std::vector<KeyedRow> rows;
  int64_t key = 0;
  int64_t pat_num = 0;
  for (size_t at = 0; at < packed.size();) {
    key = Sum(key, UnZigZag(TakeVarint(packed, at)));
    pat_num = Sum(pat_num, UnZigZag(TakeVarint(packed, at)));
    uint32_t digest = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      digest |= uint32_t{static_cast<unsigned char>(packed[at++])} << shift;
    }
    rows.push_back({key, pat_num, digest, {}});
  }
  return rows;
}

// FNV-1a.
std::string DigestOf(const std::string& bytes) {
  uint64_t digest = 0xcbf29ce484222325u;
  for (const char c : bytes) {
    digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return std::string(reinterpret_cast<const char*>(&digest), sizeof(digest));
}

}  // namespace

RowWalk::RowWalk(size_t bytes_max) : bytes_max_(bytes_max) {
  chunks_.emplace(INT64_MIN, Chunk());
}

RowWalk::Chunks::const_iterator RowWalk::ChunkAt(int64_t cursor) const {
  return std::prev(chunks_.upper_bound(cursor));
}

RowWalk::Range RowWalk::RangeOf(Chunks::const_iterator chunk) const {
  Range range;
  range.after = chunk->first;
  const auto next = std::next(chunk);
  if (next != chunks_.end()) range.through = next->first;
  // What is beyond the end, or not known yet, comes in chunks of the usual size.
  if (!range.through || !chunk->second.known) range.limit = kChunkRows;
  return range;
}

RowWalk::Range RowWalk::NextOfAll() const {
  return RangeOf(ChunkAt(all_cursor_));
}

RowWalk::Range RowWalk::NextOfRecent() const {
  const auto first = chunks_.size() <= kRecentChunks
                         ? chunks_.begin()
                         : std::prev(chunks_.end(), static_cast<ptrdiff_t>(kRecentChunks));
  return RangeOf(recent_cursor_ < first->first ? first : ChunkAt(recent_cursor_));
}

void RowWalk::TakeOfAll(const Range& range, const std::vector<KeyedRow>& rows,
                        const Noticed& noticed) {
  const std::optional<int64_t> next = Take(range, rows, noticed);
  all_cursor_ = next.value_or(INT64_MIN);
  if (!next) ++rounds_;
}

void RowWalk::TakeOfRecent(const Range& range, const std::vector<KeyedRow>& rows,
                           const Noticed& noticed) {
  recent_cursor_ = Take(range, rows, noticed).value_or(INT64_MIN);
}

std::optional<int64_t> RowWalk::Take(const Range& range, const std::vector<KeyedRow>& rows,
                                     const Noticed& noticed) {
  const auto at = chunks_.find(range.after);
  if (at == chunks_.end()) return range.through;  // the other walk has merged it away
  const Chunk before = std::exchange(at->second, Chunk());
  bytes_ -= before.packed.size();
  const bool cut = rows.size() >= range.limit;
  const int64_t through = cut ? rows.back().key : range.through.value_or(INT64_MAX);
  if (before.known) Compare(before, rows, through, noticed);

  std::optional<int64_t> next = range.through;
  if (cut && through != range.through) {
    // The rest is what it was.
    Chunk rest;
    rest.known = before.known;
    rest.digest_only = before.digest_only;
    if (before.digest_only) {
      rest.known = false;
    } else {
      std::vector<KeyedRow> old = Unpack(before.packed);
      old.erase(std::remove_if(old.begin(), old.end(),
                               [&](const KeyedRow& row) { return row.key <= through; }),
                old.end());
      rest.packed = Pack(old);
    }
    Put(through, std::move(rest));
    next = through;
  }
  int64_t after = range.after;
  const size_t pieces = std::max<size_t>(1, rows.size() / kChunkRows);
  const size_t size = (rows.size() + pieces - 1) / pieces;
  for (size_t begin = 0; begin == 0 || begin < rows.size(); begin += std::max<size_t>(1, size)) {
    const size_t end = std::min(rows.size(), begin + size);
    Put(after, Packed({rows.begin() + static_cast<ptrdiff_t>(begin),
                       rows.begin() + static_cast<ptrdiff_t>(end)}));
    if (end > begin) after = rows[end - 1].key;
  }
  return rows.size() < kSmallRows ? MergeSmall(range.after, next) : next;
}

void RowWalk::Put(int64_t after, Chunk chunk) {
  Chunk& place = chunks_[after];
  bytes_ -= place.packed.size();
  bytes_ += chunk.packed.size();
  place = std::move(chunk);
}

RowWalk::Chunk RowWalk::Packed(const std::vector<KeyedRow>& rows) const {
  Chunk chunk;
  chunk.known = true;
  chunk.packed = Pack(rows);
  chunk.digest_only = bytes_ + chunk.packed.size() > bytes_max_;
  if (chunk.digest_only) chunk.packed = DigestOf(chunk.packed);
  return chunk;
}

void RowWalk::Compare(const Chunk& before, const std::vector<KeyedRow>& rows, int64_t through,
                      const Noticed& noticed) const {
  if (before.digest_only) {
    if (DigestOf(Pack(rows)) == before.packed) return;
    for (const KeyedRow& row : rows) noticed(row, false);
    return;
  }
  const std::vector<KeyedRow> old = Unpack(before.packed);
  auto was = old.begin();
  for (const KeyedRow& row : rows) {
    for (; was != old.end() && was->key < row.key; ++was) noticed(*was, false);
    if (was == old.end() || was->key > row.key) {
      noticed(row, true);
      continue;
    }
    if (was->pat_num != row.pat_num) noticed(*was, false);
    if (was->pat_num != row.pat_num || was->digest != row.digest) noticed(row, false);
    ++was;
  }
  for (; was != old.end() && was->key <= through; ++was) noticed(*was, false);
}

std::optional<int64_t> RowWalk::MergeSmall(int64_t after, std::optional<int64_t> next) {
  if (!next) return next;
  const auto small = chunks_.find(after);
  const auto big = chunks_.find(*next);
  if (small == chunks_.end() || big == chunks_.end() || std::next(small) != big) return next;
  if (!big->second.known || big->second.digest_only || small->second.digest_only) return next;
  std::vector<KeyedRow> rows = Unpack(small->second.packed);
  const std::vector<KeyedRow> more = Unpack(big->second.packed);
  rows.insert(rows.end(), more.begin(), more.end());
  if (rows.size() > kChunkRows + kSmallRows) return next;
  bytes_ -= big->second.packed.size();
  chunks_.erase(big);
  Chunk merged;
  merged.known = true;
  merged.packed = Pack(rows);
  Put(after, std::move(merged));
  // Read again as a whole: nothing is passed over.
  return after;
}

}  // namespace atozsync
