#include "database/folder_map.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "database/place.h"

namespace atozsync {

std::vector<int64_t> FolderMap::OwnersOf(const std::string& dir) const {
  const auto found = known_.find(dir);
  return found == known_.end() ? std::vector<int64_t>() : found->second;
}

bool FolderMap::IsSure(bool has_owner, int64_t now_ms) {
  if (!sure_ || overflown_) return false;
  if (has_owner || now_ms - known_began_ms_ <= kFreshMs) return true;
  if (!walking_) due_ms_ = std::min(due_ms_, began_ms_ + kRoundPauseMs);
  return false;
}

void FolderMap::Learn(int64_t pat_num, const std::string& image_folder,
                      const std::string& upper_first) {
  if (!IsOddFolder(pat_num, image_folder)) return;
  const std::optional<RelPath> dir = PatientDir(upper_first, image_folder);
  if (!dir) return;
  Add(known_, dir->str(), pat_num);
  if (walking_) Add(found_, dir->str(), pat_num);
}

void FolderMap::Add(Folders& folders, const std::string& dir, int64_t pat_num) {
  if (folders.size() >= kOddMax && folders.count(dir) == 0) {
    overflown_ = true;
    return;
  }
  std::vector<int64_t>& owners = folders[dir];
  if (std::find(owners.begin(), owners.end(), pat_num) == owners.end()) owners.push_back(pat_num);
}

void FolderMap::Doubt(int64_t now_ms) {
  sure_ = false;
  BeginRound(now_ms);
  due_ms_ = now_ms;
}

void FolderMap::BeginRound(int64_t now_ms) {
  walking_ = true;
  found_.clear();
  overflown_ = false;
  began_ms_ = now_ms;
  after_pat_num_ = INT64_MIN;
}

Status FolderMap::Step(DatabaseConnection& connection, int64_t now_ms) {
  if (!walking_) BeginRound(now_ms);
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SELECT PatNum, ImageFolder, UPPER(LEFT(ImageFolder,1)) FROM "
                                    "patient WHERE PatNum > " +
                                        std::to_string(after_pat_num_) + " ORDER BY PatNum LIMIT " +
                                        std::to_string(kChunkRows),
                                    3));
  for (const Row& row : rows) {
    const int64_t pat_num = NumberIn(row[0]).value_or(after_pat_num_);
    after_pat_num_ = pat_num;
    Learn(pat_num, TextIn(row[1]), TextIn(row[2]));
  }
  if (rows.size() == kChunkRows) {
    due_ms_ = now_ms + (sure_ ? chunk_pause_ms_ : std::min(kFirstPauseMs, chunk_pause_ms_));
    return Status::Ok();
  }
  known_ = std::exchange(found_, {});
  known_began_ms_ = began_ms_;
  walking_ = false;
  sure_ = true;
  due_ms_ = began_ms_ + kRoundAnywayMs;
  return Status::Ok();
}

}  // namespace atozsync
