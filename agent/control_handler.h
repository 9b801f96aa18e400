// What goes between the two servers of the control API – the socket in the state directory and the
// dashboard's port – and the agent that answers: requests, replies, and who handles them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/json_reports.h"
#include "sync/base/file_system.h"
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
  bool download = false;  // "?download=1"

  // Of the path; empty where there are fewer.
  std::string Word(size_t index) const { return index < path.size() ? path[index] : ""; }
};

// An answer that is not JSON: text, or the bytes of a file. Of one reader.
struct RawReply {
  std::string media_type;
  std::string download_name;  // ASCII; empty: may be shown in the page
  bool untrusted = false;     // bytes from the folder: nothing in them may run
  std::string text;           // where there is no file
  std::shared_ptr<File> file = {};
  uint64_t size = 0;  // of the file, bytes
};

struct ControlReply {
  int http_status = 200;
  Json body;
  std::shared_ptr<RawReply> raw = {};  // instead of the body
};
ControlReply ErrorReply(int http_status, const std::string& text);
// An empty object, or the error with the status that fits its code.
ControlReply ReplyOf(const Status& status);

// Called on the loop thread. `done` exactly once, at once or later, from the loop thread.
class ControlHandler {
 public:
  using Done = UniqueFunction<void(ControlReply)>;
  using Line = std::function<void(Json)>;
  virtual ~ControlHandler() = default;
  // `line` sends one line ahead of the reply, from any thread; only for requests that stream.
  virtual void OnControl(ControlRequest request, Line line, Done done) = 0;
};

}  // namespace atozsync
