#include "agent/control_client.h"

#include <httplib.h>

#include "agent/service/control_endpoint.h"

namespace atozsync {

namespace {

// Longer than the agent itself waits: it has the better words.
constexpr int kReadTimeoutS = 75;
constexpr size_t kLineBytesMax = 16u << 20;

Status NotRunning(const StateDir& state) {
  return Status(Errc::kPeerGone, "the agent is not running for " + Printable(state.path()) +
                                     ": start it with `atozsync run` (or its service)");
}

Status BadAnswer() {
  return Status(Errc::kProtocol,
                "the agent gave an answer that makes no sense: are the agent and this command of "
                "the same version?");
}

Result<Json> Judge(int http_status, const std::string& body) {
  std::optional<Json> json = ParseJson(body);
  if (!json) return BadAnswer();
  if (http_status == 200) return std::move(*json);
  std::string text = TextAt(*json, "error");
  if (http_status == 503) return Status(Errc::kBusy, text);
  return Status(http_status == 404   ? Errc::kNotFound
                : http_status == 500 ? Errc::kIo
                                     : Errc::kInvalid,
                text.empty() ? "refused" : text);
}

}  // namespace

Result<Json> ControlClient::Call(const std::string& method, const std::string& path,
                                 const Json& body) const {
  Result<ControlEndpoint> endpoint = ControlEndpoint::ToConnect(state_);
  if (endpoint.Is(Errc::kNotFound)) return NotRunning(state_);
  TRY(endpoint.status());
  httplib::Client client(endpoint->host(), endpoint->port());
  client.set_address_family(endpoint->family());
  client.set_read_timeout(kReadTimeoutS);
  httplib::Request request;
  if (!endpoint->authorization().empty()) {
    request.set_header("Authorization", endpoint->authorization());
  }
  request.method = method;
  request.path = path;
  request.body = body.empty() ? "" : Dump(body);
  httplib::Result result = client.send(request);
  if (!result) return NotRunning(state_);
  return Judge(result->status, result->body);
}

Result<Json> ControlClient::Stream(const std::string& path, const Json& body,
                                   const std::function<void(const Json&)>& on_line) const {
  Result<ControlEndpoint> endpoint = ControlEndpoint::ToConnect(state_);
  if (endpoint.Is(Errc::kNotFound)) return NotRunning(state_);
  TRY(endpoint.status());
  httplib::Client client(endpoint->host(), endpoint->port());
  client.set_address_family(endpoint->family());
  client.set_read_timeout(kReadTimeoutS);
  std::string pending;
  std::optional<Json> last;
  httplib::Request request;
  if (!endpoint->authorization().empty()) {
    request.set_header("Authorization", endpoint->authorization());
  }
  request.method = "POST";
  request.path = path;
  request.body = Dump(body);
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    pending.append(data, size);
    for (size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      std::optional<Json> line = ParseJson(pending.substr(0, end));
      pending.erase(0, end + 1);
      if (!line) continue;  // empty lines say "still there"
      if (last) on_line(*last);
      last = std::move(line);
      // A progress line is shown at once; only a reply has no successor.
      if (last->contains("progress")) {
        on_line(*last);
        last.reset();
      }
    }
    return pending.size() <= kLineBytesMax;
  };
  httplib::Result result = client.send(request);
  if (!result) return NotRunning(state_);
  if (!last) return result->status == 200 ? BadAnswer() : Judge(result->status, pending);
  uint64_t http_status = NumberAt(*last, "http_status");
  return Judge(http_status == 0 ? 200 : static_cast<int>(http_status), Dump(*last));
}

bool ControlClient::AgentIsRunning() const {
  Result<Json> status = Call("GET", "/v1/status");
  return status.ok() || status.error().code != Errc::kPeerGone;
}

}  // namespace atozsync
