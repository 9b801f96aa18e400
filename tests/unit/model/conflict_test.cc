#include "sync/model/conflict.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/unit/model/model_builders.h"

namespace atozsync {

// For RapidCheck's reports.
void showValue(const ConflictRecord& record, std::ostream& out) {
  out << "\n  winner " << Text(record.winner) << "\n  loser " << Text(record.loser) << "\n  "
      << ConflictStateName(record.state) << " at " << record.state_hlc << ", seen "
      << record.detected_ms << ", rule " << record.rule << ", other "
      << Printable(record.other_path);
}

namespace {

const RelPath kPath = RelPath::Trusted("A/x.jpg");

TEST(ConflictId, DependsOnWhatLostAndWhere) {
  FileVersion loser = File(1, Vector({{1, 1}}), {1, 1}, 5);
  std::set<ContentHash> ids;
  auto add = [&](const RelPath& path, ConflictKind kind, const FileVersion& version) {
    EXPECT_TRUE(ids.insert(ConflictId(path, kind, version)).second);
  };
  add(kPath, ConflictKind::kEditEdit, loser);
  add(RelPath::Trusted("A/x.jpG"), ConflictKind::kEditEdit, loser);
  add(kPath, ConflictKind::kLateWrite, loser);
  for (int part = 0; part < 6; ++part) {
    FileVersion other = loser;
    if (part == 0) ++other.dot.author;
    if (part == 1) ++other.dot.counter;
    if (part == 2) ++other.hash.high;
    if (part == 3) ++other.hash.low;
    if (part == 4) ++other.size;
    if (part == 5) other.kind = VersionKind::kDir;
    add(kPath, ConflictKind::kEditEdit, other);
  }
}

TEST(ConflictId, DoesNotDependOnWhatReplicasMayHoldDifferently) {
  FileVersion loser = File(1, Vector({{1, 1}}), {1, 1}, 5);
  FileVersion elsewhere = loser;
  elsewhere.vector = Vector({{1, 1}, {2, 7}});
  elsewhere.chain = {Hash(4)};
  elsewhere.hlc = 99;
  elsewhere.mtime_ns = 99;
  EXPECT_EQ(ConflictId(kPath, ConflictKind::kEditEdit, loser),
            ConflictId(kPath, ConflictKind::kEditEdit, elsewhere));
}

// Kept files carry it in their names, peers compare it: it may not drift between releases.
TEST(ConflictId, IsWhatItAlwaysWas) {
  FileVersion loser = File(1, Vector({{1, 1}}), {1, 1}, 5);
  EXPECT_EQ(ConflictId(kPath, ConflictKind::kEditEdit, loser).ToHex(),
            "3705ded60100d5e8e50450ae5bc85563");
}

// Any two records of one conflict, as replicas could hold them: what the id is made from is equal.
rc::Gen<ConflictRecord> AnyRecord() {
  return rc::gen::exec([] {
    ConflictRecord record;
    record.path = kPath;
    record.id = Hash(1);
    record.winner = *gen::AnyVersion();
    record.loser = *gen::AnyVersion();
    record.loser.kind = VersionKind::kTombstone;
    record.loser.size = 0;
    record.loser.hash = {};
    record.loser.dot = {1, 1};
    if (*gen::Small(3) == 0) record.other_path = RelPath::Trusted("A/X.jpg");
    record.detected_ms = static_cast<int64_t>(*gen::Small(3));
    record.state = static_cast<ConflictState>(*gen::Small(5));
    record.state_hlc = *gen::Small(3);
    record.rule = *rc::gen::element<std::string>("split-take", "edit-edit-take", "edit-edit-keep");
    return record;
  });
}

RC_GTEST_PROP(MergeConflicts, GivesTheSameInAnyOrder, ()) {
  ConflictRecord a = *AnyRecord();
  ConflictRecord b = *AnyRecord();
  ConflictRecord c = *AnyRecord();
  RC_ASSERT(MergeConflicts(a, a) == a);
  RC_ASSERT(MergeConflicts(a, b) == MergeConflicts(b, a));
  RC_ASSERT(MergeConflicts(MergeConflicts(a, b), c) == MergeConflicts(a, MergeConflicts(b, c)));
  RC_ASSERT(MergeConflicts(MergeConflicts(a, b), b) == MergeConflicts(a, b));
}

TEST(MergeConflicts, ADecisionIsNotUndoneByARecordThatIsStillOpen) {
  ConflictRecord open;
  open.id = Hash(1);
  open.detected_ms = 500;
  ConflictRecord decided = open;
  decided.state = ConflictState::kKeptLoser;
  decided.state_hlc = 7;
  decided.detected_ms = 600;
  ConflictRecord merged = MergeConflicts(open, decided);
  EXPECT_EQ(merged.state, ConflictState::kKeptLoser);
  EXPECT_EQ(merged.detected_ms, 500);
  ConflictRecord later = decided;
  later.state = ConflictState::kKeptWinner;
  later.state_hlc = 8;
  EXPECT_EQ(MergeConflicts(merged, later).state, ConflictState::kKeptWinner);
}

TEST(MergeConflictsDeathTest, OnlyRecordsOfOneConflict) {
  ConflictRecord a;
  ConflictRecord b;
  b.id = Hash(1);
  EXPECT_DEATH(static_cast<void>(MergeConflicts(a, b)), "id");
}

TEST(ConflictKind, NamesComeBack) {
  for (uint8_t i = 1; i <= static_cast<uint8_t>(ConflictKind::kLateWrite); ++i) {
    ConflictKind kind = static_cast<ConflictKind>(i);
    Result<ConflictKind> parsed = ParseConflictKind(ConflictKindName(kind));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, kind);
  }
  for (const char* garbage : {"", "unknown", "edit", "Edit-Edit", "edit-edit "}) {
    EXPECT_TRUE(ParseConflictKind(garbage).Is(Errc::kInvalid)) << garbage;
  }
  EXPECT_STREQ(ConflictStateName(ConflictState::kKeptBoth), "kept-both");
}

}  // namespace
}  // namespace atozsync
