// A cluster whose brake goes on at a handful of files, with what its tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {

inline constexpr int kFiles = 100;
inline constexpr int kMany = 40;
inline constexpr size_t kLimit = 10;

class ScenarioBrake : public ::testing::Test {
 protected:
  ~ScenarioBrake() override { PlantFault(PlantedFault::kNone); }

  static void Adjust(SimNodeOptions& options) {
    options.adjust = [](ReplicaOptions& engine) {
      engine.brake = {.share = 100, .files_min = kLimit, .window_ms = 3'600'000};
    };
  }
  static std::string Name(int i) {
    return "S/Smith" + std::to_string(i % 4) + "/" + std::to_string(i) + ".jpg";
  }
  static std::string Picture(int i) { return "\xFF\xD8\xFF picture " + std::to_string(i); }
  static std::string Encrypted(int i) { return "?????? " + std::to_string(i); }
  void Have(int files = kFiles) {
    for (int i = 0; i < files; ++i) c_.Write("A", Name(i), Picture(i));
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    c_.RunFor(5'000);
  }
  void DeleteMany(int from = 0, int count = kMany) {
    for (int i = from; i < from + count; ++i) c_.Delete("A", Name(i));
  }
  // The first one of a minute goes at once.
  void EncryptTheFreeOne() {
    c_.Write("A", Name(90), Encrypted(90));
    c_.RunFor(2'000);
    ASSERT_EQ(c_.Read("B", Name(90)), Encrypted(90));
  }
  void EncryptMany() {
    EncryptTheFreeOne();
    for (int i = 0; i < kMany; ++i) c_.Write("A", Name(i), Encrypted(i));
  }
  int Standing(const std::string& node, int count = kMany) {
    int standing = 0;
    for (int i = 0; i < count; ++i) standing += c_.node(node).files().Exists(Name(i)) ? 1 : 0;
    return standing;
  }
  int Intact(const std::string& node) {
    int intact = 0;
    for (int i = 0; i < kMany; ++i) intact += c_.Read(node, Name(i)) == Picture(i) ? 1 : 0;
    return intact;
  }
  Replica& A() { return c_.node("A").replica(); }
  uint64_t Held() { return A().Report().held_brake; }
  bool EverBraked() {
    const auto& log = c_.node("A").log();
    return std::any_of(log.begin(), log.end(), [](const std::string& line) {
      return line.find("the brake: ") != std::string::npos;
    });
  }
  void ExpectBraked(uint64_t held = kMany) {
    c_.RunFor(30'000);
    EXPECT_EQ(A().Report().state, ReplicaState::kBraked) << c_.Describe();
    EXPECT_EQ(Held(), held);
    EXPECT_FALSE(A().Report().in_sync);
  }
  void Decide(bool release, const std::string& path = "") {
    RelPath at = path.empty() ? RelPath() : RelPath::Trusted(path);
    Status decided = release ? A().ReleaseHeld(at) : A().RevertHeld(at);
    ASSERT_TRUE(decided.ok()) << decided.ToString();
  }
  void ExpectOver() {
    ASSERT_TRUE(c_.Settle()) << c_.Describe();
    EXPECT_EQ(A().Report().state, ReplicaState::kIdle);
    EXPECT_EQ(Held(), 0u);
    EXPECT_TRUE(A().Held(1'000).empty());
    ExpectConverged(c_);
  }

  SimCluster c_{77, {"A", "B"}, Adjust};
};

}  // namespace atozsync
