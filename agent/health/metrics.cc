#include "agent/health/metrics.h"

#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

namespace atozsync {

namespace {

using Labels = std::vector<std::pair<const char*, std::string>>;

std::string LabelText(const std::string& value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// Samples by metric: all of one metric stand together, below its help and type.
class Metrics {
 public:
  void Gauge(const char* name, const char* help, double value, const Labels& labels = {}) {
    Add(name, help, "gauge", value, labels);
  }
  void Counter(const char* name, const char* help, double value, const Labels& labels = {}) {
    Add(name, help, "counter", value, labels);
  }
  std::string Text() const {
    std::string out;
    for (const auto& [name, metric] : metrics_) out += metric.head + metric.samples;
    return out;
  }

 private:
  struct Metric {
    std::string head;
    std::string samples;
  };
  void Add(const char* name, const char* help, const char* type, double value,
           const Labels& labels) {
    Metric& metric = metrics_[name];
    if (metric.head.empty()) {
      metric.head = fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    }
    std::string braced;
    for (const auto& [label, text] : labels) {
      braced += fmt::format("{}{}=\"{}\"", braced.empty() ? "{" : ",", label, LabelText(text));
    }
    if (!braced.empty()) braced += "}";
    metric.samples += fmt::format("{}{} {}\n", name, braced, value);
  }
  std::map<std::string, Metric> metrics_;
};

double Number(uint64_t value) {
  return static_cast<double>(value);
}
double Seconds(int64_t ms) {
  return static_cast<double>(ms) / 1000;
}

void AddReplica(const OverviewInputs& inputs, Metrics& out) {
  const ReplicaReport& report = inputs.report;
  out.Gauge("atozsync_build_info", "The version that runs.", 1,
            {{"version", inputs.facts.version}});
  out.Gauge("atozsync_start_timestamp_seconds", "When the agent started.",
            Seconds(inputs.settings.started_ms));
  for (ReplicaState state :
       {ReplicaState::kError, ReplicaState::kRootMissing, ReplicaState::kDiskFull,
        ReplicaState::kPaused, ReplicaState::kStarting, ReplicaState::kScanning,
        ReplicaState::kSyncing, ReplicaState::kIdle}) {
    out.Gauge("atozsync_state", "1 for the state of the replica, 0 for all others.",
              report.state == state ? 1 : 0, {{"state", ReplicaStateName(state)}});
  }
  out.Gauge("atozsync_in_sync", "1: everything is the same everywhere.", report.in_sync ? 1 : 0);
  out.Gauge("atozsync_folder_files", "Files in the folder.", Number(report.totals.files));
  out.Gauge("atozsync_folder_directories", "Directories in the folder.",
            Number(report.totals.directories));
  out.Gauge("atozsync_folder_bytes", "Sizes of the files in the folder.",
            Number(report.totals.bytes));
  out.Gauge("atozsync_to_receive_files", "Files that others have and this one has not.",
            Number(report.to_receive.files));
  out.Gauge("atozsync_to_receive_bytes", "Their sizes.", Number(report.to_receive.bytes));
  out.Counter("atozsync_hashed_files_total", "Files read and hashed.", Number(report.hashed_files));
  out.Counter("atozsync_hashed_bytes_total", "Bytes read and hashed.", Number(report.hashed_bytes));
  out.Counter("atozsync_watch_overflows_total", "Times that the watcher lost events.",
              Number(report.watching.overflows));
  out.Gauge("atozsync_conflicts_open", "Conflicts that wait for a decision.",
            Number(report.conflicts_open));
  const std::pair<const char*, uint64_t> held[] = {
      {"row", report.held_row}, {"locked", report.held_locked}, {"brake", report.held_brake}};
  for (const auto& [why, count] : held) {
    out.Gauge("atozsync_held_files", "Files that wait, by what they wait for.", Number(count),
              {{"why", why}});
  }
}

void AddPeers(const OverviewInputs& inputs, Metrics& out) {
  for (const PeerReport& peer : inputs.report.peers) {
    const Labels labels = {{"peer", peer.name}};
    out.Gauge("atozsync_peer_connected", "1: there is a connection.", peer.connected ? 1 : 0,
              labels);
    out.Gauge("atozsync_peer_in_sync", "1: neither side has anything left for the other.",
              peer.in_sync ? 1 : 0, labels);
    out.Counter("atozsync_peer_received_bytes_total", "Content received from it.",
                Number(peer.received_bytes), labels);
    out.Counter("atozsync_peer_sent_bytes_total", "Content sent to it.", Number(peer.sent_bytes),
                labels);
    out.Gauge("atozsync_peer_to_receive_files", "Files that it has and this one has not.",
              Number(peer.to_receive.files), labels);
    out.Gauge("atozsync_peer_to_receive_bytes", "Their sizes.", Number(peer.to_receive.bytes),
              labels);
    out.Gauge("atozsync_peer_to_send_files", "Files that it still needs.",
              Number(peer.to_send.files), labels);
    out.Gauge("atozsync_peer_to_send_bytes", "Their sizes.", Number(peer.to_send.bytes), labels);
    out.Gauge("atozsync_peer_last_seen_timestamp_seconds", "When it was heard of; 0: never.",
              Seconds(peer.last_seen_ms), labels);
    if (peer.round_trip_ms) {
      out.Gauge("atozsync_peer_round_trip_seconds", "Of a message on the line and back.",
                Seconds(*peer.round_trip_ms), labels);
    }
    auto notes = inputs.notes.find(peer.id);
    if (notes != inputs.notes.end()) {
      out.Gauge("atozsync_peer_last_agreement_timestamp_seconds",
                "When both last had the same; 0: not yet.",
                Seconds(notes->second.last_agreement_ms), labels);
    }
  }
  const Json last = inputs.canary.is_object() ? inputs.canary.value("last", Json()) : Json();
  for (const Json& trip : ListAt(last, "round_trips")) {
    if (!trip.contains("round_trip_ms") || !trip["round_trip_ms"].is_number()) continue;
    out.Gauge("atozsync_peer_canary_seconds", "From a change here until it stood there.",
              Seconds(static_cast<int64_t>(NumberAt(trip, "round_trip_ms"))),
              {{"peer", TextAt(trip, "peer")}});
  }
}

void AddDatabase(const OverviewInputs& inputs, Metrics& out) {
  const RowsHealth& database = inputs.report.database;
  if (database.word == RowsWord::kOff) return;
  out.Gauge("atozsync_database_connected", "1: the database answers.", database.answers() ? 1 : 0);
  if (!inputs.counts) return;
  out.Gauge("atozsync_database_rows", "Rows that name a file, when they were last compared.",
            Number(inputs.counts->rows));
  out.Gauge("atozsync_database_missing_files", "Of these, the ones without their file.",
            Number(inputs.counts->missing_files));
  out.Gauge("atozsync_database_orphan_files", "Files without a row.",
            Number(inputs.counts->orphan_files));
}

}  // namespace

std::string MetricsText(const OverviewInputs& inputs) {
  Metrics out;
  AddReplica(inputs, out);
  AddPeers(inputs, out);
  AddDatabase(inputs, out);
  std::map<std::string, int> needs_person;
  for (const Trouble& trouble : TroublesOf(inputs.report, inputs.settings)) {
    ++needs_person[trouble.what];
  }
  for (const char* what : kTroubleKinds) {
    out.Gauge("atozsync_needs_person", "What needs a person, by kind.", needs_person[what],
              {{"what", what}});
  }
  return out.Text();
}

}  // namespace atozsync
