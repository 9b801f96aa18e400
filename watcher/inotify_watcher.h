// InotifyWatcher: hints from the kernel about every directory below a root.
//
// Not recursive in the kernel: each directory has its own watch. A directory is watched first and
// listed afterwards, so that what is made in between is found by one or told by the other
// (docs/watching.md has the whole argument). The walk that sets watches goes on after Start() in
// bounded steps; a directory that becomes watched later than Start() gets a hint then: kRecursive
// when it has just appeared, else kDir (its subdirectories get their own).
//
// Loop thread only; listing runs on Lane::kWalk. `loop` and `executor` outlive the watcher, and the
// loop must run once more after it is destroyed (libuv frees its handle there). The sink must not
// destroy the watcher. Hints come in turns of their own, except inside Flush().
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <vector>

#include "sync/base/executor.h"
#include "sync/base/hint.h"
#include "watcher/event_reducer.h"
#include "watcher/inotify_handle.h"
#include "watcher/walk_queue.h"
#include "watcher/watch_tree.h"
#include "watcher/watcher_options.h"

namespace atozsync {

class InotifyWatcher final : public HintSource {
 public:
  InotifyWatcher(uv_loop_t* loop, Executor& executor, std::string root_directory,
                 WatcherOptions options);
  ~InotifyWatcher() override;
  InotifyWatcher(const InotifyWatcher&) = delete;
  InotifyWatcher& operator=(const InotifyWatcher&) = delete;

  // kNotFound when the root is not there. A reached limit is no error: see status().
  Status Start(Sink sink) override;
  // Reads all that waits in the kernel and gives it to the sink before returning. Directories whose
  // watch is still being set are given as kRecursive; those that cannot be watched are not covered.
  void Flush() override;
  WatchStatus status() const override;

 private:
  // Bounds of one turn of the loop.
  static constexpr size_t kReadBytes = 64 * 1024;
  static constexpr int kReadsPerTurn = 8;
  static constexpr size_t kDirectoriesPerTurn = 64;
  // More directories than this still to be watched: Flush() names the root instead of each.
  static constexpr size_t kFlushDirectoriesMax = 64;

  enum class Watched { kNew, kSame, kUnwatched, kGone };
  struct Listing {
    WalkItem item;
    Status status;
    std::vector<std::string> names;
  };

  static void OnPoll(uv_poll_t* handle, int status, int events) noexcept;
  void OnReadable();
  size_t ReadOnce(std::vector<Hint>* hints);
  void Absorb(ByteSpan bytes, std::vector<Hint>* hints);
  void Break(const Status& reason, std::vector<Hint>* hints);

  std::string Absolute(const RelPath& path) const;
  Watched Watch(const RelPath& directory);
  void RemoveWatches(const std::vector<int>& wds);
  void CheckRoot(std::vector<Hint>* hints);
  void RewalkAll();
  void ScheduleWalk();
  void WalkStep();
  void WalkDone(const std::vector<Listing>& listings);
  void ScheduleMoveExpiry();
  void Poll();
  void Deliver(const std::vector<Hint>& hints);
  // `task`, unless the watcher is gone by then.
  Task WhileAlive(void (InotifyWatcher::*method)());

  uv_loop_t* const loop_;
  Executor& executor_;
  const std::string root_;
  const WatcherOptions options_;
  Sink sink_;

  InotifyHandle inotify_;
  uv_poll_t* poll_ = nullptr;  // owned by the loop once closed
  Bytes buffer_;
  WatchTree tree_;
  WalkQueue queue_;
  std::vector<RelPath> being_listed_;  // watched, their subdirectories not yet known
  bool walk_posted_ = false;
  bool sweeping_ = false;      // a walk of the whole tree is under way; what it misses is gone
  bool rewalk_again_ = false;  // events were lost during that walk
  bool root_gone_ = false;
  TimerId poll_timer_ = 0;
  TimerId move_timer_ = 0;
  uint64_t overflows_ = 0;
  int unwatched_errno_ = 0;  // why the last directory could not be watched
  std::string broken_;       // the descriptor failed: only polling is left
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace atozsync
