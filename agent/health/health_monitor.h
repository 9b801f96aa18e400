// HealthMonitor: looks at the replica every few seconds, remembers what one report does not tell –
// when peers last agreed, how fast content moves, the day's traffic –, and sends the overview to
// whoever watches it. Keeps STATE/health.json, so that a restart forgets nothing. Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/control_handler.h"
#include "agent/health/canary.h"
#include "agent/health/overview.h"
#include "agent/health/traffic.h"

namespace atozsync {

class HealthMonitor {
 public:
  static constexpr int64_t kLookMs = 5'000;
  static constexpr int64_t kSendMs = 1'000;  // between two overviews to one watcher
  static constexpr int64_t kStoreMs = 300'000;
  static constexpr size_t kWatchersMax = 8;
  static constexpr size_t kFileBytesMax = 1 << 20;

  // The agent outlives it.
  explicit HealthMonitor(Agent& agent);
  ~HealthMonitor();  // writes the file

  Json Overview();
  Json StatusNow();
  Json Traffic() const;
  std::string Metrics();
  // Takes part in what the canary measures.
  Canary& canary() { return canary_; }
  std::vector<Trouble> Troubles();
  // Sends the overview at once and whenever it has changed, until the reader is gone. 503: too many
  // watch.
  void Watch(std::shared_ptr<StreamReader> reader, ControlHandler::Line line,
             ControlHandler::Done done);

  // Of the dashboard, for `status`: why it does not listen, or its address.
  std::function<Json()> dashboard_state;
  // After each look.
  std::function<void(const std::vector<Trouble>&)> on_look;

 private:
  struct Watcher {
    std::shared_ptr<StreamReader> reader;
    ControlHandler::Line line;
    ControlHandler::Done done;
    Json sent;
  };
  void Look();
  void Note(const ReplicaReport& report, int64_t now_ms);
  OverviewInputs Inputs();
  TroubleSettings Settings();
  void SendToWatchers();
  void Load();
  std::string Stored() const;
  void Store();
  std::string File() const { return agent_.state().path() + "/health.json"; }

  Agent& agent_;
  Canary canary_;
  const int64_t started_ms_;
  Notes notes_;
  TrafficLog traffic_;
  int64_t looked_mono_ms_ = 0;
  int64_t stored_mono_ms_ = 0;
  uint64_t oldest_arrival_ = 0;  // of the need that waits longest
  int64_t oldest_since_ms_ = 0;
  std::vector<Watcher> watchers_;
  TimerId look_timer_ = 0;
  TimerId send_timer_ = 0;
};

}  // namespace atozsync
