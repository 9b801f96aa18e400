// ChildProcess: runs a program without a shell, gives it text on its standard input, and waits for
// its end, not for long. Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/base/status.h"
#include "sync/base/unique_function.h"
#include "sync/os/uv_executor.h"

namespace atozsync {

class ChildProcess {
 public:
  using Done = UniqueFunction<void(Status)>;

  // `done` once, in a later turn: OK for exit status 0. After `time_ms` it is killed: kTimeout.
  // What the program prints goes nowhere. REQUIRES: !words.empty(), and that this process ignores
  // SIGPIPE: a program may end without having read its input.
  static std::unique_ptr<ChildProcess> Run(UvExecutor& executor, std::vector<std::string> words,
                                           std::string input, int64_t time_ms, Done done);
  // Kills it if it still runs; `done` is not called any more.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

 private:
  struct Impl;
  explicit ChildProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;  // holds itself, too, until its handles are closed
};

}  // namespace atozsync
