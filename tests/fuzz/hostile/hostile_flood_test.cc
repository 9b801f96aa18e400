// Attacks on memory and time: much is asked, little is paid, nothing is read.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sync/engine/layout.h"
#include "sync/engine/stage_job.h"
#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

// Bytes in use. (0 where a sanitizer replaces malloc: the limits of the fuzzer hold there.)
size_t LiveBytes() {
  return mallinfo2().uordblks;
}

bool Logged(HostileWorld& world, const std::string& text) {
  const auto& log = world.victim().log();
  return std::any_of(log.begin(), log.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

constexpr size_t kMiB = 1u << 20;

// Sends `message` until the victim has enough of it, or `times` were sent. The most memory that was
// in use beyond what was before.
size_t Flood(HostileWorld& world, const protocol::Message& message, int times, int at_once) {
  size_t before = LiveBytes();
  size_t most = before;
  const Bytes frame = EncodeUnchecked(message);
  for (int i = 0; i < times && world.peer().connected(); i += at_once) {
    Bytes many;
    for (int j = 0; j < at_once; ++j) many.insert(many.end(), frame.begin(), frame.end());
    world.peer().SendBytes(std::move(many));
    for (int k = 0; k < 50 && world.peer().unsent_bytes() > 0; ++k) world.RunFor(20);
    most = std::max(most, LiveBytes());
  }
  world.RunFor(200);
  return std::max(most, LiveBytes()) - before;
}

void MakeWideFolder(HostileWorld& world) {
  std::vector<protocol::UpdateRow> rows;
  for (int i = 0; i < 2'000; ++i) {
    rows.push_back(world.peer().TombstoneRow("wide/" + std::string(200, 'n') + std::to_string(i)));
    rows.back().version.kind = VersionKind::kDir;
  }
  world.peer().Announce(rows);
  world.RunUntilIdle();
}

TEST(HostileFlood, AsksForDigestsAndReadsNone) {
  HostileWorld world(41);
  ASSERT_TRUE(world.Connect());
  MakeWideFolder(world);
  protocol::DigestRequest request;
  request.dir = RelPath::Trusted("wide");
  world.peer().SetReading(false);
  // Each takes 30 bytes to ask and 500 KB to answer.
  EXPECT_LT(Flood(world, request, 2'000, 50), 100 * kMiB);
  EXPECT_TRUE(Logged(world, "asks for more than it reads")) << world.Describe();
  ExpectUnharmed(world);
}

TEST(HostileFlood, AsksNowAndThenAndReadsNone) {
  HostileWorld world(48);
  ASSERT_TRUE(world.Connect());
  MakeWideFolder(world);
  protocol::DigestRequest request;
  request.dir = RelPath::Trusted("wide");
  world.peer().SetAccepting(false);
  world.peer().SetReading(false);
  // What waits for it is looked at between its questions, too.
  // That the connection has ended it need not notice: it reads nothing.
  bool ended = false;
  for (int i = 0; i < 200 && !ended; ++i) {
    world.peer().Send(request);
    world.RunFor(3'000);
    ended = Logged(world, "it does not read what is sent");
  }
  EXPECT_TRUE(ended) << world.Describe();
  ExpectUnharmed(world);
}

TEST(HostileFlood, AsksHowThingsAreAndReadsNothing) {
  HostileWorld world(42);
  ASSERT_TRUE(world.Connect());
  world.peer().SetReading(false);
  EXPECT_LT(Flood(world, protocol::StatusRequest{1}, 400'000, 2'000), 60 * kMiB);
  ExpectUnharmed(world);
}

TEST(HostileFlood, RestartsTheStreamAndReadsNothing) {
  HostileWorld world(43);
  ASSERT_TRUE(world.Connect());
  MakeWideFolder(world);
  world.peer().SetReading(false);
  EXPECT_LT(Flood(world, protocol::ListRequest{0}, 2'000, 20), 60 * kMiB);
  ExpectUnharmed(world);
}

TEST(HostileFlood, AsksForContentWithoutEnd) {
  HostileWorld world(44);
  ASSERT_TRUE(world.Connect());
  protocol::ContentRequest request;
  request.path = RelPath::Trusted("big.dcm");
  request.file_hash = world.index().Get(request.path)->version.hash;
  request.length = 400'000;
  world.peer().SetReading(false);
  EXPECT_LT(Flood(world, request, 20'000, 200), 60 * kMiB);
  ExpectUnharmed(world);
}

TEST(HostileFlood, SendsPingsAndNeverReads) {
  HostileWorld world(45);
  ASSERT_TRUE(world.Connect());
  world.peer().SetReading(false);
  EXPECT_LT(Flood(world, protocol::Ping{7}, 200'000, 2'000), 40 * kMiB);
  ExpectUnharmed(world);
}

TEST(HostileFlood, PathsAsDeepAsTheyFit) {
  HostileWorld world(46);
  ASSERT_TRUE(world.Connect());
  std::string deep;
  while (deep.size() + 2 < RelPath::kPathBytesMax) deep += "d/";
  std::vector<protocol::UpdateRow> rows;
  for (char c = 'a'; c <= 'z'; ++c) {
    rows.push_back(world.peer().FileRow(deep + c, "deep"));
    rows.push_back(world.peer().FileRow(deep.substr(0, 1'200) + c, "deep"));
    rows.push_back(world.peer().FileRow(std::string("deep/") + c, "not so deep"));
  }
  std::string deepest;
  for (int i = 0; i < 128; ++i) deepest += "e/";
  rows.push_back(world.peer().FileRow(deepest + "file", "just not too deep"));
  rows.push_back(world.peer().FileRow(deepest + "e/file", "too deep"));
  ConflictRecord record;
  record.path = RelPath::Trusted(deep + "x");
  record.other_path = RelPath::Trusted(deep + "y");
  record.id = ConflictId(record.path, record.kind, record.loser);
  world.peer().Announce(rows, {record});
  for (int i = 0; i < 600 && !world.victim().files().Exists(deepest + "file"); ++i) {
    world.RunFor(100);
  }
  EXPECT_TRUE(world.RunUntilIdle());
  EXPECT_EQ(world.Read("deep/a"), "not so deep");
  EXPECT_FALSE(world.victim().files().Exists("d")) << "no folder goes so deep";
  EXPECT_EQ(world.Read(deepest + "file"), "just not too deep");
  EXPECT_FALSE(world.victim().files().Exists(deepest + "e"));
  EXPECT_TRUE(world.index().Conflicts().empty());
  EXPECT_TRUE(Logged(world, "nested deeper than 128")) << "it is said";
  ExpectUnharmed(world);
}

// Says what the chunks of each content are that the victim begins to fetch, and gives none of it.
void NameChunksGiveNone(HostilePeer& peer, std::set<ContentHash>& begun) {
  for (const auto& request : std::exchange(peer.known().chunk_requests, {})) {
    peer.Send(peer.TrueChunks(request));
  }
  for (const auto& request : std::exchange(peer.known().content_requests, {})) {
    protocol::ContentReply nothing;
    nothing.id = request.id;
    peer.Send(nothing);
    begun.insert(request.file_hash);
  }
}

size_t PartialFiles(HostileWorld& world) {
  size_t count = 0;
  for (const auto& [path, node] : world.victim().files().ListKept(layout::Staging().str())) {
    count += path.ends_with(".part");
  }
  return count;
}

TEST(HostileFlood, OffersMuchAndGivesNone) {
  HostileWorld world(49);
  ASSERT_TRUE(world.Connect());
  constexpr size_t kFiles = kPartialFilesMax + 20;
  for (size_t i = 0; i < kFiles; ++i) world.Write("many/" + std::to_string(i), "small");
  ASSERT_TRUE(world.RunUntilIdle());
  world.RunFor(1'000);
  std::vector<protocol::UpdateRow> rows;
  for (size_t i = 0; i < kFiles; ++i) {
    std::string path = "many/" + std::to_string(i);
    rows.push_back(world.peer().FileRow(path, path + std::string(256u << 10, 'v')));
  }
  world.peer().SetAnswers(Answers::kNone);
  world.peer().Announce(rows);
  std::set<ContentHash> begun;
  size_t at_once = 0;
  for (int step = 0; step < 1'000; ++step) {
    world.RunFor(10);
    NameChunksGiveNone(world.peer(), begun);
    if (step % 100 == 99) at_once = std::max(at_once, PartialFiles(world));
  }
  EXPECT_EQ(begun.size(), kFiles);
  EXPECT_GT(at_once, 100u) << "what has come can be used again";
  EXPECT_LE(at_once, kPartialFilesMax);
  ExpectUnharmed(world);
}

TEST(HostileFlood, ComesAndGoesAllTheTime) {
  HostileWorld world(47);
  ASSERT_TRUE(world.Connect());
  for (int i = 0; i < 60; ++i) {
    world.peer().Dial();
    world.RunFor(static_cast<int64_t>(i % 7) * 40);
    world.peer().Send(world.peer().PlausibleHello());
    if (i % 3 == 0) world.peer().Abandon();
    if (i % 3 == 1) world.peer().Close();
    if (i % 3 == 2) world.network().ResetConnections("victim", "mallory");
  }
  ExpectUnharmed(world);
}

}  // namespace
}  // namespace atozsync
