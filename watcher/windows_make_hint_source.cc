#include "watcher/make_hint_source.h"
#include "watcher/polling_source.h"
#include "watcher/windows_watcher.h"

namespace atozsync {

std::unique_ptr<HintSource> MakeHintSource(uv_loop_t* loop, Executor& executor,
                                           const std::string& root_directory,
                                           bool network_file_system, WatcherOptions options) {
  if (network_file_system) {
    return std::make_unique<PollingSource>(executor, options.poll_interval_ms);
  }
  return std::make_unique<WindowsWatcher>(loop, executor, root_directory, options);
}

}  // namespace atozsync
