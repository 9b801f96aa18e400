// The fault model itself: what a loss of power may leave, and what it may not.
#include "tests/power/power_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace atozsync {
namespace {

using Kind = DiskCall::Kind;

DiskCall WriteOf(const std::string& name, uint64_t at, size_t bytes, uint8_t value) {
  return {Kind::kWrite, name, at, Bytes(bytes, value)};
}

class PowerDiskTest : public testing::Test {
 protected:
  void Apply(const std::vector<DiskCall>& calls) {
    for (const DiskCall& call : calls) disk_.Apply(call, random_);
  }
  // What some losses of power make of one file; "missing" where it is not there.
  std::set<std::string> Outcomes(const std::string& name) {
    std::set<std::string> outcomes;
    for (uint64_t i = 0; i < 2000; ++i) {
      PowerDisk lost = disk_;
      lost.LosePower(i % 8, random_);
      EXPECT_FALSE(lost.HasPending());
      std::map<std::string, Bytes> files = lost.Files();
      auto found = files.find(name);
      outcomes.insert(found == files.end() ? "missing" : std::string(AsText(found->second)));
    }
    return outcomes;
  }

  SimRandom random_{1};
  PowerDisk disk_ = PowerDisk::Of({{"f", Bytes(1024, 'o')}});
};

TEST_F(PowerDiskTest, WhatWasSyncedStays) {
  Apply({WriteOf("f", 100, 10, 'n'), {Kind::kSync, "f", 0, {}}});
  EXPECT_FALSE(disk_.HasPending());
  EXPECT_EQ(Outcomes("f"), std::set<std::string>{std::string(AsText(disk_.Files()["f"]))});
}

TEST_F(PowerDiskTest, UnsyncedWritesComeInAnySubset) {
  Apply({WriteOf("f", 0, 1, '1'), WriteOf("f", 1, 1, '2')});
  std::set<std::string> begins;
  for (const std::string& outcome : Outcomes("f")) {
    EXPECT_EQ(outcome.size(), 1024u);
    EXPECT_EQ(outcome.substr(2), std::string(1022, 'o')) << "a byte that nobody wrote has changed";
    begins.insert(outcome.substr(0, 2));
  }
  for (const char* begin : {"oo", "1o", "o2", "12"}) EXPECT_EQ(begins.count(begin), 1u) << begin;
}

TEST_F(PowerDiskTest, AWriteIsTornAtSectorsOnly) {
  Apply({WriteOf("f", 256, 768, 'n')});
  std::set<std::string> halves;
  for (const std::string& outcome : Outcomes("f")) {
    EXPECT_EQ(outcome.substr(0, 256), std::string(256, 'o'));
    halves.insert(outcome.substr(300, 1) + outcome.substr(800, 1));
  }
  for (const char* half : {"oo", "no", "on", "nn"}) EXPECT_EQ(halves.count(half), 1u) << half;
}

TEST_F(PowerDiskTest, LengthsAreOldOrNew) {
  Apply({WriteOf("f", 1024, 10, 'n')});
  std::set<std::string> outcomes = Outcomes("f");
  EXPECT_EQ(outcomes.count(std::string(1024, 'o')), 1u);
  EXPECT_EQ(outcomes.count(std::string(1024, 'o') + std::string(10, '\0')), 1u);
  EXPECT_EQ(outcomes.count(std::string(1024, 'o') + std::string(10, 'n')), 1u);
  Apply({{Kind::kSync, "f", 0, {}}, {Kind::kTruncate, "f", 5, {}}});
  EXPECT_EQ(Outcomes("f"),
            (std::set<std::string>{"ooooo", std::string(1024, 'o') + std::string(10, 'n')}));
}

TEST_F(PowerDiskTest, ANameIsNotDurableWithItsBytes) {
  Apply({{Kind::kCreate, "new", 0, {}}, WriteOf("new", 0, 3, 'n'), {Kind::kSync, "new", 0, {}}});
  EXPECT_EQ(Outcomes("new"), (std::set<std::string>{"missing", "nnn"}));
  Apply({{Kind::kSyncNames, "", 0, {}}, {Kind::kDelete, "f", 0, {}}});
  EXPECT_EQ(Outcomes("new"), (std::set<std::string>{"nnn"}));
  EXPECT_EQ(Outcomes("f"), (std::set<std::string>{"missing", std::string(1024, 'o')}));
}

TEST_F(PowerDiskTest, ASyncThatFailedIsNotMadeGoodByALaterOne) {
  Apply({WriteOf("f", 0, 1, 'n')});
  std::set<char> begins;
  for (int i = 0; i < 100; ++i) {
    PowerDisk disk = disk_;
    disk.Apply({Kind::kSyncFailed, "f", 0, {}}, random_);
    disk.Apply({Kind::kSync, "f", 0, {}}, random_);
    EXPECT_EQ(disk.Files()["f"][0], 'n') << "programs go on seeing it";
    disk.LosePower(0, random_);
    begins.insert(static_cast<char>(disk.Files()["f"][0]));
  }
  EXPECT_EQ(begins, (std::set<char>{'n', 'o'}));
}

TEST_F(PowerDiskTest, TheSameSeedGivesTheSameDisk) {
  Apply({WriteOf("f", 0, 1000, 'n'), {Kind::kCreate, "g", 0, {}}, WriteOf("g", 0, 5000, 'g')});
  for (uint64_t kind = 0; kind < 20; ++kind) {
    PowerDisk a = disk_;
    PowerDisk b = disk_;
    SimRandom random_a(kind);
    SimRandom random_b(kind);
    a.LosePower(kind, random_a);
    b.LosePower(kind, random_b);
    EXPECT_EQ(a.Files(), b.Files());
  }
}

}  // namespace
}  // namespace atozsync
