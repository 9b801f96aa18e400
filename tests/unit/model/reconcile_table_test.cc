// The decision table, over every situation there is: 7 local kinds × 5 remote kinds × 4 orders ×
// 2^5 flags.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "sync/model/reconcile.h"

namespace atozsync {
namespace {

std::vector<Situation> AllSituations() {
  std::vector<Situation> all;
  for (int local = 0; local <= static_cast<int>(LocalKind::kUnversionedDir); ++local) {
    for (int remote = 0; remote <= static_cast<int>(RemoteKind::kDir); ++remote) {
      for (int order = 0; order <= static_cast<int>(VectorOrder::kConcurrent); ++order) {
        for (unsigned flags = 0; flags < 32; ++flags) {
          Situation s;
          s.local = static_cast<LocalKind>(local);
          s.remote = static_cast<RemoteKind>(remote);
          s.order = static_cast<VectorOrder>(order);
          s.same_content = (flags & 1) != 0;
          s.ours_in_their_chain = (flags & 2) != 0;
          s.theirs_in_our_chain = (flags & 4) != 0;
          s.theirs_ranks_higher = (flags & 8) != 0;
          s.authority_is_theirs = (flags & 16) != 0;
          all.push_back(s);
        }
      }
    }
  }
  return all;
}

bool Unversioned(const Situation& s) {
  return s.local == LocalKind::kUnversionedFile || s.local == LocalKind::kUnversionedDir;
}
bool LocalGone(const Situation& s) {
  return s.local == LocalKind::kTombstone || s.local == LocalKind::kCompleteTombstone;
}
bool RemoteGone(const Situation& s) {
  return s.remote != RemoteKind::kFile && s.remote != RemoteKind::kDir;
}
bool RemoteComplete(const Situation& s) {
  return s.remote == RemoteKind::kCompleteTombstone || s.remote == RemoteKind::kForgottenTombstone;
}
bool LocalLive(const Situation& s) {
  return s.local != LocalKind::kAbsent && !LocalGone(s);
}
bool TheirsReplacesOurs(Outcome outcome) {
  return outcome == Outcome::kTake || outcome == Outcome::kTakeMerged ||
         outcome == Outcome::kConflictTake;
}
bool IsConflict(Outcome outcome) {
  return outcome == Outcome::kConflictTake || outcome == Outcome::kConflictKeep;
}

// Can two versions stand in this situation to each other? What Observe() never says is left out.
bool Reachable(const Situation& s) {
  bool local_file = s.local == LocalKind::kFile || s.local == LocalKind::kUnversionedFile;
  bool local_dir = s.local == LocalKind::kDir || s.local == LocalKind::kUnversionedDir;
  bool remote_file = s.remote == RemoteKind::kFile;
  if (s.local == LocalKind::kAbsent) {
    return s.order == VectorOrder::kBefore && !s.same_content && !s.ours_in_their_chain &&
           !s.theirs_in_our_chain && !s.theirs_ranks_higher;
  }
  if (Unversioned(s) && s.order != VectorOrder::kBefore) return false;
  if (s.ours_in_their_chain && !local_file) return false;
  if (s.theirs_in_our_chain && !remote_file) return false;
  if (LocalGone(s) && RemoteGone(s)) return s.same_content;
  if (local_dir && s.remote == RemoteKind::kDir) return s.same_content;
  if (!(local_file && remote_file) && s.same_content) return false;
  if (s.same_content || (local_file && remote_file)) return true;
  // Kinds differ: they alone decide the rank.
  int ours = local_dir ? 2 : local_file ? 1 : 0;
  int theirs = s.remote == RemoteKind::kDir ? 2 : remote_file ? 1 : 0;
  return s.theirs_ranks_higher == (theirs > ours);
}

std::string Text(const Situation& s) {
  return "local " + std::to_string(static_cast<int>(s.local)) + " remote " +
         std::to_string(static_cast<int>(s.remote)) + " order " +
         std::to_string(static_cast<int>(s.order)) + (s.same_content ? " same" : "") +
         (s.ours_in_their_chain ? " ours-in-chain" : "") +
         (s.theirs_in_our_chain ? " theirs-in-chain" : "") +
         (s.theirs_ranks_higher ? " theirs-higher" : "") +
         (s.authority_is_theirs ? " authority" : "");
}

TEST(DecisionTable, AnswersEverySituationAndUsesEveryRow) {
  std::map<std::string, int> hits;
  std::map<std::string, int> reachable_hits;
  for (const Situation& s : AllSituations()) {
    const DecisionRow& row = Decide(s);  // stops the program where no row matches
    ++hits[row.label];
    if (Reachable(s)) ++reachable_hits[row.label];
  }
  for (const DecisionRow& row : DecisionTable()) {
    EXPECT_GT(hits[row.label], 0) << row.label;
    EXPECT_GT(reachable_hits[row.label], 0) << row.label << " is never used by real versions";
  }
}

TEST(DecisionTable, LabelsAreUniqueAndPlain) {
  std::set<std::string> labels;
  for (const DecisionRow& row : DecisionTable()) {
    EXPECT_TRUE(labels.insert(row.label).second) << row.label;
    EXPECT_TRUE(std::regex_match(row.label, std::regex("[a-z]+(-[a-z]+)*"))) << row.label;
    EXPECT_GT(std::string(row.words).size(), 10u) << row.label << ": a person reads this";
  }
}

// One truth about all reachable situations.
template <typename Premise, typename Truth>
void Always(Premise premise, Truth truth) {
  int checked = 0;
  for (const Situation& s : AllSituations()) {
    if (!Reachable(s) || !premise(s)) continue;
    ++checked;
    const DecisionRow& row = Decide(s);
    EXPECT_TRUE(truth(s, row.outcome)) << row.label << " for " << Text(s);
  }
  EXPECT_GT(checked, 0) << "the premise never holds";
}

TEST(DecisionTable, WhatHasSeenTheirsIsNeverReplacedByIt) {
  Always([](const Situation& s) { return s.order == VectorOrder::kAfter; },
         [](const Situation&, Outcome outcome) { return outcome == Outcome::kKeep; });
}

TEST(DecisionTable, WhatTheyHaveSeenMakesRoomWithoutAConflict) {
  Always(
      [](const Situation& s) {
        return s.order == VectorOrder::kBefore && LocalLive(s) && !Unversioned(s);
      },
      [](const Situation& s, Outcome outcome) {
        return outcome == (s.same_content ? Outcome::kAdopt : Outcome::kTake);
      });
}

TEST(DecisionTable, SameContentIsNeverAConflict) {
  Always([](const Situation& s) { return s.same_content; },
         [](const Situation&, Outcome outcome) {
           return outcome == Outcome::kKeep || outcome == Outcome::kAdopt;
         });
}

TEST(DecisionTable, AnUnseenEditFallsToNoDeletionButOneOfTheSameContent) {
  Always(
      [](const Situation& s) {
        bool unseen = s.order == VectorOrder::kConcurrent || Unversioned(s);
        return unseen && LocalLive(s) && RemoteGone(s) && !s.ours_in_their_chain;
      },
      [](const Situation&, Outcome outcome) { return !TheirsReplacesOurs(outcome); });
}

TEST(DecisionTable, ADeletionThatEveryoneHadNeverTakesWhatCameLater) {
  Always(
      [](const Situation& s) {
        return s.order == VectorOrder::kConcurrent && LocalLive(s) && RemoteComplete(s);
      },
      [](const Situation&, Outcome outcome) { return outcome == Outcome::kKeepMerged; });
  Always(
      [](const Situation& s) {
        return s.order == VectorOrder::kConcurrent && !RemoteGone(s) &&
               s.local == LocalKind::kCompleteTombstone;
      },
      [](const Situation&, Outcome outcome) { return outcome == Outcome::kTakeMerged; });
}

// Two contents of which neither replaced the other: somebody has to look.
TEST(DecisionTable, NoUnseenContentIsReplacedInSilence) {
  Always(
      [](const Situation& s) {
        bool unseen = s.order == VectorOrder::kConcurrent || Unversioned(s);
        bool chain = s.ours_in_their_chain != s.theirs_in_our_chain ||
                     (Unversioned(s) && s.ours_in_their_chain);
        return unseen && LocalLive(s) && !RemoteComplete(s) && !s.same_content && !chain;
      },
      [](const Situation&, Outcome outcome) { return IsConflict(outcome); });
}

TEST(DecisionTable, AFolderThatJoinsLosesNothingItAloneHas) {
  Always(
      [](const Situation& s) {
        return Unversioned(s) && !s.same_content && !s.ours_in_their_chain && !RemoteGone(s);
      },
      [](const Situation&, Outcome outcome) { return IsConflict(outcome); });
  Always(
      [](const Situation& s) {
        return s.local == LocalKind::kUnversionedFile && s.remote == RemoteKind::kFile &&
               !s.same_content && !s.ours_in_their_chain;
      },
      [](const Situation& s, Outcome outcome) {
        return outcome == (s.authority_is_theirs ? Outcome::kConflictTake : Outcome::kConflictKeep);
      });
}

TEST(DecisionTable, DirectoriesStandAgainstFiles) {
  Always(
      [](const Situation& s) {
        return s.order == VectorOrder::kConcurrent && s.local == LocalKind::kDir &&
               s.remote == RemoteKind::kFile && !s.theirs_in_our_chain;
      },
      [](const Situation&, Outcome outcome) { return outcome == Outcome::kConflictKeep; });
  Always(
      [](const Situation& s) {
        return s.order == VectorOrder::kConcurrent && s.local == LocalKind::kFile &&
               s.remote == RemoteKind::kDir && !s.ours_in_their_chain;
      },
      [](const Situation&, Outcome outcome) { return outcome == Outcome::kConflictTake; });
}

TEST(DecisionTable, WhereNothingIsKnownTheirsIsTaken) {
  Always([](const Situation& s) { return s.local == LocalKind::kAbsent; },
         [](const Situation& s, Outcome outcome) {
           bool forgotten = s.remote == RemoteKind::kForgottenTombstone;
           return outcome == (forgotten ? Outcome::kIgnore : Outcome::kTake);
         });
}

TEST(DecisionTable, TheDocumentSaysTheSameInTheSameOrder) {
  std::ifstream file(ATOZ_RECONCILE_DOC);
  ASSERT_TRUE(file.good()) << ATOZ_RECONCILE_DOC;
  // | `label` | when | `outcome` | words |
  std::regex row_pattern(R"(^\| `([a-z-]+)` \| .+ \| `([a-z-]+)` \| (.+) \|$)");
  std::vector<std::string> documented;
  for (std::string line; std::getline(file, line);) {
    std::smatch row;
    if (!std::regex_match(line, row, row_pattern)) continue;
    documented.push_back(row[1].str() + " | " + row[2].str() + " | " + row[3].str());
  }
  std::vector<std::string> coded;
  for (const DecisionRow& row : DecisionTable()) {
    coded.push_back(std::string(row.label) + " | " + OutcomeName(row.outcome) + " | " + row.words);
  }
  EXPECT_EQ(documented, coded);
}

}  // namespace
}  // namespace atozsync
