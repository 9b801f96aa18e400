// What the dashboard shows first: how each replica is, and what needs a person. Pure: from a report
// and what was noticed over time.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "agent/health/troubles.h"
#include "agent/json_reports.h"

namespace atozsync {

// What one report does not tell of a peer (or, under this replica's id, of itself).
struct PeerNotes {
  int64_t last_agreement_ms = 0;  // wall time; 0 = not since this is noted
  int64_t behind_since_ms = 0;    // wall time; 0 = it is not behind
  uint64_t received_total = 0;
  uint64_t sent_total = 0;
  uint64_t receive_bytes_per_s = 0;
  uint64_t send_bytes_per_s = 0;
};
using Notes = std::map<ReplicaId, PeerNotes>;

struct OldestWaiting {
  std::optional<RelPath> path;  // nothing: only that something waits is known
  int64_t since_ms = 0;
  std::string why;
};

struct OverviewInputs {
  ReplicaFacts facts;
  ReplicaReport report;
  std::optional<DatabaseCounts> counts;
  Notes notes;
  TroubleSettings settings;
  std::optional<OldestWaiting> oldest;  // here
  Json dashboard;                       // as in `status --json`
  Json canary;                          // as in the overview
};

// `status --json`, with what only the program knows.
Json FullStatusJson(const OverviewInputs& inputs);
Json OverviewJson(const OverviewInputs& inputs);

}  // namespace atozsync
