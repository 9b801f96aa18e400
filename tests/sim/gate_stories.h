// GateStories: two offices with databases, and shorthands for the stories of the gate
// (docs/database.md). Puts away a planted fault when the story ends.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sync/base/planted_fault.h"
#include "sync/engine/layout.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_office.h"

namespace atozsync {

inline constexpr const char* kFolder = "S/SmithJohn12";
inline constexpr const char* kXray = "S/SmithJohn12/xray.jpg";

class GateStories : public testing::Test {
 protected:
  void SetUp() override { o_.cluster().StartAll(); }
  void TearDown() override { PlantFault(PlantedFault::kNone); }
  void Have(const std::string& path) {
    o_.Import("A", path, "bytes of " + path);
    ASSERT_TRUE(o_.Settle());
    ASSERT_TRUE(o_.Stands("B", path));
  }
  // B's database loses them at once.
  void LoseRowsOf(int files) {
    auto name = [](int i) { return "S/SmithJohn12/" + std::to_string(i) + ".jpg"; };
    for (int i = 0; i < files; ++i) o_.Import("A", name(i), std::to_string(i));
    ASSERT_TRUE(o_.Settle());
    o_.cluster().Partition("A", "B");
    for (int i = 0; i < files; ++i) {
      o_.database().Delete("B", o_.database().Naming("B", name(i))[0]);
    }
    o_.RunFor(60'000);
  }
  int HeldContents(const std::string& site) {
    auto staged = o_.node(site).files().List(layout::Staging());
    int held = 0;
    for (const DirEntry& entry : *staged) held += layout::HashOfHeld(entry.name).ok() ? 1 : 0;
    return held;
  }
  std::vector<HeldFile> HeldAt(const std::string& site) {
    return o_.node(site).replica().Held(100);
  }

  SimOffices o_{7};
};

}  // namespace atozsync
