// SimHintSource: the watcher of one simulated process, fed by what happens in a SimFileSystem – by
// the user's hand and the agent's own, which no real watcher can tell apart.
//
// Hints arrive in order, late, sometimes twice; an overflow takes all that waited and leaves one
// "look at everything". Silent loss (a directory that could not be watched) is off unless asked
// for.
// `.atozsync` is not watched. Single-threaded; the file system outlives it; destroying it stops it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "sync/base/hint.h"
#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {

struct SimHintOptions {
  int64_t delay_max_ns = 20 * kMs;
  uint32_t duplicate_permille = 20;
  uint32_t overflow_permille = 0;     // per change
  uint32_t silent_loss_permille = 0;  // per change
  size_t queue_max = 16'384;          // as inotify's default; more is an overflow
};

class SimHintSource final : public HintSource {
 public:
  // `name` must be unique in the world.
  SimHintSource(SimScheduler& scheduler, SimFileSystem& files, const std::string& name,
                SimHintOptions options = {});
  ~SimHintSource() override;
  SimHintSource(const SimHintSource&) = delete;
  SimHintSource& operator=(const SimHintSource&) = delete;

  Status Start(Sink sink) override;
  void Flush() override;
  WatchStatus status() const override;

  // The process dies: nothing more is delivered.
  void Stop();
  // Loses what waits, as when the system's queue ran over.
  void Overflow();
  void SetOptions(SimHintOptions options) { options_ = options; }
  size_t waiting() const { return waiting_.size(); }
  uint64_t delivered() const { return delivered_; }

 private:
  void OnChange(const FsChange& change);
  void Enqueue(Hint hint);
  void ScheduleDelivery();
  void DeliverAll();

  SimScheduler& scheduler_;
  SimFileSystem& files_;
  SimRandom random_;
  SimHintOptions options_;
  std::string label_;
  Sink sink_;
  std::deque<Hint> waiting_;
  uint64_t listener_ = 0;
  SimScheduler::EventId delivery_ = 0;
  uint64_t overflows_ = 0;
  uint64_t delivered_ = 0;
};

}  // namespace atozsync
