#include <gtest/gtest.h>

#include "agent/conflict_export.h"
#include "agent/json_reports.h"

namespace atozsync {
namespace {

ReplicaReport ExampleReport() {
  ReplicaReport report;
  report.state = ReplicaState::kIdle;
  report.in_sync = true;
  report.totals.files = 20000;
  report.totals.directories = 812;
  report.totals.bytes = 3'812'345'678;
  report.sequence = 20411;
  report.watching.mode = "inotify";
  report.watching.directories = 812;
  PeerReport peer;
  peer.name = "north-office";
  peer.connected = true;
  peer.address = "10.8.0.2:22067";
  peer.in_sync = true;
  peer.round_trip_ms = 4;
  peer.clock_ahead_ms = -3500;
  peer.last_seen_ms = 1'795'428'000'000;
  report.peers.push_back(peer);
  return report;
}

ConflictRecord ExampleConflict() {
  ConflictRecord record;
  record.id = {1, 2};
  record.path = RelPath::Trusted("S/SmithJohn1/a.jpg");
  record.winner.kind = VersionKind::kFile;
  record.winner.size = 5;
  record.winner.dot.author = MakeAuthorId(ReplicaId{}, 1);
  record.loser = record.winner;
  record.loser.size = 6;
  record.detected_ms = 1'795'428'000'000;
  record.rule = "later-edit-wins";
  return record;
}

std::vector<std::string> Keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

void ExpectHasKeys(const Json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) EXPECT_TRUE(object.contains(key)) << key;
}

TEST(StatusJsonTest, HasEveryKeyOfTheContract) {
  Json status = StatusJson({ReplicaId{}, "main-office", "/srv/A", "0.1.0"}, ExampleReport());
  ExpectHasKeys(status, {"replica", "state", "in_sync", "files", "directories", "bytes", "sequence",
                         "watching", "peers", "upload_limit", "conflicts_open", "held", "database",
                         "last_error"});
  ExpectHasKeys(status["replica"], {"id", "name", "root", "version"});
  ExpectHasKeys(status["watching"], {"mode", "directories", "overflows"});
  ASSERT_EQ(status["peers"].size(), 1u);
  const Json& peer = status["peers"][0];
  ExpectHasKeys(peer,
                {"id", "name", "connected", "address", "in_sync", "to_receive", "to_send",
                 "received_bytes", "sent_bytes", "round_trip_ms", "clock_ahead_ms", "last_seen"});
  EXPECT_EQ(Keys(peer["to_receive"]), (std::vector<std::string>{"bytes", "files"}));
  EXPECT_EQ(Keys(status["held"]), (std::vector<std::string>{"brake", "locked", "row"}));
  EXPECT_EQ(status["state"], "idle");
  EXPECT_EQ(status["files"], 20000);
  EXPECT_EQ(peer["last_seen"], "2026-11-23T10:00:00Z");
  EXPECT_TRUE(status["database"].is_null());
  EXPECT_TRUE(status["upload_limit"].is_null());
  EXPECT_TRUE(status["last_error"].is_null());
}

TEST(StatusJsonTest, SaysTheLastErrorAndWhoWasNeverSeen) {
  ReplicaReport report = ExampleReport();
  report.last_error = "disk";
  report.peers[0].last_seen_ms = 0;
  report.peers[0].round_trip_ms.reset();
  Json status = StatusJson({}, report);
  EXPECT_EQ(status["last_error"], "disk");
  EXPECT_TRUE(status["peers"][0]["last_seen"].is_null());
  EXPECT_TRUE(status["peers"][0]["round_trip_ms"].is_null());
}

TEST(StatusJsonTest, SaysWhatIsHeldAndHowTheDatabaseIs) {
  ReplicaReport report = ExampleReport();
  report.held_row = 3;
  report.held_locked = 2;
  report.held_brake = 1;
  report.database = {RowsWord::kUnreachable, "no server at 127.0.0.1", ""};
  Json status = StatusJson({}, report);
  EXPECT_EQ(status["held"], (Json{{"row", 3}, {"locked", 2}, {"brake", 1}}));
  EXPECT_EQ(
      status["database"],
      (Json{{"state", "unreachable"}, {"problem", "no server at 127.0.0.1"}, {"frozen", nullptr}}))
      << "nothing was counted yet";
  report.database = {RowsWord::kConnected, "", "replication has stopped"};
  status = StatusJson({}, report, DatabaseCounts{1'795'428'000'000, 20000, 4, 5});
  EXPECT_EQ(status["database"], (Json{{"state", "connected"},
                                      {"problem", nullptr},
                                      {"frozen", "replication has stopped"},
                                      {"rows", 20000},
                                      {"missing_files", 4},
                                      {"orphan_files", 5},
                                      {"counted", "2026-11-23T10:00:00Z"}}));
}

TEST(ConflictJsonTest, HasEveryKeyOfTheContract) {
  Json json = ConflictJson(ExampleConflict(), RelPath::Trusted(".atozsync/conflicts/x"),
                           {{0, "main-office"}});
  ExpectHasKeys(json, {"id", "path", "kind", "detected", "state", "winner", "loser", "rule"});
  ExpectHasKeys(json["winner"], {"replica", "hash", "size", "mtime"});
  ExpectHasKeys(json["loser"], {"replica", "hash", "size", "mtime", "kept_at"});
  EXPECT_EQ(json["kind"], "edit-edit");
  EXPECT_EQ(json["state"], "open");
  EXPECT_EQ(json["winner"]["replica"], "main-office");
  EXPECT_EQ(json["loser"]["kept_at"], ".atozsync/conflicts/x");
}

TEST(JsonPathTest, BytesThatAreNotTextSurvive) {
  for (const char* name : {"plain/a.jpg", "caf\xc3\xa9", "bad\xff\xfe", "new\nline"}) {
    RelPath path = RelPath::Trusted(name);
    Json json;
    PutPath(json, path);
    std::optional<Json> again = ParseJson(Dump(json));
    ASSERT_TRUE(again.has_value());
    Result<RelPath> back = PathFrom(*again, "/root");
    ASSERT_TRUE(back.ok()) << name;
    EXPECT_EQ(*back, path);
  }
}

TEST(JsonPathTest, TakesWhatPeopleType) {
  EXPECT_EQ(PathBelowRoot("/srv/A/S/x", "/srv/A")->str(), "S/x");
  EXPECT_EQ(PathBelowRoot("/srv/A", "/srv/A")->str(), "");
  EXPECT_EQ(PathBelowRoot("./S//x/", "/srv/A")->str(), "S/x");
  EXPECT_FALSE(PathBelowRoot("/srv/AB/x", "/srv/A").ok());
  EXPECT_FALSE(PathBelowRoot("../x", "/srv/A").ok());
  EXPECT_FALSE(PathBelowRoot("/srv/A/../x", "/srv/A").ok());
}

// Half a million lists in each other fit into a request; copying them does not fit into the stack.
TEST(JsonPathTest, WhatIsNestedTooDeepIsNoJson) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(ParseJson(nested(kJsonDepthMax)).has_value());
  EXPECT_FALSE(ParseJson(nested(kJsonDepthMax + 1)).has_value());
  EXPECT_FALSE(ParseJson(nested(500'000)).has_value());
  EXPECT_TRUE(
      ParseJson("\"" + std::string(500, '[') + "\\\"" + std::string(500, '[') + "\"").has_value());
}

TEST(ConflictExportTest, CsvQuotesAndDisarmsFormulas) {
  ConflictRecord record = ExampleConflict();
  record.path = RelPath::Trusted("=1+1, \"x\".jpg");
  std::string csv = ConflictsCsv(Json::array({ConflictJson(record, std::nullopt, {})}));
  EXPECT_NE(csv.find("\"'=1+1, \"\"x\"\".jpg\""), std::string::npos) << csv;
  EXPECT_EQ(csv.rfind("\xEF\xBB\xBFid,path,kind,", 0), 0u);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
}

TEST(ConflictExportTest, HtmlShowsNamesAsText) {
  ConflictRecord record = ExampleConflict();
  record.path = RelPath::Trusted("<img onerror=x>&.jpg");
  std::string html = ConflictsHtml(Json::array({ConflictJson(record, std::nullopt, {})}),
                                   {"north", "2026-11-23T10:00:00Z"});
  EXPECT_NE(html.find("&lt;img onerror=x&gt;&amp;.jpg"), std::string::npos);
  EXPECT_EQ(html.find("<img"), std::string::npos);
}

}  // namespace
}  // namespace atozsync
