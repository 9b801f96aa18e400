// WantedCopies: losing contents of conflicts that are not here yet, and when to try the next one.
// There may be thousands that nobody can give – a peer may have made them up –, so the due ones are
// found without looking at the others. Pure bookkeeping; loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sync/base/ids.h"

namespace atozsync {

class WantedCopies {
 public:
  // To be tried at once; one that was tried before goes on with its pauses.
  void Add(const ContentHash& conflict_id);
  // To be tried at once and as often as a new one: somebody may have it now.
  void AddAnew(const ContentHash& conflict_id);
  // Somebody may have it now: one without hope is to be tried as a new one. False: it is not one of
  // those; what has hope is tried again soon.
  bool HopeAgain(const ContentHash& conflict_id);
  void Erase(const ContentHash& conflict_id);
  // Was it wanted for so long that others, who asked here for it, may have given up?
  bool Late(const ContentHash& conflict_id, int64_t now_ms) const;
  std::optional<ContentHash> Due(int64_t now_ms) const;
  // The next try comes after a pause that grows; answers when.
  int64_t Tried(const ContentHash& conflict_id, int64_t now_ms);
  // INT64_MAX: nothing is wanted.
  int64_t next_due_ms() const { return due_.empty() ? INT64_MAX : due_.begin()->first; }
  // 0: what is left was tried often enough not to be waited for.
  size_t hopeful() const { return hopeful_; }
  bool Hopeless(const ContentHash& conflict_id) const;

 private:
  struct Wish {
    int64_t due_ms = 0;
    int tries = 0;
    std::optional<int64_t> since_ms;  // of the first try of all
  };

  std::map<ContentHash, Wish> wishes_;
  std::set<std::pair<int64_t, ContentHash>> due_;
  size_t hopeful_ = 0;
};

}  // namespace atozsync
