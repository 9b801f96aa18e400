// What is compiled in of the dashboard: everything that the first page asks for, whole, and nothing
// else.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include "web/files.h"

namespace atozsync {
namespace {

const WebFile* At(std::string_view path) {
  for (const WebFile& file : WebFiles()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

TEST(WebFilesTest, HaveWhatTheFirstPageAsksFor) {
  const WebFile* page = At("/index.html");
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->media_type, "text/html; charset=utf-8");
  for (const char* path :
       {"/app.js", "/app.css", "/icon.svg", "/decode.js", "/pdf/worker.js", "/third-party.txt"}) {
    EXPECT_NE(At(path), nullptr) << path;
  }
}

TEST(WebFilesTest, ArePackedWhereItGains) {
  const WebFile* script = At("/app.js");
  ASSERT_NE(script, nullptr);
  EXPECT_TRUE(script->gzip);
  ASSERT_GT(script->bytes.size(), 1000u);
  EXPECT_EQ(script->bytes.substr(0, 3), std::string_view("\x1f\x8b\x08"));
}

TEST(WebFilesTest, EachIsWholeAndNamedOnce) {
  std::set<std::string_view> paths;
  std::set<std::string_view> etags;
  for (const WebFile& file : WebFiles()) {
    EXPECT_TRUE(paths.insert(file.path).second) << file.path;
    EXPECT_TRUE(etags.insert(file.etag).second) << file.path;
    EXPECT_TRUE(std::regex_match(std::string(file.etag), std::regex(R"("[0-9a-f]{16}")")))
        << file.path;
    EXPECT_FALSE(file.bytes.empty()) << file.path;
    EXPECT_FALSE(file.media_type.empty()) << file.path;
    EXPECT_EQ(file.gzip, file.bytes.substr(0, 2) == "\x1f\x8b") << file.path;
  }
}

// A page that carries a script or a style of its own would need a wider policy.
TEST(WebFilesTest, ThePageHasNothingInline) {
  const WebFile* page = At("/index.html");
  ASSERT_NE(page, nullptr);
  ASSERT_FALSE(page->gzip) << "it is small: send it as it is";
  const std::string text(page->bytes);
  EXPECT_FALSE(
      std::regex_search(text, std::regex(R"(<script(?![^>]*src=)|<style|style=| on[a-z]+=)")));
  EXPECT_FALSE(std::regex_search(text, std::regex(R"((src|href)="(?!/[^/]))")));
}

}  // namespace
}  // namespace atozsync
