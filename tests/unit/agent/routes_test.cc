// The requests of the API: their table, and that docs/openapi.yaml has the same ones.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "agent/control_routes.h"

namespace atozsync {
namespace {

TEST(RoutesTest, FindsByMethodAndPath) {
  auto path = [](const std::vector<std::string>& parts) {
    const Route* route = FindRoute("GET", parts);
    return route == nullptr ? "" : std::string(route->path);
  };
  EXPECT_EQ(path({"status"}), "/v1/status");
  EXPECT_EQ(path({"conflicts"}), "/v1/conflicts");
  EXPECT_EQ(path({"conflicts", "abc"}), "/v1/conflicts/{id}");
  EXPECT_EQ(path({"conflicts", "abc", "content", "loser"}), "/v1/conflicts/{id}/content/{side}");
  EXPECT_EQ(path({"export", "conflicts.csv"}), "/v1/export/conflicts.csv");
  EXPECT_EQ(path({}), "");
  EXPECT_EQ(path({"status", "more"}), "");
  EXPECT_EQ(path({"pause"}), "");  // no change by looking
  EXPECT_TRUE(IsRoutePath({"pause"}));
  EXPECT_FALSE(IsRoutePath({"nothing"}));
}

TEST(RoutesTest, PathsAreCutIntoParts) {
  EXPECT_EQ(PathParts("/v1//a/"), (std::vector<std::string>{"v1", "a"}));
  EXPECT_TRUE(PathParts("").empty());
  EXPECT_TRUE(PathParts("///").empty());
}

// What changes the cluster or lets others in is for the owner of the state directory.
TEST(RoutesTest, WhatOnlyTheSocketServes) {
  std::set<std::string> only;
  for (const Route& route : Routes()) {
    if (route.where == Route::Where::kSocket) only.insert(std::string(route.path));
  }
  EXPECT_EQ(only, (std::set<std::string>{"/v1/join", "/v1/peers", "/v1/peers/remove", "/v1/reload",
                                         "/v1/ui-token", "/v1/version-file"}));
}

TEST(RoutesTest, OpenApiHasTheSameRequests) {
  std::set<std::string> documented;
  std::ifstream file(std::string(ATOZ_SOURCE_DIR) + "/docs/openapi.yaml");
  static const std::regex kPath(R"(  (/v1/\S+):)");
  static const std::regex kMethod(R"(    (get|post|delete|put|patch):)");
  std::string path;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kPath)) path = match[1];
    if (!std::regex_match(line, match, kMethod) || path.empty()) continue;
    std::string method = match[1];
    for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
    documented.insert(method + " " + path);
  }
  std::set<std::string> handled;
  for (const Route& route : Routes()) {
    handled.insert(std::string(route.method) + " " + std::string(route.path));
  }
  EXPECT_EQ(documented, handled);
}

}  // namespace
}  // namespace atozsync
