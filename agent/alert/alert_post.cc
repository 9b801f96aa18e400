#include "agent/alert/alert_post.h"

#include <httplib.h>

namespace atozsync {

namespace {

constexpr int kConnectS = 5;
constexpr int kAnswerS = 10;
constexpr size_t kAnswerBytesMax = size_t{64} << 10;

}  // namespace

Status PostAlert(const AlertUrl& url, const std::string& json) {
  httplib::Client client(url.host, url.port);
  client.set_connection_timeout(kConnectS);
  client.set_read_timeout(kAnswerS);
  client.set_write_timeout(kAnswerS);
  client.set_follow_location(false);
  client.set_keep_alive(false);
  httplib::Request request;
  request.method = "POST";
  request.path = url.path;
  request.body = json;
  request.set_header("Content-Type", "application/json");
  // What it says does not matter, and must not fill the memory.
  size_t received = 0;
  request.content_receiver = [&](const char*, size_t size, uint64_t, uint64_t) {
    received += size;
    return received <= kAnswerBytesMax;
  };
  const std::string name = url.host + ":" + std::to_string(url.port);
  httplib::Result result = client.send(request);
  if (!result) return {Errc::kIo, name + ": " + httplib::to_string(result.error())};
  if (result->status >= 200 && result->status < 300) return Status::Ok();
  return {Errc::kIo, name + ": answered with " + std::to_string(result->status)};
}

}  // namespace atozsync
