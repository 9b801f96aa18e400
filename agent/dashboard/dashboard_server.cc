#include "agent/dashboard/dashboard_server.h"

#include <chrono>
#include <thread>

#include "agent/control_routes.h"
#include "agent/dashboard/bounded_server.h"
#include "agent/dashboard/request_guard.h"

namespace atozsync {

namespace {

// Nothing from elsewhere, nothing inline, no frames. PDF pages and packed pictures are decoded by
// compiled code, which is what 'wasm-unsafe-eval' lets in.
constexpr const char* kHeaders[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
     "blob: data:; connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"}};

std::vector<std::string> HeadersNamed(const httplib::Request& request, const std::string& name) {
  std::vector<std::string> values;
  for (size_t i = 0; i < request.get_header_value_count(name); ++i) {
    values.push_back(request.get_header_value(name, i));
  }
  return values;
}

RequestHead HeadOf(const httplib::Request& request) {
  RequestHead head;
  head.method = request.method;
  head.path = request.path;
  head.hosts = HeadersNamed(request, "Host");
  head.origins = HeadersNamed(request, "Origin");
  head.fetch_site = request.get_header_value("Sec-Fetch-Site");
  head.cookie = request.get_header_value("Cookie");
  head.csrf = request.get_header_value("X-Atozsync-Csrf");
  head.content_type = request.get_header_value("Content-Type");
  head.content_length = request.get_header_value("Content-Length");
  head.encoded = request.has_header("Transfer-Encoding") || request.has_header("Content-Encoding");
  return head;
}

using Handled = httplib::Server::HandlerResponse;

Handled Refuse(const Refusal& refusal, httplib::Response& response) {
  PutReply(ErrorReply(refusal.http_status, refusal.text), response);
  return Handled::Handled;
}

const WebFile* FileAt(std::span<const WebFile> files, const std::string& path) {
  const std::string wanted = path == "/" ? "/index.html" : path;
  for (const WebFile& file : files) {
    if (file.path == wanted) return &file;
  }
  return nullptr;
}

}  // namespace

class DashboardServer::Impl {
 public:
  Impl(Settings settings, Parts parts)
      : settings_(std::move(settings)),
        parts_(std::move(parts)),
        bridge_(parts_.post, parts_.handler, ControlBridge::Lines::kEvents),
        server_(ControlBridge::kBodyBytesMax, settings_.read_ms) {}

  Status Listen() {
    ASSIGN_OR_RETURN(listen_, protocol::ParseHostPort(settings_.address));
    SetHandlers();
    const bool any = listen_.port == 0;
    int port = any ? server_.bind_to_any_port(listen_.host)
                   : (server_.bind_to_port(listen_.host, listen_.port) ? listen_.port : -1);
    if (port <= 0) {
      return {Errc::kBusy, "the dashboard cannot listen on " + settings_.address +
                               ": another program has that port; choose another one in "
                               "[dashboard] listen"};
    }
    listen_.port = static_cast<uint16_t>(port);
    address_ = protocol::FormatHostPort(listen_);
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    return Status::Ok();
  }

  ~Impl() {
    bridge_.Close();
    server_.Hurry();
    if (!thread_.joinable()) return;
    // The library forgets a stop() that comes before its thread has begun to listen.
    while (!server_.is_running() && !ended_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    server_.stop();
    thread_.join();
  }

  const std::string& address() const { return address_; }

 private:
  void SetHandlers() {
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          return Admit(request, response);
        });
    auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      Serve(request, response);
    };
    server_.Get("/.*", serve);
    server_.Post("/.*", serve);
    server_.Delete("/.*", serve);
    server_.set_post_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) {
          for (const auto& [name, value] : kHeaders) {
            if (!response.has_header(name)) response.set_header(name, value);
          }
          const bool page = request.path.compare(0, 4, "/v1/") != 0;
          response.set_header("Cache-Control", page ? "no-cache" : "no-store");
        });
    // The library's own refusals (a body that is too long, no such method) come without a body.
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty() && response.status >= 400) {
        PutReply(ErrorReply(response.status, "refused"), response);
      }
    });
  }

  // Before the body is read.
  Handled Admit(const httplib::Request& request, httplib::Response& response) {
    const RequestHead head = HeadOf(request);
    if (std::optional<Refusal> refusal = CheckHead(head, listen_))
      return Refuse(*refusal, response);
    if (head.path.compare(0, 4, "/v1/") != 0) return Handled::Unhandled;
    std::vector<std::string> parts = PathParts(head.path);
    parts.erase(parts.begin());
    const Route* route = FindRoute(head.method, parts);
    if (route == nullptr || route->where == Route::Where::kSocket) {
      const bool other_method = route == nullptr && IsRoutePath(parts);
      return Refuse({other_method ? 405 : 404, "there is no such request here"}, response);
    }
    if (head.method == "POST" && head.path == "/v1/session") return Handled::Unhandled;
    const std::string cookie = SessionCookieIn(head.cookie);
    std::optional<Refusal> refusal = CheckSession(head, parts_.sessions->CsrfOf(cookie));
    return refusal ? Refuse(*refusal, response) : Handled::Unhandled;
  }

  void Serve(const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/v1/session") return ServeSession(request, response);
    if (request.path.compare(0, 4, "/v1/") == 0 ||
        (settings_.metrics && request.path == "/metrics" && request.method == "GET")) {
      return bridge_.Serve(request, response);
    }
    ServeFile(request, response);
  }

  void ServeSession(const httplib::Request& request, httplib::Response& response) {
    const std::string cookie = SessionCookieIn(request.get_header_value("Cookie"));
    if (request.method == "GET") {
      const std::optional<std::string> csrf = parts_.sessions->CsrfOf(cookie);
      return PutReply(
          {200, {{"replica", {{"name", settings_.replica_name}}}, {"csrf", csrf.value_or("")}}},
          response);
    }
    response.status = 204;
    if (request.method == "DELETE") {
      parts_.sessions->Close(cookie);
      response.set_header("Set-Cookie", std::string(kSessionCookie) +
                                            "=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
      return;
    }
    const std::optional<Json> body = ParseJson(request.body);
    std::optional<std::string> opened =
        parts_.sessions->Open(body ? TextAt(*body, "token") : std::string());
    if (!opened) {
      return PutReply(ErrorReply(401,
                                 "this address was used already, or is too old: run `atozsync ui` "
                                 "for a new one"),
                      response);
    }
    response.set_header("Set-Cookie", std::string(kSessionCookie) + "=" + *opened +
                                          "; HttpOnly; SameSite=Strict; Path=/");
  }

  void ServeFile(const httplib::Request& request, httplib::Response& response) const {
    const WebFile* file = FileAt(parts_.files, request.path);
    if (file == nullptr || request.method != "GET") {
      return PutReply(ErrorReply(404, "there is nothing at this address"), response);
    }
    response.set_header("ETag", std::string(file->etag));
    if (request.get_header_value("If-None-Match") == file->etag) {
      response.status = 304;
      return;
    }
    if (file->gzip) {
      if (!request.has_header(kAcceptsGzipHeader)) {
        return PutReply(ErrorReply(406, "packed with gzip: use a browser that takes that"),
                        response);
      }
      response.set_header("Content-Encoding", "gzip");
    }
    response.set_content(file->bytes.data(), file->bytes.size(), std::string(file->media_type));
  }

  const Settings settings_;
  const Parts parts_;
  ControlBridge bridge_;
  protocol::HostPort listen_;
  std::string address_;
  BoundedServer server_;
  std::thread thread_;
  std::atomic<bool> ended_ = false;
};

DashboardServer::DashboardServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DashboardServer::~DashboardServer() = default;
const std::string& DashboardServer::address() const {
  return impl_->address();
}

Result<std::unique_ptr<DashboardServer>> DashboardServer::Start(const Settings& settings,
                                                                Parts parts) {
  auto impl = std::make_unique<Impl>(settings, std::move(parts));
  TRY(impl->Listen());
  return std::unique_ptr<DashboardServer>(new DashboardServer(std::move(impl)));
}

}  // namespace atozsync
