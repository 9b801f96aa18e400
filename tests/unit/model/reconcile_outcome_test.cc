// What two replicas end with when each hears the other's version: the same, for every pair of small
// versions.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sync/model/reconcile.h"
#include "tests/unit/model/model_builders.h"

namespace atozsync {
namespace {

// A few of everything: kinds × contents × vectors × times, with chains and acknowledgements.
std::vector<FileVersion> SmallVersions() {
  const std::vector<VersionVector> vectors = {Vector({{1, 1}}), Vector({{2, 1}}),
                                              Vector({{1, 1}, {2, 1}}), Vector({{1, 2}})};
  const std::vector<std::vector<ContentHash>> chains = {
      {}, {Hash(1)}, {Hash(2), Hash(1)}, {ContentHash(), Hash(1)}};
  std::vector<FileVersion> versions;
  for (const VersionVector& vector : vectors) {
    for (AuthorId author : {1u, 2u}) {
      if (vector.CounterOf(author) == 0) continue;
      for (uint64_t hlc : {10u, 20u}) {
        Dot dot{author, vector.CounterOf(author)};
        versions.push_back(Dir(vector, dot, hlc));
        for (const auto& chain : chains) {
          for (uint64_t content : {1u, 2u}) {
            versions.push_back(File(content, vector, dot, hlc));
            versions.back().mtime_ns = static_cast<int64_t>(author);
            versions.back().chain = chain;
          }
          versions.push_back(Gone(vector, dot, hlc));
          versions.back().chain = chain;
          versions.back().known_by = {static_cast<uint32_t>(author)};
          versions.push_back(versions.back());
          versions.back().known_by = {1, 2};
          versions.back().complete_by = {static_cast<uint32_t>(author)};
        }
      }
    }
  }
  return versions;
}

// What stands at `local` after it has heard `remote`.
FileVersion After(const FileVersion& local, const FileVersion& remote, Outcome* outcome) {
  Decision decision = Reconcile({&local, false}, remote, {});
  *outcome = decision.outcome;
  switch (decision.outcome) {
    case Outcome::kIgnore:
    case Outcome::kKeep: return local;
    case Outcome::kTake: return remote;
    default: return ResultingVersion(local, remote, decision.outcome);
  }
}

// Two versions can be in one cluster only if the same dot always means the same change, and a
// change by one author comes after that author's earlier ones.
bool CanCoexist(const FileVersion& a, const FileVersion& b) {
  if (a.dot == b.dot) {
    return a.kind == b.kind && a.hlc == b.hlc && a.hash == b.hash && a.mtime_ns == b.mtime_ns;
  }
  return true;
}

bool IsConflict(Outcome outcome) {
  return outcome == Outcome::kConflictTake || outcome == Outcome::kConflictKeep;
}

FileVersion WithoutChain(FileVersion version) {
  version.chain.clear();
  return version;
}

TEST(Reconcile, BothSidesEndWithTheSameVersion) {
  std::vector<FileVersion> versions = SmallVersions();
  std::map<std::string, int> rows;
  int failures = 0;
  for (const FileVersion& a : versions) {
    for (const FileVersion& b : versions) {
      if (!CanCoexist(a, b)) continue;
      Outcome at_a = Outcome::kIgnore;
      Outcome at_b = Outcome::kIgnore;
      FileVersion has_a = After(a, b, &at_a);
      FileVersion has_b = After(b, a, &at_b);
      ++rows[Reconcile({&a, false}, b, {}).row->label];
      EXPECT_EQ(WithoutChain(has_a), WithoutChain(has_b))
          << Text(a) << "\nfacing " << Text(b) << "\n"
          << OutcomeName(at_a) << " / " << OutcomeName(at_b);
      EXPECT_EQ(IsConflict(at_a), IsConflict(at_b)) << Text(a) << "\nfacing " << Text(b);
      if (HasFailure() && ++failures > 3) FAIL() << "and more";
    }
  }
  EXPECT_GT(rows["chain-take"], 0);
  EXPECT_GT(rows["after-deletion-keep"], 0);
  EXPECT_GT(rows["split-take"], 0);
  EXPECT_GT(rows["type-take"], 0);
}

TEST(Reconcile, BothSidesNameOneConflictAlike) {
  std::vector<FileVersion> versions = SmallVersions();
  RelPath path = RelPath::Trusted("a");
  auto id = [&](const FileVersion& local, const FileVersion& remote, Outcome outcome) {
    bool theirs_wins = outcome == Outcome::kConflictTake;
    return ConflictId(path, KindOfConflict(local, remote), theirs_wins ? local : remote);
  };
  for (const FileVersion& a : versions) {
    for (const FileVersion& b : versions) {
      if (!CanCoexist(a, b)) continue;
      Outcome at_a = Outcome::kIgnore;
      Outcome at_b = Outcome::kIgnore;
      After(a, b, &at_a);
      After(b, a, &at_b);
      if (!IsConflict(at_a) || !IsConflict(at_b)) continue;
      EXPECT_EQ(id(a, b, at_a), id(b, a, at_b)) << Text(a) << "\nfacing " << Text(b);
      EXPECT_NE(at_a, at_b) << "one wins, one loses";
    }
  }
}

TEST(Reconcile, HearingItTwiceChangesNothing) {
  for (const FileVersion& a : SmallVersions()) {
    for (const FileVersion& b : SmallVersions()) {
      if (!CanCoexist(a, b)) continue;
      Outcome outcome = Outcome::kIgnore;
      FileVersion once = After(a, b, &outcome);
      FileVersion twice = After(once, b, &outcome);
      EXPECT_EQ(WithoutChain(twice), WithoutChain(once)) << Text(a) << "\nheard " << Text(b);
      // Of one history with two contents the loser is logged whenever it is heard: under one id.
      bool split = once.vector == b.vector;
      EXPECT_TRUE(!IsConflict(outcome) || split) << Text(a) << "\nheard " << Text(b);
      if (HasFailure()) return;
    }
  }
}

// The worked example of docs/reconcile.md, step by step.
TEST(Reconcile, WorkedExample) {
  FileVersion at_a = File('x', Vector({{1, 1}}), {1, 1}, 10);
  FileVersion at_b = File('y', Vector({{1, 1}, {2, 1}}), {2, 1}, 20);
  at_b.chain = ChainAfter(at_a);
  FileVersion at_c = Gone(Vector({{1, 1}, {3, 1}}), {3, 1}, 30);
  at_c.chain = ChainAfter(at_a);
  auto hears = [](FileVersion& ours, const FileVersion& theirs) -> std::string {
    std::string label = Reconcile({&ours, false}, theirs, {}).row->label;
    Outcome outcome = Outcome::kIgnore;
    ours = After(ours, theirs, &outcome);
    return label;
  };
  EXPECT_EQ(hears(at_a, at_b), "newer");
  ContentHash at_a_id = ConflictId(RelPath::Trusted("f"), KindOfConflict(at_a, at_c), at_c);
  EXPECT_EQ(hears(at_a, at_c), "edit-delete-keep");
  EXPECT_EQ(ConflictId(RelPath::Trusted("f"), KindOfConflict(at_b, at_c), at_c), at_a_id);
  EXPECT_EQ(hears(at_b, at_c), "edit-delete-keep");
  EXPECT_EQ(hears(at_c, at_a), "newer");
  EXPECT_EQ(hears(at_a, at_b), "equal");
  for (const FileVersion& end : {at_a, at_b, at_c}) {
    EXPECT_EQ(end.hash, Hash('y'));
    EXPECT_EQ(end.vector, Vector({{1, 1}, {2, 1}, {3, 1}}));
  }
  FileVersion resolved = Gone(at_a.vector.With(1, 2), {1, 2}, 40);
  resolved.chain = ChainAfter(at_a);
  EXPECT_EQ(resolved.chain, (std::vector<ContentHash>{Hash('y'), Hash('x')}));
  EXPECT_EQ(hears(at_b, resolved), "newer");
  EXPECT_EQ(hears(at_c, resolved), "newer");
}

// B saves y over x; A, which had x as well, puts back w, which x had replaced.
TEST(Reconcile, AContentThatIsPutBackIsAnEditLikeAnyOther) {
  FileVersion w = File('w', Vector({{1, 1}}), {1, 1}, 10);
  FileVersion x = File('x', Vector({{1, 1}, {2, 1}}), {2, 1}, 20);
  x.chain = ChainAfter(w);
  FileVersion at_b = File('y', Vector({{1, 1}, {2, 2}}), {2, 2}, 30);
  at_b.chain = ChainAfter(x);
  FileVersion at_a = File('w', Vector({{1, 2}, {2, 1}}), {1, 2}, 25);
  at_a.chain = ChainAfter(x);
  EXPECT_STREQ(Reconcile({&at_a, false}, at_b, {}).row->label, "edit-edit-take");
  EXPECT_STREQ(Reconcile({&at_b, false}, at_a, {}).row->label, "edit-edit-keep");
  at_b = Gone(at_b.vector, at_b.dot, 30);
  at_b.chain = ChainAfter(x);
  EXPECT_STREQ(Reconcile({&at_a, false}, at_b, {}).row->label, "edit-delete-keep");
  // Only its time was set: x is what B replaced.
  FileVersion touched = File('x', Vector({{1, 2}, {2, 1}}), {1, 2}, 25);
  touched.chain = x.chain;
  touched.dot = DotAfter(x, touched);
  EXPECT_STREQ(Reconcile({&touched, false}, at_b, {}).row->label, "chain-take");
}

// F saves y over B's x. Each meets a third content z before it hears of the other, and B a deletion
// of z besides.
TEST(Reconcile, AReplacedContentIsKnownAsSuchWhereBothMetAThird) {
  FileVersion at_b = File('x', Vector({{1, 1}}), {1, 1}, 30);
  FileVersion at_f = File('y', Vector({{1, 1}, {2, 1}}), {2, 1}, 40);
  at_f.chain = ChainAfter(at_b);
  FileVersion z = File('z', Vector({{3, 1}}), {3, 1}, 20);
  FileVersion z_gone = Gone(Vector({{3, 2}}), {3, 2}, 25);
  z_gone.chain = ChainAfter(z);
  Outcome outcome = Outcome::kIgnore;
  at_b = After(at_b, z, &outcome);
  EXPECT_EQ(outcome, Outcome::kConflictKeep);
  at_b = After(at_b, z_gone, &outcome);
  at_f = After(at_f, z, &outcome);
  EXPECT_EQ(outcome, Outcome::kConflictKeep);
  ASSERT_EQ(at_b.vector.Compare(at_f.vector), VectorOrder::kConcurrent);
  EXPECT_STREQ(Reconcile({&at_b, false}, at_f, {}).row->label, "chain-take");
  EXPECT_STREQ(Reconcile({&at_f, false}, at_b, {}).row->label, "chain-keep");
}

// Somebody puts the loser back where neither version has come; the winner's time is set meanwhile.
TEST(MadeOver, ADecisionIsNotOverruledByTheWinnersChain) {
  FileVersion winner = File('w', Vector({{1, 1}, {2, 1}}), {2, 1}, 20);
  winner.chain = {Hash('l')};
  const FileVersion loser = File('l', Vector({{1, 1}}), {1, 1}, 10);
  FileVersion decision = File('l', Vector({{3, 1}}), {3, 1}, 30);
  EXPECT_STREQ(Reconcile({&decision, false}, winner, {}).row->label, "chain-take") << "by itself";
  decision = MadeOver(MadeOver(decision, winner), loser);
  EXPECT_EQ(decision.vector, Vector({{1, 1}, {2, 1}, {3, 1}}));
  EXPECT_EQ(decision.chain, std::vector<ContentHash>{Hash('w')});
  EXPECT_STREQ(Reconcile({&winner, false}, decision, {}).row->label, "newer");
  winner.vector = winner.vector.With(2, 2);
  EXPECT_STREQ(Reconcile({&winner, false}, decision, {}).row->label, "edit-edit-take");
  EXPECT_STREQ(Reconcile({&decision, false}, winner, {}).row->label, "edit-edit-keep");
}

TEST(ResultingVersion, HasSeenBothAndRemembersWhatItReplaced) {
  FileVersion ours = File(1, Vector({{1, 1}}), {1, 1}, 10);
  FileVersion theirs = File(2, Vector({{2, 1}}), {2, 1}, 20);
  FileVersion result = ResultingVersion(ours, theirs, Outcome::kConflictTake);
  EXPECT_EQ(result.hash, Hash(2));
  EXPECT_EQ(result.dot, theirs.dot);
  EXPECT_EQ(result.vector, Vector({{1, 1}, {2, 1}}));
  EXPECT_TRUE(result.ChainHas(Hash(1)));
  theirs.chain.assign(FileVersion::kChainMax, Hash(7));
  result = ResultingVersion(ours, theirs, Outcome::kConflictTake);
  EXPECT_EQ(result.chain.size(), FileVersion::kChainMax);
  EXPECT_TRUE(ValidateVersion(result).ok());
}

TEST(ResultingVersion, AcknowledgementsJoinForOneDeletionAndStartAnewForTwo) {
  FileVersion ours = Gone(Vector({{1, 1}}), {1, 1}, 10);
  ours.known_by = {1, 2};
  FileVersion theirs = ours;
  theirs.known_by = {2, 3};
  theirs.complete_by = {3};
  FileVersion same = ResultingVersion(ours, theirs, Outcome::kAdopt);
  EXPECT_EQ(same.known_by, (std::vector<uint32_t>{1, 2, 3}));
  EXPECT_EQ(same.complete_by, (std::vector<uint32_t>{3}));

  theirs.vector = Vector({{1, 1}, {2, 1}});  // theirs is newer: what is known of ours says nothing
  EXPECT_EQ(ResultingVersion(ours, theirs, Outcome::kAdopt).known_by, theirs.known_by);

  theirs.vector = Vector({{2, 1}});
  theirs.dot = {2, 1};
  FileVersion joined = ResultingVersion(ours, theirs, Outcome::kAdopt);
  EXPECT_TRUE(joined.known_by.empty());
  EXPECT_TRUE(joined.complete_by.empty());
}

TEST(KindOfConflict, TellsWhetherThereWasACommonPast) {
  FileVersion a = File(1, Vector({{1, 1}}), {1, 1}, 10);
  FileVersion b = File(2, Vector({{2, 1}}), {2, 1}, 20);
  EXPECT_EQ(KindOfConflict(a, b), ConflictKind::kCreateCreate);
  a.vector = Vector({{1, 1}, {3, 1}});
  b.vector = Vector({{2, 1}, {3, 1}});
  EXPECT_EQ(KindOfConflict(a, b), ConflictKind::kEditEdit);
  EXPECT_EQ(KindOfConflict(a, Gone({}, {}, 0)), ConflictKind::kEditDelete);
  EXPECT_EQ(KindOfConflict(Dir({}, {}, 0), b), ConflictKind::kType);
}

TEST(Observe, SeesNothingWhereThereIsNoRow) {
  FileVersion remote = File(1, Vector({{1, 1}}), {1, 1}, 10);
  Situation s = Observe({}, remote, {});
  EXPECT_EQ(s.local, LocalKind::kAbsent);
  EXPECT_EQ(s.remote, RemoteKind::kFile);
  FileVersion gone = Gone(Vector({{1, 1}}), {1, 1}, 10);
  EXPECT_EQ(Observe({}, gone, {}).remote, RemoteKind::kTombstone);
  gone.complete_by = {1};
  EXPECT_EQ(Observe({}, gone, {}).remote, RemoteKind::kCompleteTombstone);
  EXPECT_EQ(Observe({}, gone, {true, true}).remote, RemoteKind::kForgottenTombstone);
}

TEST(Observe, AnUnversionedRowIsTakenForWhatItIs) {
  FileVersion ours = File(1, {}, {}, 0);
  FileVersion remote = File(2, Vector({{1, 1}}), {1, 1}, 10);
  remote.chain = {Hash(1)};
  Situation s = Observe({&ours, true}, remote, {false, false});
  EXPECT_EQ(s.local, LocalKind::kUnversionedFile);
  EXPECT_TRUE(s.ours_in_their_chain);
  EXPECT_FALSE(s.authority_is_theirs);
  EXPECT_STREQ(Reconcile({&ours, true}, remote, {}).row->label, "adopt-older");
}

}  // namespace
}  // namespace atozsync
