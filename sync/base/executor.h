// Executor: part of the seam. One loop thread on which all engine and protocol state lives, and
// worker lanes for what may block.
//
// A completion is never delivered inside the call that starts the work. All methods are called on
// the loop thread only (tests: the one thread there is). Destroying the executor drops what has not
// run.
#pragma once

#include <cstdint>

#include "sync/base/unique_function.h"

namespace atozsync {

using Task = UniqueFunction<void()>;
using TimerId = uint64_t;  // 0 = none

// Each lane runs its jobs in the order they were given, at most `width` at once (set by the real
// executor); lanes do not wait for each other.
enum class Lane {
  kHash,   // read and hash: width = cores
  kWrite,  // sync, swap: one at a time, so that the order of effects is the order given
  kWalk,   // list directories
  kRows,   // ask the practice's database: one at a time, on one connection
  kStage,  // verify what came and write it into staging, while kWrite waits for the disk
};
inline constexpr int kLaneCount = 5;

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `task` on the loop thread in a later turn, in order.
  virtual void Post(Task task) = 0;
  virtual TimerId PostAfter(int64_t delay_ms, Task task) = 0;
  // Forgets a timer; harmless when it has run or is 0.
  virtual void CancelTimer(TimerId id) = 0;
  // Runs `work` on a worker of `lane`, then `done` on the loop thread. `work` owns or shares all it
  // touches; it must not touch loop state.
  virtual void Run(Lane lane, Task work, Task done) = 0;
};

}  // namespace atozsync
