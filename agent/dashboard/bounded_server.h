// BoundedServer: the HTTP library's server with limits on what one client can hold – time and bytes
// for a request, time without progress for an answer, connections. One request per connection.
//
// Inside of agent/dashboard; not for others to include.
#pragma once

#include <httplib.h>

#include <atomic>

namespace atozsync {

class BoundedServer final : public httplib::Server {
 public:
  static constexpr size_t kThreads = 24;         // requests under way at once, streams included
  static constexpr size_t kConnectionsMax = 64;  // more are closed at once
  static constexpr size_t kHeadBytesMax = size_t{64} << 10;
  static constexpr int64_t kWriteMs = 30'000;  // without progress

  // `read_ms`: for a whole request, head and body.
  BoundedServer(size_t body_bytes_max, int64_t read_ms);

  // Requests that are being read or written end soon; before stop().
  void Hurry() { hurry_ = true; }

 private:
  bool process_and_close_socket(socket_t sock) override;

  const size_t body_bytes_max_;
  const int64_t read_ms_;
  std::atomic<bool> hurry_ = false;
};

// Put in place of Accept-Encoding, which the library would act on by itself.
inline constexpr char kAcceptsGzipHeader[] = "X-Atozsync-Accepts-Gzip";

}  // namespace atozsync
