#include "protocol/uv_transport.h"

#include "tests/unit/protocol/transport_fixture.h"

namespace atozsync::protocol {
namespace {

// Two nodes and one connection between them, with a recorder at each end.
class ConnectedTest : public TransportTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(b_.transport.Listen("127.0.0.1:0").ok());
    Result<std::unique_ptr<Connection>> dialled = Dial(a_, b_.address(), b_.identity.id);
    ASSERT_TRUE(dialled.ok()) << dialled.status().ToString();
    out_ = std::move(dialled).value();
    Until([this] { return !b_.accepted.empty(); });
    in_ = std::move(b_.accepted[0]);
    out_->SetHandler(&at_out_);
    in_->SetHandler(&at_in_);
  }

  // Sends `bytes` in pieces, waiting for OnDrained() as the engine does.
  void Stream(Connection& from, Recorder& recorder, size_t bytes, size_t* largest_unsent) {
    auto left = std::make_shared<size_t>(bytes);
    recorder.on_drained = [&from, left, largest_unsent] {
      while (*left > 0 && from.UnsentBytes() < kDrainedBytes * 2) {
        const size_t piece = std::min<size_t>(*left, 100'000);
        Bytes data(piece);
        for (size_t i = 0; i < piece; ++i) data[i] = static_cast<uint8_t>(*left - i);
        from.Send(std::move(data));
        *left -= piece;
        *largest_unsent = std::max(*largest_unsent, from.UnsentBytes());
      }
    };
    recorder.on_drained();
  }

  Recorder at_out_;
  Recorder at_in_;
  Node a_{executor_};
  Node b_{executor_};
  std::unique_ptr<Connection> out_;
  std::unique_ptr<Connection> in_;
};

TEST_F(ConnectedTest, BothSidesKnowWhatAStreamIsFor) {
  EXPECT_EQ(out_->use(), StreamUse::kLink);
  EXPECT_EQ(in_->use(), StreamUse::kLink);
  const auto content = Dial(a_, b_.address(), b_.identity.id, 30'000, StreamUse::kContent);
  ASSERT_TRUE(content.ok()) << content.status().ToString();
  EXPECT_EQ((*content)->use(), StreamUse::kContent);
  Until([this] { return b_.accepted.size() == 2; });
  EXPECT_EQ(b_.accepted[1]->use(), StreamUse::kContent);
}

TEST_F(ConnectedTest, EachKnowsTheOther) {
  EXPECT_EQ(out_->peer_id(), b_.identity.id);
  EXPECT_EQ(in_->peer_id(), a_.identity.id);
  EXPECT_TRUE(out_->outgoing());
  EXPECT_FALSE(in_->outgoing());
  EXPECT_EQ(out_->remote_address(), b_.address());
  EXPECT_TRUE(in_->remote_address().starts_with("127.0.0.1:"));
}

TEST_F(ConnectedTest, SixtyFourMebibytesBothWaysInBoundedMemory) {
  constexpr size_t kBytes = 64u << 20;
  at_out_.keep = false;
  at_in_.keep = false;
  size_t largest_unsent = 0;
  Stream(*out_, at_out_, kBytes, &largest_unsent);
  Stream(*in_, at_in_, kBytes, &largest_unsent);
  Until([this] { return at_in_.received >= kBytes && at_out_.received >= kBytes; });
  EXPECT_EQ(at_in_.received, kBytes);
  EXPECT_EQ(at_out_.received, kBytes);
  EXPECT_LT(largest_unsent, size_t{1} << 20);
  EXPECT_GT(at_out_.drained, 10);
}

TEST_F(ConnectedTest, BytesArriveUnchangedAndInOrder) {
  Bytes sent;
  for (int i = 0; i < 300; ++i) {
    Bytes piece(static_cast<size_t>(i * 37 % 5000));
    for (uint8_t& byte : piece) byte = static_cast<uint8_t>(i + (&byte - piece.data()));
    sent.insert(sent.end(), piece.begin(), piece.end());
    out_->Send(std::move(piece));
  }
  Until([&] { return at_in_.received >= sent.size(); });
  EXPECT_EQ(at_in_.data, sent);
}

TEST_F(ConnectedTest, APausedReaderStopsTheSenderUntilItGoesOn) {
  in_->PauseReading(true);
  size_t largest_unsent = 0;
  constexpr size_t kBytes = 32u << 20;
  Stream(*out_, at_out_, kBytes, &largest_unsent);
  // The system's buffers are full when nothing drains any more.
  int drained = -1;
  while (drained != at_out_.drained) {
    drained = at_out_.drained;
    Turns(50);
  }
  EXPECT_GE(out_->UnsentBytes(), kDrainedBytes);
  EXPECT_EQ(at_in_.received, 0u);
  at_in_.inside_call = true;
  in_->PauseReading(false);
  at_in_.inside_call = false;
  Until([this] { return at_in_.received == kBytes; });
}

TEST_F(ConnectedTest, BytesWaitForAHandler) {
  in_->SetHandler(nullptr);
  out_->Send(Bytes(1000, 7));
  Turns(50);
  EXPECT_EQ(at_in_.received, 0u);
  at_in_.inside_call = true;
  in_->SetHandler(&at_in_);
  at_in_.inside_call = false;
  Until([this] { return at_in_.received == 1000; });
}

TEST_F(ConnectedTest, CloseSendsWhatWasGivenAndBothHearOnceThatItWasOrderly) {
  constexpr size_t kBytes = 5u << 20;
  out_->Send(Bytes(kBytes, 1));
  at_out_.inside_call = true;
  out_->Close();
  out_->Close();
  at_out_.inside_call = false;
  Until([this] { return !at_out_.closed.empty() && !at_in_.closed.empty(); });
  EXPECT_EQ(at_in_.received, kBytes);
  Turns(50);
  ASSERT_EQ(at_in_.closed.size(), 1u);
  ASSERT_EQ(at_out_.closed.size(), 1u);
  EXPECT_TRUE(at_in_.closed[0].ok()) << at_in_.closed[0].ToString();
  EXPECT_TRUE(at_out_.closed[0].ok()) << at_out_.closed[0].ToString();
  out_->Send(Bytes(10, 1));  // harmless
  EXPECT_EQ(out_->UnsentBytes(), 0u);
}

TEST_F(ConnectedTest, BothMayCloseAtOnce) {
  out_->Send(Bytes(1000, 1));
  in_->Send(Bytes(1000, 1));
  out_->Close();
  in_->Close();
  Until([this] { return !at_out_.closed.empty() && !at_in_.closed.empty(); });
  EXPECT_TRUE(at_out_.closed[0].ok());
  EXPECT_TRUE(at_in_.closed[0].ok());
}

TEST_F(ConnectedTest, DestroyingOneEndIsHeardAtTheOtherOnly) {
  out_.reset();
  Until([this] { return !at_in_.closed.empty(); });
  Turns();
  EXPECT_EQ(at_in_.closed.size(), 1u);
  EXPECT_TRUE(at_out_.closed.empty());
}

TEST_F(ConnectedTest, AHandlerMayDestroyItsConnectionInEveryCallback) {
  at_in_.on_bytes = [this] { in_.reset(); };
  out_->Send(Bytes(3u << 20, 1));
  Until([this] { return !at_out_.closed.empty(); });
  EXPECT_EQ(in_, nullptr);
  EXPECT_TRUE(at_in_.closed.empty());
}

TEST_F(ConnectedTest, OnDrainedMayDestroyItsConnection) {
  at_out_.on_drained = [this] { out_.reset(); };
  out_->Send(Bytes(3u << 20, 1));
  Until([this] { return !at_in_.closed.empty(); });
  EXPECT_EQ(out_, nullptr);
}

TEST_F(ConnectedTest, ACallerThatIgnoresUnsentBytesIsCutOff) {
  in_->PauseReading(true);
  for (int i = 0; i < 100; ++i) out_->Send(Bytes(1u << 20, 1));
  EXPECT_LE(out_->UnsentBytes(), kUnsentBytesMax);
  Until([this] { return !at_out_.closed.empty(); });
  EXPECT_TRUE(at_out_.closed[0].Is(Errc::kPeerGone));
}

TEST_F(ConnectedTest, ConnectionsOutliveTheirTransport) {
  auto gone = std::make_unique<Node>(executor_);
  Result<std::unique_ptr<Connection>> dialled = Dial(*gone, b_.address(), b_.identity.id);
  ASSERT_TRUE(dialled.ok());
  gone.reset();
  Recorder recorder;
  (*dialled)->SetHandler(&recorder);
  Until([this] { return b_.accepted.size() == 2; });
  b_.accepted[1]->Send(Bytes(10, 1));
  Until([&recorder] { return recorder.received == 10; });
}

TEST_F(TransportTest, AnotherReplicaThanExpectedIsRefused) {
  Node a(executor_);
  Node b(executor_);
  ASSERT_TRUE(b.transport.Listen("127.0.0.1:0").ok());
  EXPECT_TRUE(Dial(a, b.address(), a.identity.id).Is(Errc::kPermission));
  Until([&b] { return b.transport.half_open() == 0; });
  EXPECT_TRUE(b.accepted.empty());
}

TEST_F(TransportTest, DiallingNobodyFailsOnce) {
  Node a(executor_);
  Node b(executor_);
  ASSERT_TRUE(b.transport.Listen("127.0.0.1:0").ok());
  const std::string address = b.address();
  auto gone = std::make_unique<Node>(executor_);
  ASSERT_TRUE(gone->transport.Listen("127.0.0.1:0").ok());
  const std::string deserted = gone->address();
  gone.reset();
  Turns();
  EXPECT_TRUE(Dial(a, deserted, b.identity.id).Is(Errc::kPeerGone));
  EXPECT_TRUE(Dial(a, "no address", b.identity.id).Is(Errc::kInvalid));
  EXPECT_TRUE(Dial(a, "localhost:" + address.substr(address.rfind(':') + 1), b.identity.id).ok());
}

TEST_F(TransportTest, ADestroyedTransportReportsNoDial) {
  Node b(executor_);
  ASSERT_TRUE(b.transport.Listen("127.0.0.1:0").ok());
  bool told = false;
  {
    Node a(executor_);
    a.transport.Dial(b.address(), b.identity.id, StreamUse::kLink, 30'000,
                     [&told](auto) { told = true; });
    Until([&b] { return b.transport.half_open() == 1; });  // in the middle of the handshake
    a.transport.Dial("localhost:1", b.identity.id, StreamUse::kLink, 30'000,
                     [&told](auto) { told = true; });
    EXPECT_FALSE(told);
  }
  Turns(50);
  EXPECT_FALSE(told);
}

TEST_F(TransportTest, ListensOnPrivateAddressesOnlyUnlessAllowed) {
  Node careful(executor_);
  EXPECT_TRUE(careful.transport.Listen("0.0.0.0:0").Is(Errc::kInvalid));
  EXPECT_TRUE(careful.transport.Listen("[::]:0").Is(Errc::kInvalid));
  EXPECT_TRUE(careful.transport.Listen("8.8.8.8:0").Is(Errc::kInvalid));
  EXPECT_TRUE(careful.transport.Listen("office:0").Is(Errc::kInvalid));
  EXPECT_TRUE(careful.transport.Listen("127.0.0.1").Is(Errc::kInvalid));
  EXPECT_TRUE(careful.transport.bound_addresses().empty());
  Node open(executor_, {.allow_public = true});
  EXPECT_TRUE(open.transport.Listen("0.0.0.0:0").ok());
  EXPECT_EQ(open.transport.bound_addresses().size(), 1u);
}

TEST_F(TransportTest, APortInUseIsSaid) {
  Node a(executor_);
  Node b(executor_);
  ASSERT_TRUE(a.transport.Listen("127.0.0.1:0").ok());
  const Status status = b.transport.Listen(a.address());
  ASSERT_TRUE(status.Is(Errc::kBusy)) << status.ToString();
  EXPECT_NE(status.error().context.find(a.address()), std::string::npos);
}

}  // namespace
}  // namespace atozsync::protocol
