// ControlExchange: one request on its way between a thread of the control server and the loop
// thread. The only object of the agent that two threads share.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agent/control_handler.h"

namespace atozsync {

class ControlExchange final : public StreamReader {
 public:
  static constexpr size_t kLinesOfRoom = 16;        // so many may wait while there is room for more
  static constexpr size_t kLinesWaitingMax = 1000;  // of one stream; older ones are dropped

  // Any thread.
  void AddLine(Json line);
  bool WaitForRoom(int64_t wait_ms) override;
  bool gone() override;
  // Loop thread.
  void Answer(ControlReply reply);

  // Server threads. The reply; 503 when the server closes or `wait_ms` passes first.
  ControlReply WaitForReply(int64_t wait_ms);
  // The next line as text; the reply's body is the last one. Nothing after that.
  std::optional<std::string> NextLine(int64_t wait_ms);
  // Waits for the first of either. The reply, or nothing: there is a line.
  std::optional<ControlReply> WaitForLineOrReply(int64_t wait_ms);
  // NextLine() has given the reply.
  bool ended();
  // The connection is closed.
  void Leave();
  // Everybody who waits gets a 503.
  void Close();

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::optional<ControlReply> reply_;
  bool last_line_given_ = false;
  bool gone_ = false;
};

// The loop's end of an exchange: who lets go of it without having answered (a replica that is built
// anew) has answered "try again".
class Answerer {
 public:
  explicit Answerer(std::shared_ptr<ControlExchange> exchange) : exchange_(std::move(exchange)) {}
  Answerer(Answerer&&) noexcept = default;
  Answerer& operator=(Answerer&&) = delete;
  ~Answerer() {
    if (exchange_ != nullptr)
      exchange_->Answer(ErrorReply(503, "the agent starts over: try again"));
  }
  void operator()(ControlReply reply) { exchange_->Answer(std::move(reply)); }

 private:
  std::shared_ptr<ControlExchange> exchange_;
};

}  // namespace atozsync
