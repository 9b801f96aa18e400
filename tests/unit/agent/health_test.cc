// What needs a person and how it is shown: troubles, overview, traffic, check line, metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/health/check_line.h"
#include "agent/health/metrics.h"
#include "agent/health/overview.h"
#include "agent/health/traffic.h"

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr int64_t kNowMs = 1'800'000'000'000;

ReplicaId IdOf(uint8_t number) {
  ReplicaId id;
  id.bytes.fill(number);
  return id;
}

OverviewInputs Healthy() {
  OverviewInputs inputs;
  inputs.facts = {IdOf(1), "main", "/srv/images", "0.1.0"};
  inputs.report.state = ReplicaState::kIdle;
  inputs.report.in_sync = true;
  PeerReport peer;
  peer.id = IdOf(2);
  peer.name = "north";
  peer.connected = true;
  peer.in_sync = true;
  peer.last_seen_ms = kNowMs;
  inputs.report.peers = {peer};
  inputs.settings = {kNowMs, kNowMs - 86'400'000, 3'600'000, ""};
  inputs.canary = {{"enabled", false}, {"last", nullptr}};
  return inputs;
}

std::vector<std::string> WhatOf(const OverviewInputs& inputs) {
  std::vector<std::string> what;
  for (const Trouble& trouble : TroublesOf(inputs.report, inputs.settings)) {
    what.push_back(trouble.what);
  }
  return what;
}

std::vector<std::string> LevelsOf(const OverviewInputs& inputs) {
  std::vector<std::string> levels;
  const Json overview = OverviewJson(inputs);
  for (const Json& entry : overview["health"]) levels.push_back(TextAt(entry, "level"));
  return levels;
}

TEST(HealthTest, AllIsWell) {
  const OverviewInputs inputs = Healthy();
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("ok", "ok"));
  const CheckLine check = CheckOverview(OverviewJson(inputs));
  EXPECT_EQ(check.code, CheckLine::kOk);
  EXPECT_EQ(check.line,
            "OK: idle, everything is the same everywhere, 1 of 1 peers connected|conflicts=0;0 "
            "brake=0;0 held=0 to_receive_files=0 to_receive_bytes=0B files=0 "
            "peers_connected=1;;;0;1");
}

TEST(HealthTest, EachTroubleOfTheReplicaItself) {
  struct Case {
    const char* what;
    const char* level;
    std::function<void(ReplicaReport&)> make;
  };
  const Case cases[] = {
      {"stopped", "bad", [](ReplicaReport& report) { report.state = ReplicaState::kError; }},
      {"root-missing", "bad",
       [](ReplicaReport& report) { report.state = ReplicaState::kRootMissing; }},
      {"disk-full", "bad", [](ReplicaReport& report) { report.state = ReplicaState::kDiskFull; }},
      {"database", "bad", [](ReplicaReport& report) { report.database.word = RowsWord::kRefused; }},
      {"database", "bad",
       [](ReplicaReport& report) { report.database.word = RowsWord::kUnreachable; }},
      {"database", "attention",
       [](ReplicaReport& report) { report.database.word = RowsWord::kSlow; }},
      {"frozen", "attention",
       [](ReplicaReport& report) { report.database.frozen = "replication has stopped"; }},
      {"brake", "attention", [](ReplicaReport& report) { report.held_brake = 3; }},
      {"conflict", "attention", [](ReplicaReport& report) { report.conflicts_open = 2; }}};
  for (const Case& one : cases) {
    OverviewInputs inputs = Healthy();
    one.make(inputs.report);
    EXPECT_THAT(WhatOf(inputs), ElementsAre(one.what));
    EXPECT_THAT(LevelsOf(inputs), ElementsAre(one.level, "ok")) << one.what;
    const CheckLine check = CheckOverview(OverviewJson(inputs));
    EXPECT_EQ(check.code,
              std::string(one.level) == "bad" ? CheckLine::kCritical : CheckLine::kWarning)
        << one.what;
  }
}

TEST(HealthTest, AWordThatIsOnItsWayIsNoTrouble) {
  OverviewInputs inputs = Healthy();
  inputs.report.database.word = RowsWord::kConnecting;
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
  inputs.report.state = ReplicaState::kPaused;
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("attention", "ok"));
}

TEST(HealthTest, APeerThatIsSilent) {
  OverviewInputs inputs = Healthy();
  PeerReport& peer = inputs.report.peers[0];
  peer.connected = peer.in_sync = false;
  peer.last_seen_ms = kNowMs - 3'599'999;
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("ok", "attention"));
  peer.last_seen_ms = kNowMs - 3'600'000;
  EXPECT_THAT(WhatOf(inputs), ElementsAre("silent"));
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("ok", "bad"));
  EXPECT_EQ(OverviewJson(inputs)["health"][1]["silent_s"], 3600);
  // Never seen: since the agent started.
  peer.last_seen_ms = 0;
  inputs.settings.started_ms = kNowMs - 1'000;
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
  inputs.settings.started_ms = kNowMs - 3'600'000;
  EXPECT_THAT(WhatOf(inputs), ElementsAre("silent"));
  // A clock that was set back.
  peer.last_seen_ms = kNowMs + 10'000'000;
  EXPECT_THAT(WhatOf(inputs), IsEmpty());
}

TEST(HealthTest, BehindForLong) {
  OverviewInputs inputs = Healthy();
  inputs.report.peers[0].to_send = {5, 500};
  inputs.notes[IdOf(2)].behind_since_ms = kNowMs - 15 * 60'000 + 1;
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("ok", "ok"));
  inputs.notes[IdOf(2)].behind_since_ms = kNowMs - 15 * 60'000;
  EXPECT_THAT(LevelsOf(inputs), ElementsAre("ok", "attention"));
  const Json oldest = OverviewJson(inputs)["health"][1]["oldest_waiting"];
  EXPECT_TRUE(oldest["path"].is_null());
  EXPECT_TRUE(oldest["since"].is_string());
}

TEST(HealthTest, CheckLineIsOneLineWithoutBars) {
  OverviewInputs inputs = Healthy();
  inputs.report.state = ReplicaState::kError;
  inputs.report.last_error = "odd | name\nsecond";
  const CheckLine check = CheckOverview(OverviewJson(inputs));
  EXPECT_EQ(std::count(check.line.begin(), check.line.end(), '|'), 1);
  EXPECT_EQ(check.line.find('\n'), std::string::npos);
  EXPECT_THAT(check.line, StartsWith("CRITICAL: "));
  EXPECT_EQ(CheckOverview(Json::array()).code, CheckLine::kUnknown);
}

TEST(HealthTest, MetricsNameNoFilesAndEscapeLabels) {
  OverviewInputs inputs = Healthy();
  inputs.report.peers[0].name = "nor\"th\\";
  inputs.report.last_error = "S/SmithJohn12/x.jpg: broken";
  inputs.oldest = OldestWaiting{RelPath::Trusted("S/SmithJohn12/x.jpg"), kNowMs, "waits"};
  inputs.canary["last"] = {{"round_trips",
                            {{{"peer", "north"}, {"round_trip_ms", 1500}},
                             {{"peer", "south"}, {"round_trip_ms", nullptr}}}}};
  const std::string text = MetricsText(inputs);
  EXPECT_THAT(text, Not(HasSubstr("Smith")));
  EXPECT_THAT(text, HasSubstr("atozsync_peer_connected{peer=\"nor\\\"th\\\\\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("atozsync_peer_canary_seconds{peer=\"north\"} 1.5\n"));
  EXPECT_THAT(text, Not(HasSubstr("south")));
  EXPECT_THAT(text, HasSubstr("atozsync_state{state=\"idle\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE atozsync_hashed_bytes_total counter\n"));
}

// --- the day's traffic ---

TEST(TrafficTest, SumsInStepsOfFiveMinutes) {
  TrafficLog log;
  const int64_t start_ms = kNowMs - kNowMs % TrafficLog::kStepMs;
  log.Add(start_ms, 100, 10, 3);
  log.Add(start_ms + 5'000, 150, 10, 7);
  log.Add(start_ms + TrafficLog::kStepMs, 150, 30, 0);
  log.Add(start_ms + TrafficLog::kStepMs + 1, 20, 30, 0);  // the agent began to count anew
  ASSERT_EQ(log.samples().size(), 2u);
  EXPECT_EQ(log.samples()[0], (TrafficSample{start_ms, 150, 10, 7}));
  EXPECT_EQ(log.samples()[1], (TrafficSample{start_ms + TrafficLog::kStepMs, 20, 20, 0}));
}

TEST(TrafficTest, IsBoundedAndSurvivesARestart) {
  TrafficLog log;
  int64_t now_ms = kNowMs;
  for (size_t i = 0; i < 2 * TrafficLog::kSamplesMax; ++i, now_ms += TrafficLog::kStepMs) {
    log.Add(now_ms, i, i, i);
  }
  EXPECT_EQ(log.samples().size(), TrafficLog::kSamplesMax);
  TrafficLog again;
  again.Load(log.ToJson(), now_ms - TrafficLog::kStepMs);
  EXPECT_EQ(again.samples(), log.samples());
  again.Load(log.ToJson(), now_ms + 100 * TrafficLog::kStepMs);
  EXPECT_EQ(again.samples().size(), TrafficLog::kSamplesMax - 101);
  again.Load(Json::parse(R"([5, {"t_ms": "x"}, {"t_ms": -3}, null])"), now_ms);
  EXPECT_THAT(again.samples(), IsEmpty());
}

TEST(TrafficTest, AClockThatIsSetBack) {
  TrafficLog log;
  log.Add(kNowMs + 86'400'000, 10, 10, 0);
  log.Add(kNowMs, 20, 20, 0);
  ASSERT_EQ(log.samples().size(), 1u);
  EXPECT_LE(log.samples()[0].wall_ms, kNowMs);
}

}  // namespace
}  // namespace atozsync
