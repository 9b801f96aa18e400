// Holds the shape of the source tree: who may include whom, which library is used in which room,
// how long a file gets, and a few words that stay out. Reads the tree itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace atozsync {
namespace {

constexpr size_t kLinesMax = 400;

struct Source {
  std::string path;  // from the top of the tree
  std::vector<std::string> lines;
};

const std::vector<Source>& Sources() {
  static const std::vector<Source> sources = [] {
    std::vector<Source> found;
    for (const char* top :
         {"sync", "protocol", "watcher", "database", "agent", "web", "tools", "tests", "bench"}) {
      std::filesystem::path dir = std::filesystem::path(ATOZ_SOURCE_DIR) / top;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
        std::string extension = entry.path().extension().string();
        if (entry.path().string().find("node_modules") != std::string::npos) continue;
        if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
        Source source;
        source.path = std::filesystem::relative(entry.path(), ATOZ_SOURCE_DIR).string();
        std::ifstream in(entry.path());
        for (std::string line; std::getline(in, line);) source.lines.push_back(line);
        found.push_back(std::move(source));
      }
    }
    return found;
  }();
  return sources;
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

bool StartsWithAny(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return StartsWith(text, prefix); });
}

// What follows `#include `, with its quotes or brackets.
std::vector<std::string> IncludesOf(const Source& source) {
  static const std::regex kInclude(R"(^\s*#\s*include\s+([<"][^>"]+[>"]))");
  std::vector<std::string> includes;
  for (const std::string& line : source.lines) {
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) includes.push_back(match[1]);
  }
  return includes;
}

struct Room {
  const char* path;
  std::vector<std::string> may_include;  // of our own headers
};

const std::vector<Room> kRooms = {
    {"sync/base/", {"sync/base/"}},
    {"sync/model/", {"sync/base/", "sync/model/"}},
    {"sync/engine/",
     {"sync/base/", "sync/model/", "sync/engine/", "protocol/messages.h", "protocol/codec.h",
      "protocol/session.h", "protocol/compression.h"}},
    {"sync/index/",
     {"sync/base/", "sync/model/", "sync/engine/index.h", "sync/index/", "sync/os/system_files.h"}},
    {"sync/os/", {"sync/base/", "sync/os/"}},
    {"protocol/", {"sync/base/", "sync/model/", "protocol/", "atozsync.pb.h"}},
    {"watcher/", {"sync/base/", "sync/os/windows_", "watcher/"}},
    {"database/",
     {"sync/base/", "sync/model/", "sync/index/sqlite_db.h", "sync/os/system_files.h",
      "database/"}},
    {"agent/", {"sync/", "protocol/", "watcher/", "database/", "agent/", "web/files.h"}},
    {"tools/", {"sync/base/", "tools/"}},
};

TEST(TidyTest, IncludesPointDown) {
  for (const Source& source : Sources()) {
    for (const Room& room : kRooms) {
      if (!StartsWith(source.path, room.path)) continue;
      for (const std::string& include : IncludesOf(source)) {
        if (include[0] != '"') continue;
        EXPECT_TRUE(StartsWithAny(include.substr(1), room.may_include))
            << source.path << " may not include " << include;
      }
    }
  }
}

TEST(TidyTest, LibrariesStayInTheirRooms) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> libraries = {
      {"<uv.h",
       {"sync/os/", "watcher/", "protocol/uv_", "protocol/address.cc", "protocol/identity.cc"}},
      {"<openssl/", {"protocol/", "agent/digest.cc"}},
      {"<sqlite3", {"sync/index/sqlite_"}},
      {"<httplib", {"agent/control_", "agent/dashboard/", "agent/alert/"}},
      {"<toml++", {"agent/config"}},
      {"<zstd", {"protocol/compression.cc"}},
      {"<google/protobuf", {"protocol/"}},
      {"<spdlog", {"agent/logging"}},
      {"<CLI/", {"agent/commands/", "tools/", "bench/"}},
      {"<mysql", {"database/connection.cc"}},
      {"<pugixml", {"agent/setup/"}},
      {"<sys/inotify", {"watcher/"}},
      {"<thread>",
       {"sync/os/", "agent/control_server.cc", "agent/dashboard/dashboard_server.cc",
        "agent/commands/"}},
  };
  for (const Source& source : Sources()) {
    if (StartsWith(source.path, "tests/")) continue;
    for (const std::string& include : IncludesOf(source)) {
      for (const auto& [library, rooms] : libraries) {
        if (!StartsWith(include, library)) continue;
        EXPECT_TRUE(StartsWithAny(source.path, rooms)) << source.path << ": " << include;
      }
    }
  }
}

TEST(TidyTest, FilesStayReadable) {
  for (const Source& source : Sources()) {
    EXPECT_LE(source.lines.size(), kLinesMax) << source.path << ": split it by idea";
  }
}

TEST(TidyTest, NothingIsLeftForLater) {
  // Put together here, so that this file does not find itself.
  const std::vector<std::string> words = {std::string("TO") + "DO", std::string("FIX") + "ME",
                                          std::string("XX") + "X:", std::string("HA") + "CK"};
  for (const Source& source : Sources()) {
    for (size_t i = 0; i < source.lines.size(); ++i) {
      for (const std::string& word : words) {
        EXPECT_EQ(source.lines[i].find(word), std::string::npos) << source.path << ":" << i + 1;
      }
    }
  }
}

TEST(TidyTest, SystemsDifferInTheirRoomsOnly) {
  static const std::regex kConditional(R"(^\s*#\s*(if|ifdef|ifndef|elif)\b)");
  for (const Source& source : Sources()) {
    if (StartsWithAny(source.path, {"sync/os/", "watcher/", "agent/service/", "tests/"})) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.lines[i], kConditional)) << source.path << ":" << i + 1;
    }
  }
}

// Two classes of one name in one namespace link without a word, and one runs the other's code.
TEST(TidyTest, NamesInHeadersAreUnique) {
  static const std::regex kType(R"(^(class|struct|enum class|enum) (\w+)( final)?( : .*)? *\{)");
  static const std::regex kNamespace(R"(^namespace ([\w:]+) \{)");
  std::map<std::string, std::string> first;
  for (const Source& source : Sources()) {
    if (source.path.back() != 'h' || StartsWith(source.path, "tests/")) continue;
    std::string space;
    for (const std::string& line : source.lines) {
      std::smatch match;
      if (std::regex_search(line, match, kNamespace)) space = match[1];
      if (!std::regex_search(line, match, kType)) continue;
      auto [at, added] = first.emplace(space + "::" + match[2].str(), source.path);
      EXPECT_TRUE(added) << at->first << " in " << at->second << " and " << source.path;
    }
  }
}

TEST(TidyTest, HeadersBeginWithWhatTheyAre) {
  for (const Source& source : Sources()) {
    if (source.path.back() != 'h') continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_TRUE(StartsWith(source.lines[0], "// ")) << source.path << ": say what it is";
    EXPECT_NE(std::find(source.lines.begin(), source.lines.end(), "#pragma once"),
              source.lines.end())
        << source.path;
  }
}

TEST(TidyTest, TheTreeWasFound) {
  EXPECT_GT(Sources().size(), 100u);
}

}  // namespace
}  // namespace atozsync
