// Purger: removes kept versions whose retention has ended, by the RetentionClock – never the losing
// bytes of an open conflict, and never before a last look for a late write. A page at a time, so
// that disk and memory stay bounded; what cannot be looked at or removed is tried again after a
// second, then less and less often.
//
// Loop thread only.
#pragma once

#include <functional>

#include "sync/engine/core.h"

namespace atozsync {

// What a look at a kept file found: a late write (then it was logged and stays), nothing new, or
// nothing at all, as it could not be read.
enum class LateLook { kWritten, kSame, kUnknown };

class Purger {
 public:
  // Also forgets the row of one that is gone.
  using LookAgain = std::function<void(const KeptVersion&, UniqueFunction<void(LateLook)>)>;

  Purger(Core& core, LookAgain look_again);
  ~Purger();
  void Start();

 private:
  void Turn();
  void RetrySoon();
  bool AdoptedLately(int64_t before_ms) const;
  void Page();
  void Remove(const KeptVersion& kept);
  void OnDone(bool removed);
  bool Held(const KeptVersion& kept);

  Core& core_;
  LookAgain look_again_;
  TimerId timer_ = 0;
  TimerId retry_timer_ = 0;
  int64_t retry_ms_ = 0;  // the next pause
  bool failed_ = false;   // something of this turn
  size_t under_way_ = 0;
  size_t removed_ = 0;  // of this page
  size_t held_ = 0;     // the oldest ones, all of open conflicts
  bool more_ = false;   // than this page
};

}  // namespace atozsync
