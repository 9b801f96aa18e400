// Rules of what is not synchronized, as they are taken off and put on again: here that for program
// code, which holds unless somebody says "!Plugins/".
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

class ScenarioPlugins : public testing::Test {
 protected:
  static constexpr const char* kBridge = "Plugins/Bridge.dll";
  using Rules = std::map<std::string, std::vector<std::string>>;

  // From their next start on.
  void Carry(const std::string& site, bool carried) {
    (*rules_)[site] = carried ? std::vector<std::string>{"!Plugins/"} : std::vector<std::string>{};
    c_.node(site).KillProcess();
    c_.node(site).Start();
  }
  bool Known(const std::string& site) {
    return c_.node(site).index().Get(RelPath::Trusted(kBridge)).has_value();
  }
  void ExpectEverywhere(const std::string& content) {
    for (const char* site : {"A", "B", "C"}) EXPECT_EQ(c_.Read(site, kBridge), content) << site;
  }
  // All of them carry plugins, and have one.
  void CarriedEverywhere() {
    for (const char* site : {"A", "B", "C"}) (*rules_)[site] = {"!Plugins/"};
    c_.Write("A", kBridge, "code");
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    ExpectEverywhere("code");
  }

  std::shared_ptr<Rules> rules_ = std::make_shared<Rules>();
  SimCluster c_{11, {"A", "B", "C"}, [rules = rules_](SimNodeOptions& options) {
                  options.adjust = [rules, name = options.name](ReplicaOptions& engine) {
                    engine.ignore = (*rules)[name];
                  };
                }};
};

TEST_F(ScenarioPlugins, AreNotCarriedByThemselves) {
  c_.Write("A", kBridge, "code");
  c_.StartAll();
  ASSERT_TRUE(c_.Settle());
  EXPECT_FALSE(Known("A"));
  EXPECT_FALSE(c_.node("B").files().Exists("Plugins"));
}

// The rule comes to one office after the other, as an update would bring it.
TEST_F(ScenarioPlugins, TheRuleIsNoDeletion) {
  CarriedEverywhere();
  for (const char* site : {"B", "A", "C"}) {
    Carry(site, false);
    ASSERT_TRUE(c_.Settle());
    EXPECT_FALSE(Known(site)) << site;
    ExpectEverywhere("code");
  }
}

TEST_F(ScenarioPlugins, WhereTheRuleHoldsNothingOfItIsTakenOrTold) {
  CarriedEverywhere();
  Carry("B", false);
  ASSERT_TRUE(c_.Settle());
  c_.Write("A", kBridge, "newer code");
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("C", kBridge), "newer code");
  EXPECT_EQ(c_.Read("B", kBridge), "code");
  c_.Delete("B", kBridge);
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("A", kBridge), "newer code") << "its going at B says nothing";
  c_.Delete("A", kBridge);
  ASSERT_TRUE(c_.Settle());
  EXPECT_FALSE(c_.node("C").files().Exists(kBridge));
}

TEST_F(ScenarioPlugins, TurnedOnAgainItIsCarriedAgain) {
  CarriedEverywhere();
  for (const char* site : {"A", "B", "C"}) Carry(site, false);
  ASSERT_TRUE(c_.Settle());
  for (const char* site : {"A", "B", "C"}) Carry(site, true);
  ASSERT_TRUE(c_.Settle());
  ExpectEverywhere("code");
  c_.Write("C", kBridge, "newer code");
  ASSERT_TRUE(c_.Settle());
  ExpectEverywhere("newer code");
  ExpectConverged(c_);
}

TEST_F(ScenarioPlugins, TurnedOnAgainAnOfficeGetsWhatItMissed) {
  CarriedEverywhere();
  Carry("B", false);
  ASSERT_TRUE(c_.Settle());
  c_.Write("A", kBridge, "newer code");
  c_.Write("A", "Plugins/Second.dll", "more code");
  ASSERT_TRUE(c_.Settle());
  Carry("B", true);
  ASSERT_TRUE(c_.Settle());
  ExpectEverywhere("newer code");
  EXPECT_EQ(c_.Read("B", "Plugins/Second.dll"), "more code");
  ExpectConverged(c_);
}

}  // namespace
}  // namespace atozsync
