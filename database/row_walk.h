// RowWalk: remembers every row of a table in a few bytes, reads the table again chunk by chunk by
// its primary key, and says what came, changed or went since the last round. Finds what nothing
// else does: rows that replicate hours late, with low keys; rows deleted without a word in the log;
// keys given at random.
//
// Pure: the caller reads. One thread at a time. About 8 bytes a row and 100 a chunk; above
// kBytesMax in all (8 million rows) a chunk keeps only a digest, and a change in it is told of for
// every patient in it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database/recent_keys.h"

namespace atozsync {

class RowWalk {
 public:
  static constexpr size_t kChunkRows = 500;
  static constexpr size_t kReadRowsMax = 2 * kChunkRows;  // of one range
  static constexpr size_t kRecentChunks = 40;             // 20,000 rows
  static constexpr size_t kBytesMax = size_t{64} << 20;

  explicit RowWalk(size_t bytes_max = kBytesMax);

  // The rows to read next: keys above `after` and, where given, not above `through`, in order,
  // `limit` of them at most.
  struct Range {
    int64_t after = INT64_MIN;
    std::optional<int64_t> through;
    size_t limit = kReadRowsMax;
  };
  // Of the walk over all, and of the walk over the newest kRecentChunks chunks.
  Range NextOfAll() const;
  Range NextOfRecent() const;

  // `is_new`: the key was not there before.
  using Noticed = std::function<void(const KeyedRow& row, bool is_new)>;
  // What was read of a range. What a range held is remembered the first time, and compared from
  // then on.
  void TakeOfAll(const Range& range, const std::vector<KeyedRow>& rows, const Noticed& noticed);
  void TakeOfRecent(const Range& range, const std::vector<KeyedRow>& rows, const Noticed& noticed);

  // Whole rounds of the walk over all.
  uint64_t rounds() const { return rounds_; }
  size_t chunks() const { return chunks_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Chunk {
    bool known = false;
    bool digest_only = false;
    std::string packed;
  };
  // By the key after which the chunk begins; it ends where the next begins.
  using Chunks = std::map<int64_t, Chunk>;

  Range RangeOf(Chunks::const_iterator chunk) const;
  Chunks::const_iterator ChunkAt(int64_t cursor) const;
  // Where the next chunk begins; nothing behind the last.
  std::optional<int64_t> Take(const Range& range, const std::vector<KeyedRow>& rows,
                              const Noticed& noticed);
  void Put(int64_t after, Chunk chunk);
  Chunk Packed(const std::vector<KeyedRow>& rows) const;
  void Compare(const Chunk& before, const std::vector<KeyedRow>& rows, int64_t through,
               const Noticed& noticed) const;
  std::optional<int64_t> MergeSmall(int64_t after, std::optional<int64_t> next);

  const size_t bytes_max_;
  Chunks chunks_;
  size_t bytes_ = 0;
  int64_t all_cursor_ = INT64_MIN;
  int64_t recent_cursor_ = INT64_MIN;
  uint64_t rounds_ = 0;
};

}  // namespace atozsync
