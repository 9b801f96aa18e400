// UvSocket: one TCP stream on a libuv loop, raw bytes.
//
// Loop thread only. The listener is called from the loop, never inside a call to the socket, and
// may destroy the socket. Destroying it closes the stream at once, without a callback; libuv keeps
// the handle for one more turn of the loop, which therefore has to run before it is closed.
#pragma once

#include <memory>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/status.h"
#include "sync/base/unique_function.h"

struct sockaddr;
struct uv_loop_s;
struct uv_stream_s;

namespace atozsync::protocol {

class SocketListener {
 public:
  virtual ~SocketListener() = default;
  virtual void OnSocketBytes(ByteSpan bytes) = 0;
  // OK: the other side has ended its half. Else the stream is broken. Nothing more is read.
  virtual void OnSocketEnd(Status reason) = 0;
  // The one Write() under way is with the system.
  virtual void OnSocketWritten(Status status) = 0;
};

class UvSocket {
 public:
  explicit UvSocket(uv_loop_s* loop);
  ~UvSocket();
  UvSocket(const UvSocket&) = delete;
  UvSocket& operator=(const UvSocket&) = delete;

  // `listener` outlives the socket or is replaced.
  void SetListener(SocketListener* listener) { listener_ = listener; }
  Status Accept(uv_stream_s* server);
  // `done` is called once, unless this returns an error or the socket is destroyed before.
  Status Connect(const sockaddr* address, UniqueFunction<void(Status)> done);

  // Reads of up to `buffer_bytes` go to the listener. An error comes by OnSocketEnd().
  void StartReading(size_t buffer_bytes);
  void StopReading();
  // REQUIRES: the Write() before has been reported written.
  Status Write(Bytes bytes);
  // Ends this side's half when what was written is through.
  void Shutdown();

  // Given to Write() and not yet taken by the system.
  size_t unwritten_bytes() const;
  const std::string& remote_address() const { return remote_address_; }

 private:
  struct Handle;  // what libuv points to; outlives the socket until its close callback

  void OnConnected();

  Handle* handle_;
  SocketListener* listener_ = nullptr;
  UniqueFunction<void(Status)> connect_done_;
  std::string remote_address_;
  bool reading_ = false;
};

// "10.8.0.2:22067"; empty for what is neither IPv4 nor IPv6.
std::string FormatSockaddr(const sockaddr* address);

}  // namespace atozsync::protocol
