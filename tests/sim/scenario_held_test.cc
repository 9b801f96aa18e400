// What waits, as `held` and `explain` tell of it, and what a person may do about a locked file.
#include "tests/sim/gate_stories.h"

namespace atozsync {
namespace {

// `explain` says of one path what `held` says of all, and of locked files, too.
class ScenarioExplainHeld : public GateStories {
 protected:
  std::vector<HeldFile> Explained(const std::string& site, const std::string& path) {
    std::optional<ExplainReport> report;
    o_.node(site).replica().Explain(RelPath::Trusted(path),
                                    [&](ExplainReport found) { report = std::move(found); });
    o_.RunFor(2'000);
    return report ? report->held : std::vector<HeldFile>(9);
  }
};

TEST_F(ScenarioExplainHeld, WaitsForItsRow) {
  o_.database().SetLag("B", 30'000, 30'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  const std::vector<HeldFile> held = Explained("B", kXray);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].why, HeldWhy::kRow);
  EXPECT_EQ(held[0].since_ms, HeldAt("B")[0].since_ms);
  EXPECT_EQ(held[0].text, "no row names it yet");
  EXPECT_TRUE(Explained("B", kFolder).empty()) << "the folder itself waits for nothing";
  EXPECT_TRUE(Explained("A", kXray).empty());
}

TEST_F(ScenarioExplainHeld, VanishedWhileItsRowStands) {
  Have(kXray);
  o_.Damage("B", kXray);
  for (int ms = 0; ms < 5'000 && HeldAt("B").empty(); ++ms) o_.RunFor(1);
  const std::vector<HeldFile> held = Explained("B", kXray);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].why, HeldWhy::kLeaving);
}

TEST_F(ScenarioExplainHeld, BehindTheBrake) {
  LoseRowsOf(150);
  ASSERT_FALSE(HeldAt("B").empty());
  const std::string path = HeldAt("B")[0].path.str();
  const std::vector<HeldFile> held = Explained("B", path);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].why, HeldWhy::kBrake);
}

TEST_F(ScenarioExplainHeld, LockedSinceTheFirstTry) {
  Have(kXray);
  o_.cluster().Write("A", kXray, "saved by a program that keeps it open");
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kXray, EBUSY));
  o_.RunFor(10'000);
  const std::vector<HeldFile> held = Explained("A", kXray);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].why, HeldWhy::kLocked);
  EXPECT_NE(held[0].text.find("tried again"), std::string::npos) << held[0].text;
  o_.RunFor(100'000);
  ASSERT_EQ(Explained("A", kXray).size(), 1u);
  EXPECT_EQ(Explained("A", kXray)[0].since_ms, held[0].since_ms);
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kXray, 0));
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(Explained("A", kXray).empty());
}

// Files that a program keeps open, with rows and all: `held` at A, where they were saved.
class ScenarioHeldLocked : public GateStories {
 protected:
  static constexpr const char* kLetter = "S/SmithJohn12/Letter.docx";

  void Lock(const std::string& path, const std::string& content) {
    o_.cluster().Write("A", path, content);
    ASSERT_TRUE(o_.node("A").files().SetNodeError(path, EBUSY));
  }
  std::optional<HeldFile> Locked(const std::string& path) {
    for (const HeldFile& held : HeldAt("A")) {
      if (held.why == HeldWhy::kLocked && held.path.str() == path) return held;
    }
    return {};
  }
  Replica& replica() { return o_.node("A").replica(); }
};

TEST_F(ScenarioHeldLocked, IsListedSinceWhenWithItsNextTry) {
  Have(kXray);
  Have(kLetter);
  Lock(kXray, "saved by a program that keeps it open");
  o_.RunFor(10'000);
  Lock(kLetter, "another");
  o_.RunFor(10'000);
  ASSERT_EQ(HeldAt("A").size(), 2u);
  EXPECT_EQ(replica().Report().held_locked, 2u) << "status counts what held lists";
  const std::optional<HeldFile> xray = Locked(kXray);
  ASSERT_TRUE(xray.has_value());
  EXPECT_NE(xray->text.find("tried again"), std::string::npos) << xray->text;
  EXPECT_EQ(xray->until_ms, 0);
  EXPECT_EQ(replica().Held(1)[0].path.str(), kXray) << "the oldest, not the first by name";
  // What it says of the next try is so: a file that is free by then is not listed after it.
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kXray, 0));
  const int64_t wait_ms = xray->next_try_ms - o_.node("A").clock().WallMs();
  ASSERT_GT(wait_ms, 100);
  o_.RunFor(wait_ms - 100);
  EXPECT_TRUE(Locked(kXray).has_value());
  o_.RunFor(1'000);
  EXPECT_FALSE(Locked(kXray).has_value());
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kLetter, 0));
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(HeldAt("A").empty());
}

TEST_F(ScenarioHeldLocked, ReleasedItIsTriedAgainNow) {
  Have(kXray);
  Lock(kXray, "saved by a program that keeps it open");
  o_.RunFor(300'000);  // a minute between the tries by now
  ASSERT_TRUE(Locked(kXray).has_value());
  EXPECT_TRUE(replica().ReleaseHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(500);
  ASSERT_TRUE(Locked(kXray).has_value()) << "it is still open";
  EXPECT_LT(Locked(kXray)->next_try_ms, o_.node("A").clock().WallMs() + 5'000)
      << "somebody is at it: the pauses begin anew";
  o_.RunFor(300'000);
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kXray, 0));
  EXPECT_TRUE(replica().ReleaseHeld(RelPath::Trusted(kXray)).ok());
  o_.RunFor(500);
  EXPECT_FALSE(Locked(kXray).has_value());
  EXPECT_TRUE(replica().ReleaseHeld(RelPath::Trusted(kXray)).Is(Errc::kNotFound));
  ASSERT_TRUE(o_.Settle());
}

TEST_F(ScenarioHeldLocked, IsNotReverted) {
  Have(kXray);
  Lock(kXray, "saved by a program that keeps it open");
  o_.RunFor(10'000);
  const Status refused = replica().RevertHeld(RelPath::Trusted(kFolder));
  EXPECT_TRUE(refused.Is(Errc::kInvalid)) << refused.ToString();
  EXPECT_NE(refused.ToString().find("a program has it open"), std::string::npos);
  EXPECT_TRUE(Locked(kXray).has_value());
  ASSERT_TRUE(o_.node("A").files().SetNodeError(kXray, 0));
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(replica().RevertHeld(RelPath::Trusted(kFolder)).Is(Errc::kNotFound));
}

// At the other end: what came cannot take the place of a file that a program has open there.
TEST_F(ScenarioHeldLocked, WhatCannotBeReplacedIsListedToo) {
  Have(kXray);
  ASSERT_TRUE(o_.node("B").files().SetNodeError(kXray, EBUSY));
  o_.cluster().Write("A", kXray, "saved anew");
  o_.RunFor(10'000);
  ASSERT_EQ(HeldAt("B").size(), 1u);
  const HeldFile held = HeldAt("B")[0];
  EXPECT_EQ(held.why, HeldWhy::kLocked);
  EXPECT_EQ(held.path.str(), kXray);
  EXPECT_NE(held.text.find("tried again"), std::string::npos) << held.text;
  EXPECT_GT(held.since_ms, 0);
  EXPECT_EQ(o_.node("B").replica().Report().held_locked, 1u);
  o_.RunFor(300'000);  // a minute between the tries by now
  ASSERT_EQ(HeldAt("B").size(), 1u);
  EXPECT_EQ(HeldAt("B")[0].since_ms, held.since_ms);
  Replica& b = o_.node("B").replica();
  EXPECT_TRUE(b.RevertHeld(RelPath::Trusted(kXray)).Is(Errc::kInvalid));
  ASSERT_TRUE(o_.node("B").files().SetNodeError(kXray, 0));
  EXPECT_TRUE(b.ReleaseHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(500);
  EXPECT_TRUE(HeldAt("B").empty());
  EXPECT_EQ(o_.cluster().Read("B", kXray), "saved anew");
  EXPECT_TRUE(b.ReleaseHeld(RelPath::Trusted(kXray)).Is(Errc::kNotFound));
  ASSERT_TRUE(o_.Settle());
}

}  // namespace
}  // namespace atozsync
