// The lists of planted faults and of probes, and that both sleep until a test wakes them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {
namespace {

bool IsKebabCase(const std::string& name) {
  static const std::regex kKebab("[a-z]+(-[a-z]+)*");
  return std::regex_match(name, kKebab);
}

TEST(PlantedFault, EachHasANameOfItsOwnAndSaysWhatBreaks) {
  std::set<std::string> names;
  std::set<std::string> texts;
  for (PlantedFault fault : AllPlantedFaults()) {
    std::string name = PlantedFaultName(fault);
    EXPECT_TRUE(IsKebabCase(name)) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
    std::string text = PlantedFaultText(fault);
    EXPECT_NE(text.find(": "), std::string::npos) << name << ": say which promise it breaks";
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
  EXPECT_FALSE(names.contains("none"));
  EXPECT_GT(names.size(), 0u);
}

TEST(PlantedFault, IsFoundByItsName) {
  for (PlantedFault fault : AllPlantedFaults()) {
    Result<PlantedFault> found = PlantedFaultByName(PlantedFaultName(fault));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, fault);
  }
  Result<PlantedFault> none = PlantedFaultByName("none");
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, PlantedFault::kNone);
  for (const char* wrong : {"", "skip", "Skip-Directory-Sync", "skip-directory-sync "}) {
    EXPECT_TRUE(PlantedFaultByName(wrong).Is(Errc::kInvalid)) << wrong;
  }
}

TEST(PlantedFault, SleepsUntilItIsPlantedAndOneAtATime) {
  for (PlantedFault fault : AllPlantedFaults()) EXPECT_FALSE(Planted(fault));
  for (PlantedFault planted : AllPlantedFaults()) {
    PlantFault(planted);
    for (PlantedFault fault : AllPlantedFaults()) {
      EXPECT_EQ(Planted(fault), kTestPoints && fault == planted) << PlantedFaultName(fault);
    }
  }
  PlantFault(PlantedFault::kNone);
  for (PlantedFault fault : AllPlantedFaults()) EXPECT_FALSE(Planted(fault));
}

TEST(Probe, EachHasANameOfItsOwnAndSaysWhatHappened) {
  std::set<std::string> names;
  std::set<std::string> texts;
  for (const ProbeCounter& probe : ProbeHits()) {
    EXPECT_TRUE(IsKebabCase(probe.name)) << probe.name;
    EXPECT_TRUE(names.insert(probe.name).second) << probe.name;
    EXPECT_TRUE(texts.insert(probe.text).second) << probe.text;
    EXPECT_NE(std::string(probe.text), "") << probe.name;
  }
  EXPECT_EQ(names.size(), kProbeCount);
}

TEST(Probe, CountsItsOwnHitsUntilItIsReset) {
  ResetProbes();
  for (size_t i = 0; i < kProbeCount; ++i) {
    for (size_t hit = 0; hit <= i; ++hit) Probe(static_cast<ProbeId>(i));
  }
  std::vector<ProbeCounter> probes = ProbeHits();
  for (size_t i = 0; i < kProbeCount; ++i) {
    EXPECT_EQ(probes[i].id, static_cast<ProbeId>(i));
    EXPECT_EQ(probes[i].hits, kTestPoints ? i + 1 : 0) << probes[i].name;
  }
  ResetProbes();
  for (const ProbeCounter& probe : ProbeHits()) EXPECT_EQ(probe.hits, 0u) << probe.name;
}

std::string TextOf(const std::string& file) {
  std::ifstream in(std::string(ATOZ_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A name in a list that nobody uses proves nothing.
TEST(TestPoints, EachStandsInTheCode) {
  std::string code;
  for (const char* room : {"sync", "protocol"}) {
    std::filesystem::path top = std::filesystem::path(ATOZ_SOURCE_DIR) / room;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      if (entry.path().extension() != ".cc") continue;
      std::ifstream in(entry.path());
      code.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
  }
#define ATOZ_FAULT_CONSTANT(constant, name, text) "PlantedFault::" #constant ")",
  for (const char* use : {ATOZ_PLANTED_FAULTS(ATOZ_FAULT_CONSTANT)}) {
    EXPECT_NE(code.find(use), std::string::npos) << use << " breaks nothing";
  }
#undef ATOZ_FAULT_CONSTANT
#define ATOZ_PROBE_CONSTANT_NAME(constant, name, text) "ProbeId::" #constant,
  for (const char* use : {ATOZ_PROBES(ATOZ_PROBE_CONSTANT_NAME)}) {
    EXPECT_TRUE(std::regex_search(code, std::regex(std::string(use) + "\\b"))) << use;
  }
#undef ATOZ_PROBE_CONSTANT_NAME
}

// What is given to practices can neither be broken from outside nor count anything.
TEST(TestPoints, AReleaseHasNone) {
  static const std::regex kDefault(R"(option\(ATOZ_TEST_POINTS "[^"]*" OFF\))");
  EXPECT_TRUE(std::regex_search(TextOf("cmake/Options.cmake"), kDefault));
  nlohmann::json presets = nlohmann::json::parse(TextOf("CMakePresets.json"));
  int looked_at = 0;
  for (const auto& preset : presets["configurePresets"]) {
    if (preset["name"] != "release" && preset["name"] != "base") continue;
    ++looked_at;
    EXPECT_FALSE(
        preset.value("cacheVariables", nlohmann::json::object()).contains("ATOZ_TEST_POINTS"))
        << preset["name"];
  }
  EXPECT_EQ(looked_at, 2);
}

}  // namespace
}  // namespace atozsync
