// Attacks with conflict records: lies that are stored, replicated and later acted on by a person.
#include <gtest/gtest.h>

#include <cerrno>
#include <limits>

#include "sync/engine/layout.h"
#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

// An open conflict whose loser is a content that the peer can give.
ConflictRecord Record(HostilePeer& peer, const std::string& path, const std::string& loser) {
  ConflictRecord record;
  record.path = RelPath::Trusted(path);
  record.kind = ConflictKind::kEditEdit;
  record.winner = peer.FileRow(path, "the winner").version;
  record.loser = peer.FileRow(path, loser).version;
  record.detected_ms = 1;
  record.rule = "edit-edit-take";
  record.id = ConflictId(record.path, record.kind, record.loser);
  return record;
}

VersionVector Crowd(uint32_t first, uint32_t count) {
  std::vector<VersionVector::Entry> entries;
  for (uint32_t i = 0; i < count; ++i) entries.push_back({uint64_t{0x770000000} + first + i, kMax});
  return VersionVector::FromEntries(std::move(entries)).value();
}

TEST(HostileConflict, RecordsThatFillMoreThanAFrame) {
  HostileWorld world(21);
  ASSERT_TRUE(world.Connect());
  const std::string deep(200, 'd');
  std::string dir;
  for (int i = 0; i < 100; ++i) dir += deep + "/";
  for (int i = 0; i < 60; ++i) {
    ConflictRecord record = Record(world.peer(), dir + std::to_string(i), "loser");
    record.other_path = RelPath::Trusted(dir + "other" + std::to_string(i));
    record.winner.vector = Crowd(0, 900);
    record.loser.vector = Crowd(5'000, 900);
    world.peer().Announce({}, {record});
    if (i % 10 == 0) world.RunFor(100);
  }
  world.RunFor(5'000);
  EXPECT_EQ(world.index().Conflicts().size(), 60u);
  ExpectUnharmed(world);  // the honest replica gets them all
}

TEST(HostileConflict, RecordsThatGrowWhenTheyAreMerged) {
  HostileWorld world(22);
  ASSERT_TRUE(world.Connect());
  ConflictRecord record = Record(world.peer(), "grows.txt", "loser");
  for (uint32_t round = 0; round < 8; ++round) {
    record.winner.vector = Crowd(round * 10'000, 1'000);
    record.loser.vector = Crowd(round * 10'000, 1'000);
    world.peer().Announce({}, {record});
    world.RunFor(200);
  }
  for (const ConflictRecord& kept : world.index().Conflicts()) {
    EXPECT_LE(kept.loser.vector.entries().size(), FileVersion::kAuthorsJoinedMax);
  }
  ExpectUnharmed(world);
}

TEST(HostileConflict, AboutOurOwnFolder) {
  HostileWorld world(23);
  ASSERT_TRUE(world.Connect());
  std::vector<ConflictRecord> records;
  for (const char* path : {".atozsync/planted", ".atozsync/root-id", ".atozsync/versions/x", ".git",
                           "S/Smith12/Thumbs.db"}) {
    records.push_back(Record(world.peer(), path, std::string("planted at ") + path));
  }
  ConflictRecord second = Record(world.peer(), "top.txt", "marker");
  second.kind = ConflictKind::kCase;
  second.other_path = RelPath::Trusted(".atozsync/root-id");
  second.id = ConflictId(second.path, second.kind, second.loser);
  records.push_back(second);
  world.peer().Announce({}, records);
  world.RunFor(3'000);
  for (const ConflictRecord& record : records) {  // as a person would, who believes it
    for (Keep keep : {Keep::kLoser, Keep::kBoth}) {
      world.victim().replica().ResolveConflict(record.id, keep, [](Status) {});
      world.RunFor(6'000);
    }
  }
  EXPECT_TRUE(world.index().Conflicts().empty());
  ExpectUnharmed(world);
}

TEST(HostileConflict, UnderTheIdOfAnother) {
  HostileWorld world(24);
  ASSERT_TRUE(world.Connect());
  ConflictRecord real = Record(world.peer(), "real.txt", "the real loser");
  world.peer().Announce({}, {real});
  ASSERT_TRUE(world.RunUntilIdle());
  ConflictRecord lie = Record(world.peer(), "lie.txt", "another loser");
  lie.id = real.id;
  lie.state = ConflictState::kKeptWinner;
  lie.state_hlc = kMax;
  world.peer().Announce({}, {lie});
  world.RunFor(2'000);
  std::optional<ConflictRecord> known = world.index().Conflict(real.id);
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->path.str(), "real.txt");
  EXPECT_EQ(known->state, ConflictState::kOpen) << "another record does not close it";
  ExpectUnharmed(world);
}

TEST(HostileConflict, NamesForBothAndDatesThatCannotBe) {
  HostileWorld world(25);
  ASSERT_TRUE(world.Connect());
  std::vector<ConflictRecord> records;
  for (int64_t detected_ms : {INT64_MIN, INT64_MAX, int64_t{-1}}) {
    ConflictRecord record = Record(world.peer(), std::string(250, 'n') + ".jpg",
                                   "loser " + std::to_string(detected_ms));
    record.detected_ms = detected_ms;
    records.push_back(record);
  }
  records.push_back(Record(world.peer(), "." + std::string(200, 'e'), "ignored name"));
  records.push_back(Record(world.peer(), "x." + std::string(250, 'e'), "a long extension"));
  world.peer().Announce({}, records);
  world.RunFor(5'000);
  for (const ConflictRecord& record : records) {
    world.victim().replica().ResolveConflict(record.id, Keep::kBoth, [](Status) {});
    world.RunFor(1'000);
  }
  ExpectUnharmed(world);
}

size_t FilesInStaging(HostileWorld& world) {
  return world.victim().files().ListKept(layout::Staging().str()).size();
}

TEST(HostileConflict, WhatAPersonCannotDoLeavesNothingInStaging) {
  HostileWorld world(28);
  ASSERT_TRUE(world.Connect());
  ConflictRecord record = Record(world.peer(), "S", "a file where the letter folder is");
  world.peer().Announce({}, {record});
  ASSERT_TRUE(world.RunUntilIdle());
  Status answer;
  world.victim().replica().ResolveConflict(record.id, Keep::kLoser,
                                           [&](Status status) { answer = status; });
  world.RunFor(20'000);
  EXPECT_TRUE(answer.Is(Errc::kInvalid)) << answer.ToString();
  EXPECT_EQ(FilesInStaging(world), 0u);
  ExpectUnharmed(world);
}

TEST(HostileConflict, ALosingSideThatCannotBePutAwayLeavesNothingInStaging) {
  HostileWorld world(29);
  ASSERT_TRUE(world.Connect());
  bool failed = false;
  SimFileSystem& files = world.victim().files();
  world.peer().Announce({}, {Record(world.peer(), "top.txt", "a loser of the hostile one")});
  for (int ms = 0; ms < 5'000 && FilesInStaging(world) == 0; ++ms) world.RunFor(1);
  files.FailCall(FsCall::kRename, 1, EIO);
  files.SetHook([&](FsCall call, const RelPath&, const RelPath& to) {
    failed = failed || (call == FsCall::kRename && to.IsBelow(layout::Conflicts()));
  });
  ASSERT_TRUE(world.RunUntilIdle());
  world.RunFor(20'000);
  EXPECT_TRUE(failed);
  EXPECT_EQ(FilesInStaging(world), 0u);
  EXPECT_EQ(world.index().KeptOf(RelPath::Trusted("top.txt")).size(), 1u) << "it was tried again";
  ExpectUnharmed(world);
}

TEST(HostileConflict, NamesThatDifferInCaseOnlyByTheThousand) {
  HostileWorld world(26);
  ASSERT_TRUE(world.Connect());
  std::vector<protocol::UpdateRow> rows;
  constexpr size_t kTwins = 400;
  for (size_t i = 0; i < kTwins; ++i) {
    std::string name = "abcdefghij";
    for (size_t bit = 0; bit < name.size(); ++bit) {
      if ((i >> bit) & 1) name[bit] = static_cast<char>(name[bit] - 'a' + 'A');
    }
    protocol::UpdateRow row = world.peer().TombstoneRow(name);
    row.version.kind = VersionKind::kDir;
    rows.push_back(row);
  }
  world.peer().Announce(rows);
  EXPECT_TRUE(world.RunUntilIdle());
  EXPECT_GT(world.index().Conflicts().size(), kTwins / 2);
  EXPECT_LT(world.index().Conflicts().size(), kTwins * 10) << "what is stored is paid for";
  ExpectUnharmed(world);
}

TEST(HostileConflict, ThousandsOfContentsThatNobodyHas) {
  HostileWorld world(27);
  ASSERT_TRUE(world.Connect());
  world.peer().SetAnswers(Answers::kNotFound);
  constexpr int kPages = 4;
  constexpr int kRecords = 1'000;
  uint64_t before = world.scheduler().steps();
  for (int page = 0; page < kPages; ++page) {
    std::vector<ConflictRecord> records;
    for (int i = 0; i < kRecords; ++i) {
      std::string name = "c" + std::to_string(page * kRecords + i);
      ConflictRecord record = Record(world.peer(), name, "x");
      record.loser.hash = {static_cast<uint64_t>(page), static_cast<uint64_t>(i) + 1};
      record.id = ConflictId(record.path, record.kind, record.loser);
      records.push_back(record);
    }
    world.peer().Announce({}, records);
    world.RunFor(100);
  }
  world.peer().Announce({world.peer().FileRow("useful.txt", "still served")});
  world.peer().SetAnswers(Answers::kTruth);
  world.RunFor(20'000);
  EXPECT_EQ(world.Read("useful.txt"), "still served");
  EXPECT_LT(world.scheduler().steps() - before, 3'000'000u);
  world.Check();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

}  // namespace
}  // namespace atozsync
