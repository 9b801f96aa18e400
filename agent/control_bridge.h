// ControlBridge: from a thread of an HTTP server to the loop thread and back. Both servers of the
// control API have one; requests and answers look the same through either.
//
// Serve() from any thread of the server. Destroying the server's last requests: Close() first, it
// answers what is open with 503; then the server may wait for its threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "agent/control_exchange.h"
#include "sync/base/executor.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace atozsync {

class ControlBridge {
 public:
  static constexpr int64_t kAnswerWaitMs = 60'000;
  static constexpr size_t kBodyBytesMax = 1 << 20;

  using PostToLoop = std::function<void(Task)>;  // callable from any thread
  // How lines are written: NDJSON, or a stream of events for a browser.
  enum class Lines { kNdjson, kEvents };

  // `handler` outlives it.
  ControlBridge(PostToLoop post, ControlHandler* handler, Lines lines)
      : post_(std::move(post)), handler_(handler), lines_(lines) {}

  void Serve(const httplib::Request& request, httplib::Response& response);
  void Close();

 private:
  // Hands `request` to the loop thread.
  std::shared_ptr<ControlExchange> Begin(ControlRequest request);

  const PostToLoop post_;
  ControlHandler* const handler_;
  const Lines lines_;
  std::mutex mutex_;  // guards closing_ and open_
  bool closing_ = false;
  std::vector<std::weak_ptr<ControlExchange>> open_;
};

void PutReply(const ControlReply& reply, httplib::Response& response);

}  // namespace atozsync
