// A decision about a conflict that is taken back: what was replaced stands there again, as a new
// version, everywhere, and the conflict is open.
#include <gtest/gtest.h>

#include <optional>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";

class ScenarioUndo : public ::testing::Test {
 protected:
  void SetUp() override {
    c_.Write("A", kFile, "base");
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    c_.Partition("A", "B");
    c_.Write("A", kFile, "of A");
    c_.RunFor(2'000);
    if (deleted_at_b_) {
      c_.Delete("B", kFile);
    } else {
      c_.Write("B", kFile, "of B, later");
    }
    ASSERT_TRUE(c_.Settle());
    c_.HealAll();
    ASSERT_TRUE(c_.Settle());
    ASSERT_EQ(Conflict("A").state, ConflictState::kOpen);
    tree_ = c_.node("A").files().UserTree();
    winner_ = c_.Read("A", kFile);
  }
  ConflictRecord Conflict(const std::string& node) {
    return c_.node(node).index().Conflicts().at(0);
  }
  Status Wait(const std::shared_ptr<std::optional<Status>>& answer) {
    for (int i = 0; i < 100 && !*answer; ++i) c_.RunFor(100);
    return answer->value_or(Status(Errc::kTimeout, "no answer"));
  }
  Status Resolve(const std::string& node, Keep keep) {
    auto answer = std::make_shared<std::optional<Status>>();
    c_.node(node).replica().ResolveConflict(Conflict(node).id, keep,
                                            [answer](Status status) { *answer = status; });
    Status done = Wait(answer);
    EXPECT_TRUE(c_.Settle());
    for (const auto& [path, entry] : c_.node("A").files().UserTree()) c_.AllowPath(path);
    return done;
  }
  Status Undo(const std::string& node) {
    auto answer = std::make_shared<std::optional<Status>>();
    c_.node(node).replica().UndoDecision(Conflict(node).id,
                                         [answer](Status status) { *answer = status; });
    Status done = Wait(answer);
    EXPECT_TRUE(c_.Settle());
    return done;
  }
  void ExpectAsBefore() {
    for (const char* node : {"A", "B"}) {
      EXPECT_EQ(Conflict(node).state, ConflictState::kOpen) << node;
      EXPECT_EQ(c_.Read(node, kFile), winner_) << node;
      EXPECT_EQ(c_.node(node).files().UserTree().size(), tree_.size()) << node;
      EXPECT_EQ(c_.node(node).replica().Report().conflicts_open, 1u) << node;
    }
    ExpectConverged(c_);
  }

  bool deleted_at_b_ = false;
  SimCluster c_{23};
  Tree tree_;
  std::string winner_;
};

TEST_F(ScenarioUndo, OfEachDecisionOnEitherReplica) {
  for (const char* decides : {"A", "B"}) {
    for (const char* undoes : {"A", "B"}) {
      for (Keep keep : {Keep::kWinner, Keep::kLoser, Keep::kBoth}) {
        ASSERT_TRUE(Resolve(decides, keep).ok());
        EXPECT_NE(Conflict(undoes).state, ConflictState::kOpen);
        const Status undone = Undo(undoes);
        EXPECT_TRUE(undone.ok()) << undone.ToString();
        ExpectAsBefore();
      }
    }
  }
}

TEST_F(ScenarioUndo, ThereIsNothingToUndoTwice) {
  EXPECT_TRUE(Undo("A").Is(Errc::kInvalid));
  ASSERT_TRUE(Resolve("A", Keep::kLoser).ok());
  EXPECT_TRUE(Undo("A").ok());
  EXPECT_TRUE(Undo("A").Is(Errc::kInvalid));
  ExpectAsBefore();
}

TEST_F(ScenarioUndo, NotOverWhatSomebodyHasSavedSince) {
  ASSERT_TRUE(Resolve("A", Keep::kLoser).ok());
  c_.Write("B", kFile, "saved since");
  ASSERT_TRUE(c_.Settle());
  EXPECT_TRUE(Undo("A").Is(Errc::kInvalid));
  EXPECT_EQ(c_.Read("A", kFile), "saved since");
  EXPECT_EQ(Conflict("B").state, ConflictState::kKeptLoser);
  ExpectConverged(c_);
}

TEST_F(ScenarioUndo, OfBothLeavesAFileThatWasEdited) {
  ASSERT_TRUE(Resolve("A", Keep::kBoth).ok());
  std::string made;
  for (const auto& [path, entry] : c_.node("B").files().UserTree()) {
    if (!tree_.contains(path)) made = path;
  }
  ASSERT_FALSE(made.empty());
  c_.Write("B", made, "edited since");
  ASSERT_TRUE(c_.Settle());
  EXPECT_TRUE(Undo("A").Is(Errc::kInvalid));
  EXPECT_EQ(c_.Read("A", made), "edited since");
  ExpectConverged(c_);
}

TEST_F(ScenarioUndo, TheOthersDecisionMeanwhileIsTheLaterOne) {
  ASSERT_TRUE(Resolve("A", Keep::kWinner).ok());
  c_.Partition("A", "B");
  ASSERT_TRUE(Undo("A").ok());
  c_.RunFor(5'000);
  c_.HealAll();
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(Conflict("A"), Conflict("B"));
  EXPECT_EQ(Conflict("B").state, ConflictState::kOpen);
  ExpectConverged(c_);
}

class ScenarioUndoDeletion : public ScenarioUndo {
 protected:
  ScenarioUndoDeletion() { deleted_at_b_ = true; }
};

TEST_F(ScenarioUndoDeletion, TheFileComesBack) {
  ASSERT_TRUE(Resolve("B", Keep::kLoser).ok());
  EXPECT_EQ(c_.node("A").files().UserTree().count(kFile), 0u);
  const Status undone = Undo("A");
  EXPECT_TRUE(undone.ok()) << undone.ToString();
  ExpectAsBefore();
}

// Previews say what happens, and happen to no file.
TEST_F(ScenarioUndo, APreviewChangesNothing) {
  using Kind = DecisionEffect::Kind;
  Replica& replica = c_.node("B").replica();
  const ContentHash id = Conflict("B").id;
  auto kinds = [&](Keep keep) {
    std::vector<Kind> found;
    for (const DecisionEffect& effect : replica.PreviewDecision(id, keep).effects) {
      found.push_back(effect.kind);
    }
    return found;
  };
  EXPECT_EQ(kinds(Keep::kLoser), (std::vector<Kind>{Kind::kReplaced, Kind::kKeptVersion}));
  EXPECT_EQ(kinds(Keep::kBoth), (std::vector<Kind>{Kind::kStays, Kind::kNewFile}));
  EXPECT_EQ(kinds(Keep::kWinner).front(), Kind::kStays);
  const RelPath made = replica.PreviewDecision(id, Keep::kBoth).effects.back().path;
  ASSERT_TRUE(c_.Settle());
  ExpectAsBefore();
  ASSERT_TRUE(Resolve("B", Keep::kBoth).ok());
  EXPECT_EQ(c_.node("A").files().UserTree().count(made.str()), 1u);
  EXPECT_FALSE(replica.PreviewDecision(id, Keep::kBoth).problem.ok());
  EXPECT_TRUE(replica.PreviewDecision(ContentHash(), Keep::kBoth).problem.Is(Errc::kNotFound));
}

}  // namespace
}  // namespace atozsync
