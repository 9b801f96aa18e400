// Chooses how a folder is watched.
#pragma once

#include <uv.h>

#include <memory>
#include <string>

#include "sync/base/executor.h"
#include "sync/base/hint.h"
#include "watcher/watcher_options.h"

namespace atozsync {

// `network_file_system`: the kernel hears nothing of what other machines do there, so it is polled.
// `loop` and `executor` outlive what is returned.
std::unique_ptr<HintSource> MakeHintSource(uv_loop_t* loop, Executor& executor,
                                           const std::string& root_directory,
                                           bool network_file_system, WatcherOptions options);

}  // namespace atozsync
