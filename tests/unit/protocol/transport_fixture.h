// For tests with real sockets on loopback: one loop, several transports on it, handlers that
// remember what they were told.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/uv_transport.h"
#include "sync/os/uv_executor.h"

namespace atozsync::protocol {

class Recorder final : public ConnectionHandler {
 public:
  void OnBytes(ByteSpan bytes) override {
    EXPECT_FALSE(inside_call) << "delivered inside a call";
    EXPECT_TRUE(closed.empty()) << "bytes after the end";
    received += bytes.size();
    if (keep) data.insert(data.end(), bytes.begin(), bytes.end());
    if (on_bytes) on_bytes();
  }
  void OnDrained() override {
    EXPECT_FALSE(inside_call) << "delivered inside a call";
    ++drained;
    if (on_drained) on_drained();
  }
  void OnClosed(Status reason) override {
    EXPECT_FALSE(inside_call) << "delivered inside a call";
    closed.push_back(std::move(reason));
  }

  bool keep = true;
  bool inside_call = false;
  Bytes data;
  size_t received = 0;
  int drained = 0;
  std::vector<Status> closed;
  std::function<void()> on_bytes;
  std::function<void()> on_drained;
};

// One replica: identity, transport, and the connections that came in.
struct Node {
  explicit Node(UvExecutor& executor, UvTransportOptions options = {})
      : identity(MakeIdentity().value()), transport(executor.raw(), executor, identity, options) {
    transport.SetAcceptor([this](std::unique_ptr<Connection> connection) {
      accepted.push_back(std::move(connection));
    });
  }
  std::string address() const { return transport.bound_addresses().at(0); }

  Identity identity;
  UvTransport transport;
  std::vector<std::unique_ptr<Connection>> accepted;
};

class TransportTest : public testing::Test {
 protected:
  // Writing to a closed socket is an error to be told, not the end of the process.
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  // Turns the loop until `reached`; gives up after a minute, so that a failure is a failure.
  void Until(const std::function<bool()>& reached) {
    bool late = false;
    const TimerId guard = executor_.PostAfter(60'000, [&late] { late = true; });
    while (!late && !reached()) uv_run(executor_.raw(), UV_RUN_ONCE);
    executor_.CancelTimer(guard);
    ASSERT_FALSE(late) << "never came";
  }
  // Everything that is due now has happened.
  void Turns(int turns = 10) {
    bool done = false;
    std::function<void(int)> next = [&](int left) {
      executor_.Post([&, left] { left == 0 ? void(done = true) : next(left - 1); });
    };
    next(turns);
    Until([&done] { return done; });
  }

  Result<std::unique_ptr<Connection>> Dial(Node& from, const std::string& address,
                                           const ReplicaId& expected, int64_t timeout_ms = 30'000,
                                           StreamUse use = StreamUse::kLink) {
    std::optional<Result<std::unique_ptr<Connection>>> result;
    from.transport.Dial(address, expected, use, timeout_ms,
                        [&result](Result<std::unique_ptr<Connection>> dialled) {
                          EXPECT_FALSE(result.has_value()) << "told twice";
                          result.emplace(std::move(dialled));
                        });
    EXPECT_FALSE(result.has_value()) << "told inside the call";
    Until([&result] { return result.has_value(); });
    if (!result.has_value()) return Status(Errc::kTimeout, "never came");
    return std::move(*result);
  }

  UvExecutor executor_{1};
};

}  // namespace atozsync::protocol
