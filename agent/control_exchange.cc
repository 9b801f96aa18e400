#include "agent/control_exchange.h"

#include <chrono>

namespace atozsync {

void ControlExchange::AddLine(Json line) {
  std::lock_guard lock(mutex_);
  if (lines_.size() >= kLinesWaitingMax) lines_.pop_front();
  lines_.push_back(Dump(line) + "\n");
  changed_.notify_all();
}

bool ControlExchange::WaitForRoom(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                           [&] { return gone_ || lines_.size() < kLinesOfRoom; });
}

bool ControlExchange::gone() {
  std::lock_guard lock(mutex_);
  return gone_;
}

void ControlExchange::Leave() {
  std::lock_guard lock(mutex_);
  gone_ = true;
  changed_.notify_all();
}

void ControlExchange::Answer(ControlReply reply) {
  std::lock_guard lock(mutex_);
  if (!reply_) reply_ = std::move(reply);
  changed_.notify_all();
}

ControlReply ControlExchange::WaitForReply(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), [&] { return reply_.has_value(); });
  if (!reply_) return ErrorReply(503, "the agent is too busy to answer: try again later");
  return *reply_;
}

std::optional<ControlReply> ControlExchange::WaitForLineOrReply(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                    [&] { return reply_.has_value() || !lines_.empty(); });
  if (!lines_.empty()) return std::nullopt;
  if (!reply_) return ErrorReply(503, "the agent is too busy to answer: try again later");
  return reply_;
}

bool ControlExchange::ended() {
  std::lock_guard lock(mutex_);
  return last_line_given_;
}

std::optional<std::string> ControlExchange::NextLine(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  if (last_line_given_) return std::nullopt;
  changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                    [&] { return !lines_.empty() || reply_.has_value(); });
  if (!lines_.empty()) {
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    changed_.notify_all();
    return line;
  }
  // Nothing for a while is not the end: an empty line shows the reader that somebody is there.
  if (!reply_) return "\n";
  last_line_given_ = true;
  // The stream began with 200 before anybody knew: the real status travels in the last line.
  Json last = reply_->body;
  if (reply_->http_status != 200) last["http_status"] = reply_->http_status;
  return Dump(last) + "\n";
}

void ControlExchange::Close() {
  Leave();
  Answer(ErrorReply(503, "the agent is stopping"));
}

}  // namespace atozsync
