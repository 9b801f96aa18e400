// WindowsWatcher: hints from ReadDirectoryChangesW() about everything below a root, by one handle
// with a buffer of 64 KiB (the most that also works across a network).
//
// Windows tells of a whole tree itself, so there is nothing to walk. What does not fit into its
// buffer it drops and says so: then everything is looked at. It does not tell when a writer closes
// a file. An event's path is a hint: under a directory that was just renamed it can be the old one.
//
// Loop thread only. `loop` outlives the watcher and must run once more after it is destroyed (libuv
// frees its handle there). The sink must not destroy the watcher. Hints come in turns of their own,
// except inside Flush().
#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/executor.h"
#include "sync/base/hint.h"
#include "watcher/watcher_options.h"

namespace atozsync {

class WindowsWatcher final : public HintSource {
 public:
  WindowsWatcher(uv_loop_t* loop, Executor& executor, std::string root_directory,
                 WatcherOptions options);
  ~WindowsWatcher() override;
  WindowsWatcher(const WindowsWatcher&) = delete;
  WindowsWatcher& operator=(const WindowsWatcher&) = delete;

  // kNotFound when the root is not there.
  Status Start(Sink sink) override;
  void Flush() override;
  WatchStatus status() const override;

 private:
  class Reader;  // the handle and the read that is under way

  static void OnAsync(uv_async_t* handle) noexcept;
  // All that has arrived. Begins the next read.
  std::vector<Hint> Take();
  void Absorb(ByteSpan bytes, std::vector<Hint>* hints);
  void Break(const Status& reason, std::vector<Hint>* hints);
  void Poll();
  void Deliver(const std::vector<Hint>& hints);

  uv_loop_t* const loop_;
  Executor& executor_;
  const std::string root_;
  const WatcherOptions options_;
  Sink sink_;
  uv_async_t* async_ = nullptr;  // owned by the loop once closed
  std::unique_ptr<Reader> reader_;
  TimerId poll_timer_ = 0;
  uint64_t overflows_ = 0;
  std::string broken_;  // why nothing is heard: the root is polled and opened again
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace atozsync
