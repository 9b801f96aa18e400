#include "agent/health/health_monitor.h"

#include <algorithm>

#include "agent/format.h"
#include "agent/health/metrics.h"
#include "sync/os/system_files.h"

namespace atozsync {

HealthMonitor::HealthMonitor(Agent& agent)
    : agent_(agent), canary_(agent), started_ms_(agent.executor().clock().WallMs()) {
  Load();
  stored_mono_ms_ = looked_mono_ms_ = agent_.executor().clock().MonoMs();
  look_timer_ = agent_.executor().PostAfter(0, [this] { Look(); });
}

HealthMonitor::~HealthMonitor() {
  agent_.executor().CancelTimer(look_timer_);
  agent_.executor().CancelTimer(send_timer_);
  // At the end nobody waits for the disk.
  WriteSmallFile(File(), Stored()).IgnoreError();
}

// --- looking ---

void HealthMonitor::Look() {
  const int64_t mono_ms = agent_.executor().clock().MonoMs();
  Note(agent_.report(), agent_.executor().clock().WallMs());
  canary_.Tick();
  if (on_look) on_look(Troubles());
  if (mono_ms - stored_mono_ms_ >= kStoreMs) Store();
  looked_mono_ms_ = mono_ms;
  look_timer_ = agent_.executor().PostAfter(kLookMs, [this] { Look(); });
}

void HealthMonitor::Note(const ReplicaReport& report, int64_t now_ms) {
  const int64_t elapsed_ms =
      std::max<int64_t>(agent_.executor().clock().MonoMs() - looked_mono_ms_, 1);
  auto rate = [&](uint64_t& before, uint64_t now) {
    const uint64_t moved = now >= before ? now - before : now;
    before = now;
    return moved * 1000 / static_cast<uint64_t>(elapsed_ms);
  };
  auto behind = [&](PeerNotes& notes, bool is_behind) {
    if (!is_behind) notes.behind_since_ms = 0;
    if (is_behind && notes.behind_since_ms == 0) notes.behind_since_ms = now_ms;
  };
  uint64_t received = 0;
  uint64_t sent = 0;
  Notes kept;
  for (const PeerReport& peer : report.peers) {
    PeerNotes& notes = kept[peer.id] = notes_[peer.id];
    if (peer.in_sync) notes.last_agreement_ms = now_ms;
    behind(notes, peer.to_send.files > 0);
    notes.receive_bytes_per_s = rate(notes.received_total, peer.received_bytes);
    notes.send_bytes_per_s = rate(notes.sent_total, peer.sent_bytes);
    received += peer.received_bytes;
    sent += peer.sent_bytes;
  }
  PeerNotes& own = kept[agent_.facts().id] = notes_[agent_.facts().id];
  if (report.in_sync) own.last_agreement_ms = now_ms;
  behind(own, report.to_receive.files > 0);
  own.receive_bytes_per_s = rate(own.received_total, received);
  own.send_bytes_per_s = rate(own.sent_total, sent);
  notes_ = std::move(kept);  // those who left the cluster are forgotten
  traffic_.Add(now_ms, received, sent, report.to_receive.files);
}

TroubleSettings HealthMonitor::Settings() {
  TroubleSettings settings;
  settings.now_ms = agent_.executor().clock().WallMs();
  settings.started_ms = started_ms_;
  settings.silent_ms = agent_.config().alert.silent_ms;
  if (dashboard_state) settings.dashboard_problem = TextAt(dashboard_state(), "problem");
  return settings;
}

std::vector<Trouble> HealthMonitor::Troubles() {
  return TroublesOf(agent_.report(), Settings());
}

OverviewInputs HealthMonitor::Inputs() {
  OverviewInputs inputs;
  inputs.facts = agent_.facts();
  inputs.report = agent_.report();
  inputs.counts = agent_.database_counts();
  inputs.notes = notes_;
  inputs.settings = Settings();
  inputs.canary = canary_.ToJson();
  if (dashboard_state) inputs.dashboard = dashboard_state();
  Replica* replica = agent_.replica();
  if (replica == nullptr) return inputs;
  if (std::vector<HeldFile> held = replica->Held(1); !held.empty()) {
    inputs.oldest = OldestWaiting{held.front().path, held.front().since_ms, held.front().text};
  } else if (std::vector<Need> needs = agent_.index()->Needs(0, 1); !needs.empty()) {
    const Need& need = needs.front();
    if (need.arrival != oldest_arrival_) {
      oldest_arrival_ = need.arrival;
      oldest_since_ms_ = inputs.settings.now_ms;
    }
    inputs.oldest = OldestWaiting{
        need.path, oldest_since_ms_,
        "to be received" + (need.peer == ReplicaId()
                                ? std::string()
                                : " from " + NameOf(agent_.names(), MakeAuthorId(need.peer, 0)))};
  }
  return inputs;
}

Json HealthMonitor::Overview() {
  return OverviewJson(Inputs());
}

Json HealthMonitor::StatusNow() {
  return FullStatusJson(Inputs());
}

Json HealthMonitor::Traffic() const {
  return {{"step_s", TrafficLog::kStepMs / 1000}, {"samples", traffic_.ToJson()}};
}

std::string HealthMonitor::Metrics() {
  return MetricsText(Inputs());
}

// --- those who watch ---

void HealthMonitor::Watch(std::shared_ptr<StreamReader> reader, ControlHandler::Line line,
                          ControlHandler::Done done) {
  std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.reader->gone(); });
  if (watchers_.size() >= kWatchersMax) {
    return done(ErrorReply(503, "too many pages watch already: close one of them"));
  }
  watchers_.push_back({std::move(reader), std::move(line), std::move(done), {}});
  agent_.executor().CancelTimer(send_timer_);
  SendToWatchers();
}

void HealthMonitor::SendToWatchers() {
  send_timer_ = 0;
  std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.reader->gone(); });
  if (watchers_.empty()) return;
  const Json now = Overview();
  // Time goes on without anything having changed.
  auto same = [](Json a, Json b) {
    for (Json* overview : {&a, &b}) {
      if (!overview->is_object()) continue;
      for (Json& entry : (*overview)["health"]) {
        if (FlagAt(entry, "self")) entry["last_seen"] = nullptr;
        if (FlagAt(entry, "connected")) entry["last_seen"] = nullptr;
      }
      for (Json& peer : (*overview)["status"]["peers"]) {
        if (FlagAt(peer, "connected")) peer["last_seen"] = nullptr;
      }
    }
    return a == b;
  };
  for (Watcher& watcher : watchers_) {
    if (same(now, watcher.sent)) continue;
    watcher.sent = now;
    watcher.line(now);
  }
  send_timer_ = agent_.executor().PostAfter(kSendMs, [this] { SendToWatchers(); });
}

// --- the file ---

void HealthMonitor::Load() {
  Result<std::string> text = ReadSmallFile(File(), kFileBytesMax);
  if (!text.ok()) return;
  const std::optional<Json> stored = ParseJson(*text);
  if (!stored || !stored->is_object()) return;
  const int64_t now_ms = agent_.executor().clock().WallMs();
  traffic_.Load(ListAt(*stored, "traffic"), now_ms);
  for (const Json& entry : ListAt(*stored, "agreements")) {
    Result<ReplicaId> id = ReplicaId::Parse(TextAt(entry, "id"));
    const auto at_ms = static_cast<int64_t>(NumberAt(entry, "ms"));
    if (id.ok() && at_ms <= now_ms) notes_[*id].last_agreement_ms = at_ms;
  }
}

std::string HealthMonitor::Stored() const {
  Json agreements = Json::array();
  for (const auto& [id, notes] : notes_) {
    agreements.push_back({{"id", id.ToString()}, {"ms", notes.last_agreement_ms}});
  }
  return Dump({{"traffic", traffic_.ToJson()}, {"agreements", std::move(agreements)}}, 1) + "\n";
}

void HealthMonitor::Store() {
  stored_mono_ms_ = agent_.executor().clock().MonoMs();
  agent_.executor().Run(
      Lane::kWalk, [file = File(), text = Stored()] { WriteSmallFile(file, text).IgnoreError(); },
      [] {});
}

}  // namespace atozsync
