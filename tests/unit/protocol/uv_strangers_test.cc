// Who comes to the port without being a replica: scanners, silence, garbage, floods.
#include <openssl/err.h>

#include "protocol/uv_socket.h"
#include "tests/unit/protocol/transport_fixture.h"

namespace atozsync::protocol {
namespace {

// A plain TCP client that says what it is told to.
class Stranger final : public SocketListener {
 public:
  Stranger(UvExecutor& executor, const std::string& address)
      : socket_(std::make_unique<UvSocket>(executor.raw())) {
    const size_t colon = address.rfind(':');
    sockaddr_in target{};
    uv_ip4_addr(address.substr(0, colon).c_str(), std::stoi(address.substr(colon + 1)), &target);
    socket_->SetListener(this);
    EXPECT_TRUE(socket_
                    ->Connect(reinterpret_cast<const sockaddr*>(&target),
                              [this](Status status) {
                                connected = status.ok();
                                if (connected) socket_->StartReading(1024);
                              })
                    .ok());
  }
  void Say(const std::string& text) {
    EXPECT_TRUE(socket_->Write(Bytes(text.begin(), text.end())).ok());
  }
  void OnSocketBytes(ByteSpan bytes) override { heard += bytes.size(); }
  void OnSocketEnd(Status) override { ended = true; }
  void OnSocketWritten(Status) override {}

  bool connected = false;
  bool ended = false;
  size_t heard = 0;

 private:
  std::unique_ptr<UvSocket> socket_;
};

class StrangersTest : public TransportTest {
 protected:
  std::unique_ptr<Stranger> Come(Node& node) {
    auto stranger = std::make_unique<Stranger>(executor_, node.address());
    Until([&stranger] { return stranger->connected; });
    return stranger;
  }
  // A replica still gets in.
  void ExpectOpen(Node& node) {
    Node friendly(executor_);
    const size_t before = node.accepted.size();
    EXPECT_TRUE(Dial(friendly, node.address(), node.identity.id).ok());
    Until([&] { return node.accepted.size() == before + 1; });
  }
};

TEST_F(StrangersTest, GarbageIsCutOffAndNothingIsAccepted) {
  Node node(executor_);
  ASSERT_TRUE(node.transport.Listen("127.0.0.1:0").ok());
  for (const std::string& text :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(100'000, '\xff'),
        std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x'), std::string(20, '\0')}) {
    auto stranger = Come(node);
    stranger->Say(text);
    Until([&stranger] { return stranger->ended; });
  }
  Until([&node] { return node.transport.half_open() == 0; });
  EXPECT_TRUE(node.accepted.empty());
  ExpectOpen(node);
}

TEST_F(StrangersTest, SilenceIsCutOff) {
  Node node(executor_, {.inbound_handshake_ms = 50});
  ASSERT_TRUE(node.transport.Listen("127.0.0.1:0").ok());
  auto silent = Come(node);
  auto half = Come(node);
  half->Say(std::string("\x16\x03\x01\x01\x00", 5));  // the beginning of a real handshake
  Until([&] { return silent->ended && half->ended; });
  EXPECT_EQ(node.transport.half_open(), 0u);
  EXPECT_TRUE(node.accepted.empty());
}

TEST_F(StrangersTest, ConnectingAndLeavingLeavesNothing) {
  Node node(executor_);
  ASSERT_TRUE(node.transport.Listen("127.0.0.1:0").ok());
  for (int i = 0; i < 20; ++i) Come(node);
  Until([&node] { return node.transport.half_open() == 0; });
}

TEST_F(StrangersTest, ManySilentOnesPushOutTheOldestNotTheReplica) {
  Node node(executor_);
  ASSERT_TRUE(node.transport.Listen("127.0.0.1:0").ok());
  std::vector<std::unique_ptr<Stranger>> strangers;
  size_t most = 0;
  for (int i = 0; i < 80; ++i) {
    strangers.push_back(Come(node));
    most = std::max(most, node.transport.half_open());
  }
  Until([&strangers] { return strangers[15]->ended; });
  EXPECT_LE(most, 64u);
  EXPECT_EQ(node.transport.half_open(), 64u);
  EXPECT_TRUE(strangers[0]->ended);
  EXPECT_FALSE(strangers[16]->ended);
  ExpectOpen(node);
}

TEST_F(StrangersTest, AcceptedConnectionsAreLimitedToo) {
  Node node(executor_, {.inbound_max = 2});
  ASSERT_TRUE(node.transport.Listen("127.0.0.1:0").ok());
  Node peer(executor_);
  std::vector<std::unique_ptr<Connection>> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(Dial(peer, node.address(), node.identity.id).value());
    Until([&] { return node.accepted.size() == held.size(); });
  }
  EXPECT_FALSE(Dial(peer, node.address(), node.identity.id).ok());
  node.accepted.clear();
  ExpectOpen(node);
}

TEST_F(StrangersTest, ASilentServerIsGivenUpInTime) {
  // Listens, and accepts nothing but TCP: a transport without an answer.
  Node peer(executor_);
  uv_tcp_t server;
  uv_tcp_init(executor_.raw(), &server);
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", 0, &address);
  ASSERT_EQ(uv_tcp_bind(&server, reinterpret_cast<const sockaddr*>(&address), 0), 0);
  ASSERT_EQ(uv_listen(reinterpret_cast<uv_stream_t*>(&server), 8, [](uv_stream_t*, int) {}), 0);
  int size = sizeof address;
  ASSERT_EQ(uv_tcp_getsockname(&server, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string name = FormatSockaddr(reinterpret_cast<const sockaddr*>(&address));
  EXPECT_TRUE(Dial(peer, name, peer.identity.id, 50).Is(Errc::kTimeout));
  uv_close(reinterpret_cast<uv_handle_t*>(&server), nullptr);
  Turns();
}

TEST_F(StrangersTest, AServerThatHangsUpInTheHandshakeIsReported) {
  Node peer(executor_);
  Node refusing(executor_);
  refusing.transport.SetAcceptor(nullptr);  // closes everybody at once
  ASSERT_TRUE(refusing.transport.Listen("127.0.0.1:0").ok());
  EXPECT_TRUE(Dial(peer, refusing.address(), refusing.identity.id).Is(Errc::kPeerGone));
}

}  // namespace
}  // namespace atozsync::protocol
