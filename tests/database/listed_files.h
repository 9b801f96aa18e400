// ListedFiles: a list of files for the consistency report, as a test says it is; and findings as
// lines that a test can compare. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "database/report.h"

namespace atozsync {

class ListedFiles final : public FileList {
 public:
  explicit ListedFiles(const std::vector<std::string>& here = {}) {
    for (const std::string& path : here) Here(path);
  }
  void Here(const std::string& path) { Put(path, FilePlace::kHere, ""); }
  void Coming(const std::string& path, const std::string& from) {
    Put(path, FilePlace::kComing, from);
  }
  void Held(const std::string& path, const std::string& why) { Put(path, FilePlace::kHeld, why); }
  // Only LookUp() sees this: it happened after the listing.
  void ComesLater(const std::string& path) { later_[path] = FilePlace::kHere; }
  void GoesLater(const std::string& path) { later_[path] = FilePlace::kNowhere; }

  Result<std::vector<ListedFile>> NextPage() override {
    std::vector<ListedFile> page;
    auto at = next_.empty() ? files_.begin() : files_.upper_bound(next_);
    for (; at != files_.end() && page.size() < kPageMax; ++at) page.push_back(at->second);
    if (!page.empty()) next_ = page.back().path.str();
    return page;
  }
  Result<std::vector<ListedFile>> LookUp(const std::vector<RelPath>& paths) override {
    std::vector<ListedFile> answers;
    for (const RelPath& path : paths) {
      auto found = files_.find(path.str());
      ListedFile answer{path, FilePlace::kNowhere, "", false};
      if (found != files_.end()) answer = found->second;
      if (later_.count(path.str()) > 0) answer.place = later_[path.str()];
      answers.push_back(answer);
    }
    return answers;
  }
  Result<std::vector<PeersWord>> AskPeers(const std::vector<RelPath>& paths) override {
    std::vector<PeersWord> words;
    for (const RelPath& path : paths) {
      asked.push_back(path.str());
      words.push_back(peers_say[path.str()]);
    }
    return words;
  }

  std::map<std::string, PeersWord> peers_say;
  std::vector<std::string> asked;

 private:
  void Put(const std::string& path, FilePlace place, const std::string& from) {
    files_[path] = {RelPath::Trusted(path), place, from, false};
  }
  std::map<std::string, ListedFile> files_;
  std::map<std::string, FilePlace> later_;
  std::string next_;
};

// "missing document 393 16 O/…/TPArchive393.pdf in-transit", "case-only … -> …".
inline std::string FindingLine(const Finding& finding) {
  std::string line = std::string(FindingKindName(finding.kind)) + " " + finding.table + " " +
                     std::to_string(finding.key) + " " + std::to_string(finding.pat_num) + " " +
                     finding.path.str();
  if (!finding.found_at.is_root()) line += " -> " + finding.found_at.str();
  if (!finding.where.empty()) line += " " + finding.where;
  return line;
}

}  // namespace atozsync
