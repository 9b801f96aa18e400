// Which conflicts and paths fit a question: the part of FindConflicts() and FindPaths() that both
// indexes share. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/engine/index.h"

namespace atozsync {

// Finds a text whatever the letter case of a to z; bytes beyond ASCII as they are.
class FoldedText {
 public:
  explicit FoldedText(std::string_view text);
  bool IsIn(std::string_view haystack) const;

 private:
  std::string folded_;
};

// Takes conflicts one by one, gives the ids of the page. Keeps one path for each that fits.
class ConflictPicker {
 public:
  explicit ConflictPicker(const ConflictFilter& filter) : filter_(filter), text_(filter.text) {}
  // Of `record`: id, path, kind, detected_ms, state; the versions only where filter.replicas asks.
  void Add(const ConflictRecord& record);
  uint64_t total() const { return picked_.size(); }
  std::vector<ContentHash> TakePage();

 private:
  struct Picked {
    ContentHash id;
    int64_t number = 0;  // what it is ordered by, unless by path
    RelPath path;
  };
  bool Fits(const ConflictRecord& record) const;

  const ConflictFilter& filter_;
  const FoldedText text_;
  std::vector<Picked> picked_;
};

}  // namespace atozsync
