#include "agent/dashboard/bounded_server.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "sync/os/stream_socket.h"

namespace atozsync {

namespace {

constexpr int64_t kLookForHurryMs = 200;
constexpr size_t kDrainBytesMax = size_t{4} << 20;
constexpr int64_t kDrainMsMax = 1'000;

int64_t MonoMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// One connection. `read_bytes_left`: for head and body together.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(SocketHandle socket, size_t read_bytes_max, int64_t read_ms,
                const std::atomic<bool>& hurry)
      : socket_(socket),
        read_bytes_left_(read_bytes_max),
        read_until_ms_(MonoMs() + read_ms),
        hurry_(hurry) {}

  bool is_readable() const override { return begin_ < end_ || WaitReadable(socket_, 0); }
  bool is_writable() const override {
    return !hurry_ && WaitWritable(socket_, 0) && !closed_by_reader();
  }
  ssize_t read(char* data, size_t size) override {
    if (begin_ == end_ && !Fill()) return -1;
    const size_t count = std::min(size, end_ - begin_);
    std::memcpy(data, buffer_ + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) override {
    const int64_t until_ms = MonoMs() + BoundedServer::kWriteMs;
    while (!hurry_ && MonoMs() < until_ms) {
      if (!WaitWritable(socket_, kLookForHurryMs)) continue;
      ptrdiff_t sent = SendSome(socket_, data, size);
      if (sent != 0) return sent;
    }
    return -1;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return static_cast<socket_t>(socket_); }

 private:
  // Readable after the request was read: the end, mostly. Nobody sends a second one.
  bool closed_by_reader() const {
    if (!WaitReadable(socket_, 0)) return false;
    char byte = 0;
    return ReceiveSome(socket_, &byte, 1) <= 0;
  }
  bool Fill() {
    while (!hurry_ && read_bytes_left_ > 0 && MonoMs() < read_until_ms_) {
      if (!WaitReadable(socket_, kLookForHurryMs)) continue;
      ptrdiff_t got = ReceiveSome(socket_, buffer_, std::min(sizeof buffer_, read_bytes_left_));
      if (got <= 0) return false;
      begin_ = 0;
      end_ = static_cast<size_t>(got);
      read_bytes_left_ -= end_;
      return true;
    }
    return false;
  }

  const SocketHandle socket_;
  size_t read_bytes_left_;
  const int64_t read_until_ms_;
  const std::atomic<bool>& hurry_;
  char buffer_[4096];
  size_t begin_ = 0;
  size_t end_ = 0;
};

// Set while a connection is handed on that is one too many.
thread_local bool one_too_many = false;

class BoundedQueue final : public httplib::TaskQueue {
 public:
  BoundedQueue() : pool_(BoundedServer::kThreads) {}
  void enqueue(std::function<void()> serve) override {
    if (open_ >= BoundedServer::kConnectionsMax) {
      one_too_many = true;
      serve();
      one_too_many = false;
      return;
    }
    ++open_;
    pool_.enqueue([this, serve = std::move(serve)] {
      serve();
      --open_;
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::atomic<size_t> open_ = 0;
  httplib::ThreadPool pool_;
};

// What the library would do by itself and should not: pack answers, send parts of them.
void TakeOver(httplib::Request& request) {
  bool gzip = request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
  request.headers.erase("Accept-Encoding");
  request.headers.erase(kAcceptsGzipHeader);
  if (gzip) request.set_header(kAcceptsGzipHeader, "1");
  request.ranges.clear();
}

}  // namespace

BoundedServer::BoundedServer(size_t body_bytes_max, int64_t read_ms)
    : body_bytes_max_(body_bytes_max), read_ms_(read_ms) {
  set_payload_max_length(body_bytes_max);
  set_keep_alive_max_count(1);
  // The library's own choice lets two programs listen on one port, and lets no one listen where a
  // connection ended a minute ago.
  set_socket_options(
      [](socket_t socket) { SetListenerOptions(static_cast<SocketHandle>(socket)); });
  new_task_queue = [] { return new BoundedQueue(); };
}

bool BoundedServer::process_and_close_socket(socket_t sock) {
  const auto socket = static_cast<SocketHandle>(sock);
  if (one_too_many || hurry_) {
    CloseNow(socket);
    return false;
  }
  BoundedStream stream(socket, kHeadBytesMax + body_bytes_max_, read_ms_, hurry_);
  bool connection_closed = false;
  bool served = process_request(stream, true, connection_closed, TakeOver);
  FinishAndClose(socket, hurry_ ? 0 : kDrainBytesMax, kDrainMsMax);
  return served;
}

}  // namespace atozsync
