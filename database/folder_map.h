// FolderMap: which patients own a folder whose name does not lead to them – cut at 100 characters,
// shared by two patients, edited by hand. patient.ImageFolder has no index, so one slow walk over
// all patients by primary key finds them, and what look-ups and hints come across is added at once.
// Ordinary folders are not kept.
//
// One thread at a time. At most kOddMax folders (about 20 MB); with more, IsSure() never is.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "database/connection.h"
#include "sync/base/rel_path.h"

namespace atozsync {

class FolderMap {
 public:
  static constexpr size_t kOddMax = 100000;
  static constexpr int kChunkRows = 500;
  static constexpr int64_t kFreshMs = 10 * 60 * 1000;        // older: "nobody" is not believed
  static constexpr int64_t kRoundPauseMs = 60 * 1000;        // from one round's begin to the next
  static constexpr int64_t kFirstPauseMs = 20;               // between chunks while nothing is sure
  static constexpr int64_t kRoundAnywayMs = 30 * 60 * 1000;  // a round comes this often, unasked

  explicit FolderMap(int64_t chunk_pause_ms) : chunk_pause_ms_(chunk_pause_ms) {}

  // `dir`: "S/SmithJohn15". The odd owners that are known; ask for each whether it still is one.
  std::vector<int64_t> OwnersOf(const std::string& dir) const;
  // Whether the folder has no odd owners beside those. Of a folder that has an owner this is
  // believed once all patients were walked through; of one that has none only for a while, and
  // when that is over a new round is asked for.
  bool IsSure(bool has_owner, int64_t now_ms);
  // A patient that was read for another reason. `upper_first`: of the folder's first character.
  void Learn(int64_t pat_num, const std::string& image_folder, const std::string& upper_first);
  // Nothing is sure until a new round has ended: the connection was away.
  void Doubt(int64_t now_ms);

  // A whole round has ended since Doubt().
  bool walked() const { return sure_; }

  int64_t due_ms() const { return due_ms_; }
  // Reads the next chunk.
  Status Step(DatabaseConnection& connection, int64_t now_ms);

 private:
  using Folders = std::unordered_map<std::string, std::vector<int64_t>>;
  void Add(Folders& folders, const std::string& dir, int64_t pat_num);
  void BeginRound(int64_t now_ms);

  const int64_t chunk_pause_ms_;
  Folders known_;
  Folders found_;  // by the round under way
  bool walking_ = true;
  bool overflown_ = false;
  bool sure_ = false;           // a round has ended since Doubt()
  int64_t known_began_ms_ = 0;  // when the round began that made known_
  int64_t began_ms_ = 0;
  int64_t after_pat_num_ = INT64_MIN;
  int64_t due_ms_ = 0;
};

}  // namespace atozsync
