#include "sync/engine/looks.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

RelPath P(const char* path) {
  return RelPath::Trusted(path);
}

TEST(Looks, WhatTheAgentChangedDuringALookIsOld) {
  Looks looks;
  looks.OnChanged(P("S/before"));
  auto look = looks.Begin();
  looks.OnChanged(P("S/f1"));
  EXPECT_TRUE(look->PresentIsOld(P("S/f1")));
  EXPECT_TRUE(look->AbsentIsOld(P("S/f1")));
  EXPECT_FALSE(look->PresentIsOld(P("S/before")));
  EXPECT_FALSE(look->PresentIsOld(P("S/f2")));
  EXPECT_FALSE(look->AbsentIsOld(P("S/f")));
  EXPECT_FALSE(looks.Begin()->AbsentIsOld(P("S/f1")));
}

TEST(Looks, ADirectoryThatWentTakesWhatWasBelowWithIt) {
  Looks looks;
  auto look = looks.Begin();
  looks.OnChanged(P("S/a"));
  EXPECT_TRUE(look->PresentIsOld(P("S/a/b/f")));
  EXPECT_FALSE(look->PresentIsOld(P("S")));
  EXPECT_FALSE(look->PresentIsOld(P("S/ab")));
}

TEST(Looks, WhatIsPlacedBringsTheDirectoriesAboveBack) {
  Looks looks;
  auto look = looks.Begin();
  looks.OnChanged(P("S/a/b/f"));
  looks.OnChanged(P("S/a!"));
  looks.OnChanged(P("S/ab"));
  EXPECT_TRUE(look->AbsentIsOld(P("S")));
  EXPECT_TRUE(look->AbsentIsOld(P("S/a")));
  EXPECT_FALSE(look->AbsentIsOld(P("S/a/c")));
  EXPECT_FALSE(look->AbsentIsOld(P("T")));
}

}  // namespace
}  // namespace atozsync
