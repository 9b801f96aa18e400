#include "agent/control_server.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "sync/os/stream_socket.h"

namespace atozsync {

class ControlServer::Impl {
 public:
  Impl(const StateDir& state, PostToLoop post, ControlHandler* handler)
      : endpoint_(ControlEndpoint::ToListen(state)),
        bridge_(std::move(post), handler, ControlBridge::Lines::kNdjson) {}

  Status Listen() {
    server_.set_address_family(endpoint_.family());
    server_.set_socket_options(
        [](socket_t socket) { SetListenerOptions(static_cast<SocketHandle>(socket)); });
    server_.set_payload_max_length(ControlBridge::kBodyBytesMax);
    server_.set_keep_alive_max_count(1);
    server_.set_keep_alive_timeout(1);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      bridge_.Serve(request, response);
    };
    server_.Get("/v1/.*", serve);
    server_.Post("/v1/.*", serve);
    server_.Delete("/v1/.*", serve);
    server_.set_pre_routing_handler([this](const httplib::Request& request,
                                           httplib::Response& reply) {
      using Handled = httplib::Server::HandlerResponse;
      if (endpoint_.MayAsk(request.get_header_value("Authorization"))) return Handled::Unhandled;
      PutReply(ErrorReply(401, "only commands that can read the state directory may ask"), reply);
      return Handled::Handled;
    });
    TRY(Bind());
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    return Status::Ok();
  }

  ~Impl() {
    bridge_.Close();
    if (!thread_.joinable()) return;
    // The library forgets a stop() that comes before its thread has begun to listen.
    while (!server_.is_running() && !ended_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    server_.stop();
    thread_.join();
    endpoint_.Withdraw();
  }

 private:
  Status Bind() {
    const char* host = endpoint_.host().c_str();
    int port = endpoint_.port();
    if (port == 0) {
      port = server_.bind_to_any_port(host);
    } else if (!server_.bind_to_port(host, port)) {
      port = -1;
    }
    if (port < 0) return ErrnoError(errno, Printable(endpoint_.file()) + ": cannot be made");
    return endpoint_.Publish(port);
  }

  ControlEndpoint endpoint_;
  ControlBridge bridge_;
  httplib::Server server_;
  std::thread thread_;
  std::atomic<bool> ended_ = false;
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
