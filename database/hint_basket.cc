#include "database/hint_basket.h"

#include <map>
#include <optional>

#include "database/look_up.h"
#include "database/place.h"

namespace atozsync {

void HintBasket::Changed(int64_t pat_num) {
  if (anywhere_) return;
  changed_.insert(pat_num);
  if (changed_.size() > kPatientsMax) Anywhere();
}

void HintBasket::Urgent(int64_t pat_num) {
  if (urgent_.size() < kPatientsMax) urgent_.insert(pat_num);
}

void HintBasket::UrgentFile(int64_t pat_num, const std::string& file_name) {
  if (urgent_files_.size() < kFilesMax) urgent_files_.emplace(pat_num, file_name);
}

void HintBasket::Anywhere() {
  anywhere_ = true;
  changed_.clear();
}

bool HintBasket::empty() const {
  return !anywhere_ && changed_.empty() && urgent_.empty() && urgent_files_.empty();
}

HintBasket HintBasket::NextPart() const {
  HintBasket part;
  size_t left = kTakenMax;
  const auto some = [&left](const auto& from, auto& to) {
    for (auto at = from.begin(); at != from.end() && left > 0; ++at, --left) to.insert(*at);
  };
  some(urgent_files_, part.urgent_files_);
  some(urgent_, part.urgent_);
  part.anywhere_ = anywhere_ && left > 0;  // all that is urgent was told of
  some(changed_, part.changed_);
  return part;
}

void HintBasket::Remove(const HintBasket& part) {
  anywhere_ = anywhere_ && !part.anywhere_;
  for (const auto& file : part.urgent_files_) urgent_files_.erase(file);
  for (const int64_t pat_num : part.urgent_) urgent_.erase(pat_num);
  for (const int64_t pat_num : part.changed_) changed_.erase(pat_num);
}

Result<std::vector<RowHint>> HintBasket::Take(DatabaseConnection& connection, FolderMap& folders) {
  const HintBasket part = NextPart();
  std::set<int64_t> asked = part.changed_;
  asked.insert(part.urgent_.begin(), part.urgent_.end());
  for (const auto& [pat_num, name] : part.urgent_files_) asked.insert(pat_num);
  asked.erase(0);
  ASSIGN_OR_RETURN(const PatientDirs dirs,
                   AskPatientDirs(connection, folders, {asked.begin(), asked.end()}));
  Remove(part);
  return part.Hints(dirs);
}

std::vector<RowHint> HintBasket::Hints(const std::map<int64_t, RelPath>& dirs) const {
  std::vector<RowHint> hints;
  // What is urgent is known to be so before its change is looked at.
  for (const auto& [pat_num, name] : urgent_files_) {
    const auto dir = dirs.find(pat_num);
    if (dir == dirs.end() || !RelPath::IsValidName(name)) continue;
    hints.push_back({RowHintKind::kUrgent, dir->second.Child(name)});
  }
  for (const int64_t pat_num : urgent_) {
    const auto dir = dirs.find(pat_num);
    if (dir != dirs.end()) hints.push_back({RowHintKind::kUrgent, dir->second});
  }
  if (anywhere_) hints.push_back({RowHintKind::kChanged, RelPath()});
  for (const int64_t pat_num : changed_) {
    const auto dir = dirs.find(pat_num);
    if (dir != dirs.end()) hints.push_back({RowHintKind::kChanged, dir->second});
    if (pat_num == 0) {
      hints.push_back({RowHintKind::kChanged, RelPath::Trusted("MedLabEmbeddedFiles")});
    }
  }
  return hints;
}

}  // namespace atozsync
