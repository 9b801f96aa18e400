#include "agent/health/overview.h"

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr int64_t kBehindLongMs = 15 * 60'000;

Json WaitingJson(const std::optional<OldestWaiting>& oldest) {
  if (!oldest) return nullptr;
  Json json = {{"path", nullptr}, {"since", TimeOrNull(oldest->since_ms)}, {"why", oldest->why}};
  if (oldest->path) PutPath(json, *oldest->path);
  return json;
}

Json BehindJson(const Backlog& backlog) {
  return {{"files", backlog.files}, {"bytes", backlog.bytes}};
}

PeerNotes NotesOf(const Notes& notes, const ReplicaId& id) {
  auto found = notes.find(id);
  return found == notes.end() ? PeerNotes() : found->second;
}

bool BehindLong(const PeerNotes& notes, const TroubleSettings& settings) {
  return notes.behind_since_ms != 0 && settings.now_ms - notes.behind_since_ms >= kBehindLongMs;
}

// The worst trouble that is about this replica itself.
const char* OwnLevel(const OverviewInputs& inputs, const std::vector<Trouble>& troubles) {
  const ReplicaState state = inputs.report.state;
  bool attention = state == ReplicaState::kPaused ||
                   BehindLong(NotesOf(inputs.notes, inputs.facts.id), inputs.settings);
  for (const Trouble& trouble : troubles) {
    if (trouble.what == "silent") continue;  // of a peer
    if (trouble.level == Trouble::Level::kBad) return "bad";
    attention = true;
  }
  return attention ? "attention" : "ok";
}

Json SelfJson(const OverviewInputs& inputs, const std::vector<Trouble>& troubles) {
  const ReplicaReport& report = inputs.report;
  const PeerNotes notes = NotesOf(inputs.notes, inputs.facts.id);
  return {{"name", inputs.facts.name},
          {"id", inputs.facts.id.ToString()},
          {"self", true},
          {"level", OwnLevel(inputs, troubles)},
          {"connected", true},
          {"in_sync", report.in_sync},
          {"behind", BehindJson(report.to_receive)},
          {"oldest_waiting", WaitingJson(inputs.oldest)},
          {"last_agreement", TimeOrNull(notes.last_agreement_ms)},
          {"last_seen", UtcTime(inputs.settings.now_ms)},
          {"silent_s", 0},
          {"receive_bytes_per_s", notes.receive_bytes_per_s},
          {"send_bytes_per_s", notes.send_bytes_per_s},
          {"round_trip_ms", nullptr},
          {"problem", NullIfEmpty(report.last_error)}};
}

Json PeerHealthJson(const PeerReport& peer, const OverviewInputs& inputs) {
  const TroubleSettings& settings = inputs.settings;
  const PeerNotes notes = NotesOf(inputs.notes, peer.id);
  const int64_t silent_ms = SilentMs(peer, settings);
  const bool attention = !peer.connected || !peer.problem.empty() || BehindLong(notes, settings);
  std::optional<OldestWaiting> oldest;
  if (peer.to_send.files > 0) {
    oldest = OldestWaiting{{}, notes.behind_since_ms, "it has not taken everything from here yet"};
  }
  return {{"name", peer.name},
          {"id", peer.id.ToString()},
          {"self", false},
          {"level", !peer.connected && silent_ms >= settings.silent_ms ? "bad"
                    : attention                                        ? "attention"
                                                                       : "ok"},
          {"connected", peer.connected},
          {"in_sync", peer.in_sync},
          {"behind", BehindJson(peer.to_send)},
          {"oldest_waiting", WaitingJson(oldest)},
          {"last_agreement", TimeOrNull(notes.last_agreement_ms)},
          {"last_seen", TimeOrNull(peer.last_seen_ms)},
          {"silent_s", silent_ms / 1000},
          {"receive_bytes_per_s", notes.receive_bytes_per_s},
          {"send_bytes_per_s", notes.send_bytes_per_s},
          {"round_trip_ms", peer.round_trip_ms ? Json(*peer.round_trip_ms) : Json()},
          {"problem", NullIfEmpty(peer.problem)}};
}

}  // namespace

Json FullStatusJson(const OverviewInputs& inputs) {
  Json status = StatusJson(inputs.facts, inputs.report, inputs.counts);
  status["dashboard"] = inputs.dashboard;
  return status;
}

Json OverviewJson(const OverviewInputs& inputs) {
  const std::vector<Trouble> troubles = TroublesOf(inputs.report, inputs.settings);
  Json health = Json::array();
  health.push_back(SelfJson(inputs, troubles));
  for (const PeerReport& peer : inputs.report.peers) {
    health.push_back(PeerHealthJson(peer, inputs));
  }
  Json needs_person = Json::array();
  for (const Trouble& trouble : troubles) {
    needs_person.push_back(
        {{"what", trouble.what},
         {"level", trouble.level == Trouble::Level::kBad ? "bad" : "attention"},
         {"text", trouble.text + (trouble.details.empty() ? "" : ": " + trouble.details)}});
  }
  Json status = FullStatusJson(inputs);
  Json held = status["held"];
  Json database = status["database"];
  return {{"status", std::move(status)},
          {"health", std::move(health)},
          {"held", std::move(held)},
          {"conflicts_open", inputs.report.conflicts_open},
          {"database", std::move(database)},
          {"canary", inputs.canary},
          {"needs_person", std::move(needs_person)}};
}

}  // namespace atozsync
