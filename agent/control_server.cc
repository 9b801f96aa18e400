#include "agent/control_server.h"

#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "agent/control_exchange.h"

namespace atozsync {

namespace {

constexpr int64_t kLineWaitMs = 2'000;

std::vector<std::string> PathParts(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < path.size();) {
    size_t slash = std::min(path.find('/', start), path.size());
    if (slash > start) parts.push_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  return parts;
}

}  // namespace

ControlReply ErrorReply(int http_status, const std::string& text) {
  return {http_status, {{"error", text}}};
}

class ControlServer::Impl {
 public:
  Impl(const StateDir& state, PostToLoop post, ControlHandler* handler)
      : socket_(state), file_(state.ControlSocket()), post_(std::move(post)), handler_(handler) {}

  Status Listen() {
    server_.set_address_family(AF_UNIX);
    server_.set_payload_max_length(kBodyBytesMax);
    server_.set_keep_alive_max_count(1);
    server_.set_keep_alive_timeout(1);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      Serve(request, response);
    };
    server_.Get("/v1/.*", serve);
    server_.Post("/v1/.*", serve);
    server_.Delete("/v1/.*", serve);
    ::unlink(file_.c_str());
    // The port means nothing for a local socket, but the library wants one.
    if (!server_.bind_to_port(socket_.path().c_str(), 80) || ::chmod(file_.c_str(), 0600) != 0) {
      return ErrnoError(errno, Printable(file_) + ": cannot be made");
    }
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    return Status::Ok();
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
      for (const std::weak_ptr<ControlExchange>& open : open_) {
        if (auto exchange = open.lock()) exchange->Close();
      }
    }
    if (!thread_.joinable()) return;
    // The library forgets a stop() that comes before its thread has begun to listen.
    while (!server_.is_running() && !ended_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    server_.stop();
    thread_.join();
    ::unlink(file_.c_str());
  }

 private:
  // Hands `request` to the loop thread.
  std::shared_ptr<ControlExchange> Begin(ControlRequest request) {
    auto exchange = std::make_shared<ControlExchange>();
    std::lock_guard lock(mutex_);
    if (closing_) {
      exchange->Close();
      return exchange;
    }
    std::erase_if(open_, [](const std::weak_ptr<ControlExchange>& open) { return open.expired(); });
    open_.push_back(exchange);
    request.reader = exchange;
    post_([this, exchange, answer = Answerer(exchange), asked = std::move(request)]() mutable {
      handler_->OnControl(
          std::move(asked), [exchange](Json line) { exchange->AddLine(std::move(line)); },
          std::move(answer));
    });
    return exchange;
  }

  void Serve(const httplib::Request& request, httplib::Response& response) {
    ControlRequest asked{request.method, PathParts(request.path), Json::object()};
    asked.path.erase(asked.path.begin());  // "v1"
    if (!request.body.empty()) {
      std::optional<Json> body = ParseJson(request.body);
      if (!body || !body->is_object()) return Put(ErrorReply(400, "not a JSON object"), response);
      asked.body = std::move(*body);
    }
    bool streams =
        asked.path.size() == 1 && (asked.path[0] == "resync" || asked.path[0] == "verify-db");
    std::shared_ptr<ControlExchange> exchange = Begin(std::move(asked));
    if (!streams) return Put(exchange->WaitForReply(kAnswerWaitMs), response);
    response.set_chunked_content_provider(
        "application/x-ndjson",
        [exchange](size_t, httplib::DataSink& sink) {
          std::optional<std::string> line = exchange->NextLine(kLineWaitMs);
          if (!line) {
            sink.done();
            return true;
          }
          return sink.write(line->data(), line->size());
        },
        [exchange](bool) { exchange->Leave(); });
  }

  static void Put(const ControlReply& reply, httplib::Response& response) {
    response.status = reply.http_status;
    response.set_content(Dump(reply.body), "application/json");
  }

  const ControlSocket socket_;
  const std::string file_;
  const PostToLoop post_;
  ControlHandler* const handler_;
  httplib::Server server_;
  std::thread thread_;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;  // guards closing_ and open_
  bool closing_ = false;
  std::vector<std::weak_ptr<ControlExchange>> open_;
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::Start(const StateDir& state, PostToLoop post,
                                                            ControlHandler* handler) {
  auto impl = std::make_unique<Impl>(state, std::move(post), handler);
  TRY(impl->Listen());
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

}  // namespace atozsync
