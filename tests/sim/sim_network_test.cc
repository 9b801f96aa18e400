// The simulated network: streams stay whole and in order, and every way of losing a peer looks as
// it does in the world.
#include "tests/sim/sim_network.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atozsync {
namespace {

ReplicaId IdOf(uint8_t number) {
  ReplicaId id;
  id.bytes.fill(number);
  return id;
}

// A process's end of a connection, as the tests look at it.
class Peer final : public ConnectionHandler {
 public:
  explicit Peer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
    connection_->SetHandler(this);
  }
  void OnBytes(ByteSpan bytes) override {
    ++deliveries;
    text += AsText(bytes);
  }
  void OnDrained() override { ++drained; }
  void OnClosed(Status reason) override {
    EXPECT_FALSE(closed.has_value()) << "the last callback comes once";
    closed = std::move(reason);
  }
  void Send(std::string_view bytes) {
    connection_->Send(Bytes(AsBytes(bytes).begin(), AsBytes(bytes).end()));
  }
  Connection& connection() { return *connection_; }
  void Destroy() { connection_.reset(); }

  std::string text;
  int deliveries = 0;
  int drained = 0;
  std::optional<Status> closed;

 private:
  std::unique_ptr<Connection> connection_;
};

class SimNetworkTest : public testing::Test {
 protected:
  SimNetworkTest() {
    network_.AddNode("a", IdOf(1));
    network_.AddNode("b", IdOf(2));
    a_ = std::make_unique<SimTransport>(scheduler_, network_, "a");
    StartB();
  }
  void StartB() {
    b_ = std::make_unique<SimTransport>(scheduler_, network_, "b");
    ASSERT_TRUE(b_->Listen("b:1").ok());
    b_->SetAcceptor([this](std::unique_ptr<Connection> connection) {
      server_ = std::make_unique<Peer>(std::move(connection));
    });
  }
  // The error of a dial, nothing when it succeeded.
  std::optional<Errc> Dial(const std::string& address, const ReplicaId& expected) {
    std::optional<Result<std::unique_ptr<Connection>>> answer;
    a_->Dial(address, expected, StreamUse::kLink, 5000,
             [&](Result<std::unique_ptr<Connection>> result) {
               EXPECT_FALSE(answer.has_value());
               answer.emplace(std::move(result));
             });
    EXPECT_FALSE(answer.has_value()) << "not inside the call";
    EXPECT_TRUE(scheduler_.RunUntil([&] { return answer.has_value(); }));
    if (!answer->ok()) return answer->error().code;
    client_ = std::make_unique<Peer>(std::move(*answer).value());
    return std::nullopt;
  }
  void Connect() {
    server_.reset();
    ASSERT_EQ(Dial("b:1", IdOf(2)), std::nullopt);
    ASSERT_TRUE(scheduler_.RunUntil([&] { return server_ != nullptr; }));
  }
  static std::string Pattern(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
  }
  bool RunUntil(const std::function<bool()>& done) { return scheduler_.RunUntil(done); }

  SimScheduler scheduler_{4};
  SimNetwork network_{scheduler_};
  std::unique_ptr<SimTransport> a_;
  std::unique_ptr<SimTransport> b_;
  std::unique_ptr<Peer> client_;
  std::unique_ptr<Peer> server_;
};

TEST_F(SimNetworkTest, BothSidesLearnWhoIsThere) {
  Connect();
  EXPECT_EQ(client_->connection().peer_id(), IdOf(2));
  EXPECT_EQ(client_->connection().remote_address(), "b:1");
  EXPECT_TRUE(client_->connection().outgoing());
  EXPECT_EQ(server_->connection().peer_id(), IdOf(1));
  EXPECT_FALSE(server_->connection().outgoing());
}

TEST_F(SimNetworkTest, DialsFailForTheirOwnReasons) {
  EXPECT_EQ(Dial("b:1", IdOf(9)), Errc::kPermission);
  EXPECT_EQ(server_, nullptr) << "the handshake failed on that side too";
  EXPECT_EQ(Dial("b:2", IdOf(2)), Errc::kPeerGone);
  EXPECT_EQ(Dial("nowhere:1", IdOf(2)), Errc::kPeerGone);
  network_.SetLink("a", "b", false);
  const int64_t start_ns = scheduler_.now_ns();
  EXPECT_EQ(Dial("b:1", IdOf(2)), Errc::kTimeout);
  EXPECT_EQ(scheduler_.now_ns() - start_ns, 5 * kSecond);
  network_.HealAll();
  EXPECT_EQ(Dial("b:1", IdOf(2)), std::nullopt);
}

TEST_F(SimNetworkTest, ListeningChecksItsAddress) {
  EXPECT_TRUE(b_->Listen("b:1").Is(Errc::kExists));
  EXPECT_TRUE(b_->Listen("a:1").Is(Errc::kInvalid));
  ASSERT_TRUE(b_->Listen("b:0").ok());
  EXPECT_EQ(b_->bound_addresses().size(), 2u);
}

TEST_F(SimNetworkTest, StreamsArriveWholeInOrderAndInOtherPieces) {
  Connect();
  const std::string sent = Pattern(300'000);
  for (size_t i = 0; i < sent.size(); i += 1000) client_->Send(sent.substr(i, 1000));
  server_->Send("and back");
  ASSERT_TRUE(RunUntil([&] { return server_->text.size() == sent.size(); }));
  EXPECT_TRUE(server_->text == sent);
  EXPECT_NE(server_->deliveries, 300);
  ASSERT_TRUE(RunUntil([&] { return client_->text == "and back"; }));
  EXPECT_EQ(network_.bytes_carried("a", "b"), sent.size());
  EXPECT_EQ(network_.bytes_carried("b", "a"), 8u);
}

TEST_F(SimNetworkTest, BandwidthIsSharedOut) {
  SimLinkOptions options;
  options.bytes_per_second = 100'000;
  network_.SetLinkOptions("a", "b", options);
  Connect();
  const int64_t start_ns = scheduler_.now_ns();
  client_->Send(Pattern(200'000));
  ASSERT_TRUE(RunUntil([&] { return server_->text.size() == 200'000; }));
  EXPECT_GE(scheduler_.now_ns() - start_ns, 2 * kSecond);
}

TEST_F(SimNetworkTest, APausedReaderHoldsTheSenderBack) {
  Connect();
  server_->connection().PauseReading(true);
  const size_t size = 1 << 20;
  client_->Send(Pattern(size));
  scheduler_.RunFor(10 * kSecond);
  EXPECT_EQ(server_->text.size(), 0u);
  EXPECT_EQ(client_->connection().UnsentBytes(), size - SimLinkOptions().window_bytes);
  EXPECT_EQ(client_->drained, 0);
  server_->connection().PauseReading(false);
  ASSERT_TRUE(RunUntil([&] { return client_->drained > 0; }));
  EXPECT_LT(client_->connection().UnsentBytes(), 256u << 10);
  ASSERT_TRUE(RunUntil([&] { return server_->text.size() == size; }));
  EXPECT_EQ(client_->drained, 1);
  EXPECT_TRUE(server_->text == Pattern(size));
}

TEST_F(SimNetworkTest, BytesWaitForAHandler) {
  Connect();
  server_->connection().SetHandler(nullptr);
  client_->Send("hello");
  scheduler_.RunFor(kSecond);
  EXPECT_EQ(server_->text, "");
  server_->connection().SetHandler(server_.get());
  EXPECT_TRUE(RunUntil([&] { return server_->text == "hello"; }));
}

TEST_F(SimNetworkTest, CloseSendsEverythingFirst) {
  Connect();
  client_->Send(Pattern(200'000));
  client_->connection().Close();
  client_->Send("too late");
  ASSERT_TRUE(RunUntil([&] { return server_->closed && client_->closed; }));
  EXPECT_TRUE(server_->text == Pattern(200'000));
  EXPECT_TRUE(server_->closed->ok());
  EXPECT_TRUE(client_->closed->ok());
  EXPECT_EQ(network_.connections(), 0u);
}

TEST_F(SimNetworkTest, CloseDoesNotWaitForEverForAReaderThatSleeps) {
  Connect();
  server_->connection().PauseReading(true);
  client_->Send(Pattern(200'000));
  client_->connection().Close();
  ASSERT_TRUE(RunUntil([&] { return client_->closed.has_value(); }));
  EXPECT_TRUE(client_->closed->Is(Errc::kTimeout));
}

TEST_F(SimNetworkTest, DestroyingAConnectionIsAResetForTheOtherSide) {
  Connect();
  client_->Destroy();
  ASSERT_TRUE(RunUntil([&] { return server_->closed.has_value(); }));
  EXPECT_TRUE(server_->closed->Is(Errc::kPeerGone));
  EXPECT_FALSE(client_->closed.has_value());
  EXPECT_EQ(network_.connections(), 0u);
}

TEST_F(SimNetworkTest, AShortPartitionDelaysAndLosesNothing) {
  Connect();
  const std::string sent = Pattern(500'000);
  client_->Send(sent);
  ASSERT_TRUE(RunUntil([&] { return server_->text.size() > 50'000; }));
  network_.SetLink("a", "b", false);
  scheduler_.RunFor(30 * kSecond);
  const size_t received = server_->text.size();
  EXPECT_LT(received, sent.size());
  client_->Send("!");
  scheduler_.RunFor(30 * kSecond);
  EXPECT_EQ(server_->text.size(), received);
  network_.SetLink("a", "b", true);
  ASSERT_TRUE(RunUntil([&] { return server_->text.size() == sent.size() + 1; }));
  EXPECT_TRUE(server_->text == sent + "!");
}

TEST_F(SimNetworkTest, ALongPartitionEndsTheSendersConnection) {
  Connect();
  network_.SetLink("a", "b", false);
  client_->Send("hello");
  scheduler_.RunFor(901 * kSecond);
  ASSERT_TRUE(client_->closed.has_value());
  EXPECT_TRUE(client_->closed->Is(Errc::kTimeout));
  EXPECT_FALSE(server_->closed.has_value()) << "it sent nothing and knows nothing";
  client_.reset();
  network_.SetLink("a", "b", true);
  server_->Send("are you there?");
  ASSERT_TRUE(RunUntil([&] { return server_->closed.has_value(); }));
  EXPECT_TRUE(server_->closed->Is(Errc::kPeerGone));
}

TEST_F(SimNetworkTest, HalfOpenSwallowsOneDirectionSilently) {
  Connect();
  network_.SetHalfOpen("a", "b", true);
  client_->Send("lost");
  server_->Send("arrives");
  ASSERT_TRUE(RunUntil([&] { return client_->text == "arrives"; }));
  network_.HealAll();
  client_->Send("lost as well: the stream has a hole");
  scheduler_.RunFor(100 * kSecond);
  EXPECT_EQ(server_->text, "");
  EXPECT_FALSE(server_->closed.has_value());
  EXPECT_FALSE(client_->closed.has_value());
  Connect();
  client_->Send("a new connection works");
  EXPECT_TRUE(RunUntil([&] { return !server_->text.empty(); }));
}

TEST_F(SimNetworkTest, ResetsReachBothSides) {
  Connect();
  network_.ResetConnections("a", "b");
  EXPECT_FALSE(client_->closed.has_value()) << "not inside the call";
  ASSERT_TRUE(RunUntil([&] { return client_->closed && server_->closed; }));
  EXPECT_TRUE(client_->closed->Is(Errc::kPeerGone));
  EXPECT_TRUE(server_->closed->Is(Errc::kPeerGone));
}

TEST_F(SimNetworkTest, RandomResetsComeWithTraffic) {
  SimLinkOptions options;
  options.reset_permille = 100;
  network_.SetAllLinkOptions(options);
  Connect();
  client_->Send(Pattern(2'000'000));
  ASSERT_TRUE(RunUntil([&] { return client_->closed && server_->closed; }));
  EXPECT_TRUE(client_->closed->Is(Errc::kPeerGone));
  EXPECT_EQ(server_->text, Pattern(2'000'000).substr(0, server_->text.size()));
}

TEST_F(SimNetworkTest, ADeadProcessIsNoticedAtOnce) {
  Connect();
  network_.Kill("b", SimNetwork::Death::kProcess);
  client_->Send("hello?");
  ASSERT_TRUE(RunUntil([&] { return client_->closed.has_value(); }));
  EXPECT_TRUE(client_->closed->Is(Errc::kPeerGone));
  EXPECT_FALSE(server_->closed.has_value()) << "no callback in a dead process";
  EXPECT_EQ(Dial("b:1", IdOf(2)), Errc::kPeerGone);
  server_.reset();
  b_.reset();
  StartB();
  EXPECT_EQ(Dial("b:1", IdOf(2)), std::nullopt);
}

TEST_F(SimNetworkTest, ADeadMachineIsSilentUntilItIsBack) {
  Connect();
  network_.Kill("b", SimNetwork::Death::kPower);
  server_.reset();
  b_.reset();
  client_->Send("hello?");
  scheduler_.RunFor(60 * kSecond);
  EXPECT_FALSE(client_->closed.has_value());
  EXPECT_EQ(Dial("b:1", IdOf(2)), Errc::kTimeout);
  StartB();
  client_->Send("hello?");
  ASSERT_TRUE(RunUntil([&] { return client_->closed.has_value(); }));
  EXPECT_TRUE(client_->closed->Is(Errc::kPeerGone));
}

}  // namespace
}  // namespace atozsync
