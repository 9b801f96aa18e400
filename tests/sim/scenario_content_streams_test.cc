// Further connections for content between one pair of replicas.
#include <gtest/gtest.h>

#include <random>

#include "protocol/session.h"
#include "sync/engine/content_streams.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

void ThreeStreams(SimNodeOptions& options) {
  options.adjust = [](ReplicaOptions& engine) {
    engine.content_streams = {.count = 3, .round_trip_min_ms = 5, .bulk_bytes_min = 100'000};
  };
}

std::string Name(int i) {
  return "S/Smith" + std::to_string(i % 4) + "/" + std::to_string(i) + ".jpg";
}

// Of contents that do not compress.
void WriteMany(SimCluster& c, int count) {
  std::mt19937_64 random(7);
  for (int i = 0; i < count; ++i) {
    std::string content(20'000, ' ');
    for (char& byte : content) byte = static_cast<char>(random());
    c.Write("A", Name(i), content);
  }
}

void CarryMuch(SimCluster& c, size_t connections_wanted) {
  WriteMany(c, 40);
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.network().connections(), connections_wanted);
  ExpectConverged(c);
}

TEST(ScenarioContentStreams, MuchContentOverALongLineGetsThem) {
  SimCluster c(71, {"A", "B"}, ThreeStreams);
  c.StartAll();
  c.Write("A", Name(0), "little");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.network().connections(), 1u) << "a little content needs none";
  CarryMuch(c, 4);
}

TEST(ScenarioContentStreams, AreNotMadeOnAShortLine) {
  SimCluster c(72, {"A", "B"}, ThreeStreams);
  SimLinkOptions near;
  near.latency_min_ns = near.latency_max_ns = kMs;
  c.network().SetAllLinkOptions(near);
  c.StartAll();
  CarryMuch(c, 1);
}

TEST(ScenarioContentStreams, AreNotMadeWithAReplicaThatDoesNotKnowThem) {
  SimCluster c(73, {"A", "B"}, [](SimNodeOptions& options) {
    ThreeStreams(options);
    if (options.name != "B") return;
    options.adjust = [](ReplicaOptions& engine) { engine.content_streams.count = 0; };
  });
  c.StartAll();
  CarryMuch(c, 1);
}

TEST(ScenarioContentStreams, WhatWasOnTheWayIsAskedForAnewWhenTheyBreak) {
  SimCluster c(74, {"A", "B"}, ThreeStreams);
  SimLinkOptions poor;
  poor.reset_permille = 15;
  c.network().SetAllLinkOptions(poor);
  c.StartAll();
  WriteMany(c, 60);
  c.RunFor(20'000);
  c.network().SetAllLinkOptions({});
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

// A member that dials a stream for content and says something on it.
class Dialler final : public ConnectionHandler, public protocol::SessionHandler {
 public:
  Dialler(SimCluster& c, protocol::Message first) : session_(this, 0) {
    session_.Send(first);
    c.node("B").transport().Dial("A:1", c.node("A").id(), StreamUse::kContent, 5'000,
                                 [this](Result<std::unique_ptr<Connection>> dialled) {
                                   connection_ = std::move(dialled).value();
                                   connection_->SetHandler(this);
                                   connection_->Send(session_.TakeOutput(1 << 20));
                                 });
  }
  ~Dialler() override {
    if (connection_) connection_->SetHandler(nullptr);
  }
  bool closed() const { return closed_; }
  bool taken() const { return taken_; }

  void OnBytes(ByteSpan bytes) override { session_.OnBytes(bytes, 0).IgnoreError(); }
  void OnDrained() override {}
  void OnClosed(Status) override { closed_ = true; }
  Status OnMessage(protocol::Message message) override {
    taken_ = taken_ || std::holds_alternative<protocol::ContentStream>(message);
    return Status::Ok();
  }

 private:
  protocol::Session session_;
  std::unique_ptr<Connection> connection_;
  bool closed_ = false;
  bool taken_ = false;
};

TEST(ScenarioContentStreams, OneForAnotherLinkIsRefusedAndTheLinkLivesOn) {
  SimCluster c(75, {"A", "B"}, ThreeStreams);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  {
    Dialler wrong(c, protocol::ContentStream{4711});
    Dialler talker(c, protocol::Ping{1});
    Dialler greeter(c, protocol::Goodbye{"never mind"});
    c.RunFor(15'000);
    EXPECT_TRUE(wrong.closed() && !wrong.taken());
    EXPECT_TRUE(talker.closed() && !talker.taken()) << "who never names its link";
    EXPECT_TRUE(greeter.closed());
  }
  EXPECT_EQ(c.network().connections(), 1u);
  c.Write("A", Name(1), "and it goes on");
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

TEST(ScenarioContentStreams, AFloodOfThemIsBounded) {
  SimCluster c(76, {"A", "B"}, ThreeStreams);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  std::vector<std::unique_ptr<Dialler>> many;
  for (int i = 0; i < 100; ++i) many.push_back(std::make_unique<Dialler>(c, protocol::Ping{1}));
  c.RunFor(1'000);
  EXPECT_LE(c.network().connections(), 1u + ContentStreams::kStreamsMax);
  many.clear();
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

}  // namespace
}  // namespace atozsync
