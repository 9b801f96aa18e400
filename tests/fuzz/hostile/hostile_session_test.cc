// Attacks on sessions and connections: what is said in the wrong order, too often, or never read.
#include <gtest/gtest.h>

#include <limits>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

// Who dials the link dials the streams for content.
bool DialAnew(HostileWorld& world) {
  HostilePeer& peer = world.peer();
  peer.SetAccepting(false);
  peer.Close();
  world.RunFor(10'000);  // the victim's own attempts have become rare
  const uint64_t statuses = peer.known().statuses;
  peer.Dial();
  world.RunFor(300);
  peer.Send(peer.PlausibleHello());
  world.RunFor(300);
  return peer.connected() && peer.known().statuses > statuses;
}

TEST(HostileSession, AMemberThatBehavesIsServed) {
  HostileWorld world(1);
  ASSERT_TRUE(world.Connect());
  world.peer().Announce({world.peer().FileRow("S/Smith12/new.jpg", "from a member")});
  ASSERT_TRUE(world.RunUntilIdle());
  EXPECT_EQ(world.Read("S/Smith12/new.jpg"), "from a member");
  ExpectUnharmed(world);
}

TEST(HostileSession, ContentIsTakenFromAStreamForIt) {
  HostileWorld world(5);
  HostilePeer& peer = world.peer();
  ASSERT_TRUE(world.Connect());
  ASSERT_TRUE(DialAnew(world));
  peer.SetAnswers(Answers::kNone);
  peer.Announce({peer.FileRow("S/Smith12/new.jpg", "from a member")});
  world.RunFor(1'000);
  ASSERT_EQ(peer.known().content_requests.size(), 1u);
  const size_t connections = peer.connections();
  peer.DialForContent();
  world.RunFor(1'000);
  ASSERT_EQ(peer.connections(), connections + 1);
  peer.Send(protocol::ContentStream{peer.PlausibleHello().link_id});
  peer.Send(peer.TrueReply(peer.known().content_requests[0]));
  ASSERT_TRUE(world.RunUntilIdle()) << world.Describe();
  EXPECT_EQ(world.Read("S/Smith12/new.jpg"), "from a member");
  ExpectUnharmed(world);
}

// Parts of one frame that goes on for ever, on a link and on a stream for content.
TEST(HostileSession, PartsWithoutAnEndAreNotGathered) {
  for (bool content : {false, true}) {
    HostileWorld world(6);
    HostilePeer& peer = world.peer();
    ASSERT_TRUE(world.Connect());
    ASSERT_TRUE(DialAnew(world));
    if (content) {
      peer.DialForContent();
      world.RunFor(1'000);
      peer.Send(protocol::ContentStream{peer.PlausibleHello().link_id});
    }
    Bytes part(protocol::kFrameHeaderBytes + 60'000, 7);
    protocol::SealFrame(protocol::MessageType(protocol::ContentReply()), protocol::kFramePart,
                        part);
    for (int i = 0; i < 1'000 && peer.connected(); ++i) {
      peer.SendBytes(part);
      world.RunFor(20);
    }
    EXPECT_FALSE(peer.connected()) << "60 MB were taken as one frame";
    ExpectUnharmed(world);
  }
}

TEST(HostileSession, AsksForRowsBehindTheEnd) {
  HostileWorld world(2);
  ASSERT_TRUE(world.Connect());
  for (Sequence after : {Sequence{1'000'000}, Sequence{kMax}, Sequence{kMax - 1}}) {
    world.peer().Send(protocol::ListRequest{after});
    world.RunFor(1'000);
  }
  world.Write("later.txt", "made later");
  world.RunFor(1'000);
  EXPECT_TRUE(world.peer().known().rows.contains(RelPath::Trusted("later.txt")))
      << "the stream goes on from its end";
  ExpectUnharmed(world);
}

TEST(HostileSession, AcknowledgesWhatWasNeverSent) {
  HostileWorld world(3);
  ASSERT_TRUE(world.Connect());
  for (Sequence sequence : {Sequence{kMax}, Sequence{1}, Sequence{kMax - 1}}) {
    world.peer().Send(protocol::IndexAck{sequence});
  }
  world.Delete("top.txt");
  world.RunFor(30'000);
  EXPECT_EQ(world.index().totals().tombstones, 1u) << "a deletion nobody else has is not forgotten";
  ExpectUnharmed(world);
}

TEST(HostileSession, SilentStrangerIsShownOut) {
  HostileWorld world(4);
  ReplicaId id;
  id.bytes.fill(9);
  world.network().AddNode("stranger", id);
  {
    HostilePeer stranger(world.scheduler(), world.network(), "stranger", "victim", id,
                         world.victim().id());
    world.RunFor(500);
    for (int i = 0; i < 3; ++i) {
      stranger.Dial();
      world.RunFor(200);
      stranger.SetReading(false);  // answers no Ping either
    }
    world.RunFor(60'000);
    EXPECT_EQ(world.network().connections(), 4u) << "three of the stranger's, one of the member";
    stranger.SetReading(true);
    world.RunFor(1'000);
    EXPECT_FALSE(stranger.connected());
  }
  ExpectUnharmed(world);
}

}  // namespace
}  // namespace atozsync
