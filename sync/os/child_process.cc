#include "sync/os/child_process.h"

#include <uv.h>

#include <csignal>
#include <utility>

#include "sync/base/rel_path.h"

namespace atozsync {

struct ChildProcess::Impl {
  UvExecutor& executor;
  std::vector<std::string> words;
  std::string input;
  Done done;
  uv_process_t process{};
  uv_pipe_t pipe{};
  uv_write_t write{};
  int open_handles = 0;
  bool running = false;
  bool late = false;
  TimerId timer = 0;
  std::shared_ptr<Impl> self = {};  // as long as handles are open

  static Impl* Of(uv_handle_t* handle) { return static_cast<Impl*>(handle->data); }

  static void OnClosed(uv_handle_t* handle) noexcept {
    Impl* self = Of(handle);
    if (--self->open_handles == 0) std::exchange(self->self, nullptr).reset();
  }
  static void Close(uv_handle_t* handle) {
    if (!uv_is_closing(handle)) uv_close(handle, OnClosed);
  }
  static void OnWritten(uv_write_t* write, int) noexcept {
    // The end of its input. A program that does not read is none of ours to complain about.
    Close(reinterpret_cast<uv_handle_t*>(write->handle));
  }
  static void OnExit(uv_process_t* process, int64_t exit_status, int signum) noexcept {
    Impl* self = Of(reinterpret_cast<uv_handle_t*>(process));
    self->running = false;
    self->Finish(exit_status, signum);
  }

  void Finish(int64_t exit_status, int signum) {
    executor.CancelTimer(timer);
    timer = 0;
    const std::string name = Printable(words.front());
    Status status;
    if (late) {
      status = Status(Errc::kTimeout, name + ": took too long and was ended");
    } else if (signum != 0) {
      status = Status(Errc::kIo, name + ": was ended by signal " + std::to_string(signum));
    } else if (exit_status != 0) {
      status = Status(Errc::kIo, name + ": ended with " + std::to_string(exit_status));
    }
    Close(reinterpret_cast<uv_handle_t*>(&process));
    Close(reinterpret_cast<uv_handle_t*>(&pipe));
    if (done) {
      executor.Post([done = std::move(done), status]() mutable { done(status); });
      done = nullptr;
    }
  }

  void Start(int64_t time_ms) {
    uv_loop_t* loop = executor.raw();
    uv_pipe_init(loop, &pipe, 0);
    process.data = pipe.data = this;
    open_handles = 2;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    uv_stdio_container_t stdio[3] = {};
    stdio[0].flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_READABLE_PIPE);
    stdio[0].data.stream = reinterpret_cast<uv_stream_t*>(&pipe);
    stdio[1].flags = stdio[2].flags = UV_IGNORE;
    uv_process_options_t options{};
    options.file = arguments[0];
    options.args = arguments.data();
    options.stdio = stdio;
    options.stdio_count = 3;
    options.exit_cb = OnExit;
    options.flags = UV_PROCESS_WINDOWS_HIDE;
    const int error = uv_spawn(loop, &process, &options);
    if (error != 0) {
      Close(reinterpret_cast<uv_handle_t*>(&process));
      Close(reinterpret_cast<uv_handle_t*>(&pipe));
      Status status(Errc::kIo, Printable(words.front()) + ": cannot be run: " + uv_strerror(error));
      executor.Post([done = std::move(done), status]() mutable { done(status); });
      done = nullptr;
      return;
    }
    running = true;
    timer = executor.PostAfter(time_ms, [this] {
      timer = 0;
      late = true;
      uv_process_kill(&process, SIGKILL);
    });
    uv_buf_t text = uv_buf_init(input.data(), static_cast<unsigned>(input.size()));
    if (uv_write(&write, reinterpret_cast<uv_stream_t*>(&pipe), &text, 1, OnWritten) != 0) {
      Close(reinterpret_cast<uv_handle_t*>(&pipe));
    }
  }
};

std::unique_ptr<ChildProcess> ChildProcess::Run(UvExecutor& executor,
                                                std::vector<std::string> words, std::string input,
                                                int64_t time_ms, Done done) {
  std::shared_ptr<Impl> impl(
      new Impl{executor, std::move(words), std::move(input), std::move(done)});
  impl->self = impl;
  impl->Start(time_ms);
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
}

ChildProcess::~ChildProcess() {
  impl_->done = nullptr;
  impl_->executor.CancelTimer(impl_->timer);
  if (!impl_->running) return;
  impl_->running = false;
  uv_process_kill(&impl_->process, SIGKILL);
  Impl::Close(reinterpret_cast<uv_handle_t*>(&impl_->process));
  Impl::Close(reinterpret_cast<uv_handle_t*>(&impl_->pipe));
}

}  // namespace atozsync
