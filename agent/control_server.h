// ControlServer: HTTP and JSON on STATE/control.sock (mode 0600), for the commands.
//
// Its threads only parse and wait: each request is handed to the loop thread, and the answer comes
// back through an ControlExchange. Nobody waits longer than kAnswerWaitMs for an answer (a stream:
// for its next line). The caller holds the state's lock, so that a socket found there is a dead
// one. Destroying the server answers what is open with 503 and ends its threads; the executor
// behind `post` must still be there then.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/control_socket.h"
#include "agent/json_reports.h"
#include "sync/base/executor.h"
#include "sync/base/unique_function.h"

namespace atozsync {

// How the reader of a stream is doing. Any thread.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  // Waits until most lines have been taken; false: they have not.
  virtual bool WaitForRoom(int64_t wait_ms) = 0;
  // Nobody reads any more: the connection is closed, or the server.
  virtual bool gone() = 0;
};

struct ControlRequest {
  std::string method;             // GET, POST, DELETE
  std::vector<std::string> path;  // "/v1/conflicts/ID/resolve" → {"conflicts", "ID", "resolve"}
  Json body;                      // an object; empty when there was none
  std::shared_ptr<StreamReader> reader = {};
};

struct ControlReply {
  int http_status = 200;
  Json body;
};
ControlReply ErrorReply(int http_status, const std::string& text);

// Called on the loop thread. `done` exactly once, at once or later, from the loop thread.
class ControlHandler {
 public:
  using Done = UniqueFunction<void(ControlReply)>;
  using Line = std::function<void(Json)>;
  virtual ~ControlHandler() = default;
  // `line` sends one line ahead of the reply, from any thread; only for requests that stream.
  virtual void OnControl(ControlRequest request, Line line, Done done) = 0;
};

class ControlServer {
 public:
  static constexpr int64_t kAnswerWaitMs = 60'000;
  static constexpr size_t kBodyBytesMax = 1 << 20;
  static constexpr size_t kThreads = 8;             // requests under way at once
  static constexpr size_t kLinesWaitingMax = 1000;  // of one stream; older ones are dropped

  using PostToLoop = std::function<void(Task)>;  // callable from any thread
  // `handler` outlives the server.
  static Result<std::unique_ptr<ControlServer>> Start(const StateDir& state, PostToLoop post,
                                                      ControlHandler* handler);
  ~ControlServer();

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atozsync
