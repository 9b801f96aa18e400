// The brake beside a database: what people delete in Open Dental is explained by their rows.
#include "tests/sim/gate_stories.h"

namespace atozsync {
namespace {

constexpr int kMany = 30;
constexpr uint64_t kLimit = 5;

std::string Document(int i) {
  return "S/SmithJohn12/" + std::to_string(i) + ".jpg";
}

class ScenarioBrakeRows : public testing::Test {
 protected:
  void SetUp() override {
    o_.cluster().StartAll();
    for (int i = 0; i < kMany; ++i) o_.Import("A", Document(i), "document " + std::to_string(i));
    for (int i = 0; i < kMany; ++i) {
      o_.cluster().Write("A", Form(i), "form " + std::to_string(i));
    }
    ASSERT_TRUE(o_.Settle());
  }
  static std::string Form(int i) { return "Forms/" + std::to_string(i) + ".pdf"; }
  uint64_t Held() { return o_.node("A").replica().Report().held_brake; }

  SimOffices o_{9, {"A", "B"}, [](ReplicaOptions& engine) {
                  engine.brake = {.share = 1, .files_min = kLimit};
                }};
};

TEST_F(ScenarioBrakeRows, DocumentsThatPeopleDeleteAreNotCounted) {
  for (int i = 0; i < kMany; ++i) o_.DeleteDocument("A", Document(i));
  for (int s = 0; s < 60; ++s) {
    o_.RunFor(1'000);
    ASSERT_EQ(Held(), 0u);
  }
  ASSERT_TRUE(o_.Settle());
  EXPECT_FALSE(o_.Stands("B", Document(0)));
  // Nor do they leave less room for others.
  for (int i = 0; i < static_cast<int>(kLimit); ++i) o_.cluster().Delete("A", Form(i));
  o_.RunFor(10'000);
  EXPECT_EQ(Held(), 0u);
  EXPECT_FALSE(o_.Stands("B", Form(0)));
}

TEST_F(ScenarioBrakeRows, FilesThatHaveNoRowsAre) {
  for (int i = 0; i < kMany; ++i) o_.cluster().Delete("A", Form(i));
  o_.RunFor(20'000);
  EXPECT_EQ(Held(), static_cast<uint64_t>(kMany));
  EXPECT_TRUE(o_.Stands("B", Form(0)));
  ASSERT_TRUE(o_.node("A").replica().RevertHeld(RelPath()).ok());
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.Stands("A", Form(0)));
}

}  // namespace
}  // namespace atozsync
