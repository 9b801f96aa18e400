#include "agent/health/troubles.h"

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

using Level = Trouble::Level;

void AddState(const ReplicaReport& report, std::vector<Trouble>& out) {
  switch (report.state) {
    case ReplicaState::kError:
      out.push_back({"stopped", "", Level::kBad, "the replica does not work at the moment",
                     report.last_error});
      break;
    case ReplicaState::kRootMissing:
      out.push_back({"root-missing", "", Level::kBad,
                     "the folder is missing: is its volume mounted? Nothing is announced until it "
                     "is back",
                     report.last_error});
      break;
    case ReplicaState::kDiskFull:
      out.push_back({"disk-full", "", Level::kBad,
                     "the disk is nearly full: nothing is received until there is room", ""});
      break;
    default: break;
  }
}

void AddDatabase(const RowsHealth& database, std::vector<Trouble>& out) {
  switch (database.word) {
    case RowsWord::kOff:
    case RowsWord::kConnecting:
    case RowsWord::kConnected: break;
    case RowsWord::kSlow:
      out.push_back(
          {"database", "", Level::kAttention, "the database answers too slowly", database.problem});
      break;
    default:
      out.push_back(
          {"database", "", Level::kBad,
           std::string("the database does not answer as it should: ") + RowsWordName(database.word),
           database.problem});
  }
  if (!database.frozen.empty()) {
    out.push_back({"frozen", "", Level::kAttention,
                   "no deletion is made on the database's word at the moment", database.frozen});
  }
}

}  // namespace

int64_t SilentMs(const PeerReport& peer, const TroubleSettings& settings) {
  if (peer.connected) return 0;
  // The clock of the wall may have been set meanwhile.
  const int64_t since_ms = peer.last_seen_ms == 0 ? settings.started_ms : peer.last_seen_ms;
  return std::max<int64_t>(settings.now_ms - since_ms, 0);
}

std::vector<Trouble> TroublesOf(const ReplicaReport& report, const TroubleSettings& settings) {
  std::vector<Trouble> out;
  AddState(report, out);
  AddDatabase(report.database, out);
  for (const PeerReport& peer : report.peers) {
    if (peer.connected || SilentMs(peer, settings) < settings.silent_ms) continue;
    out.push_back(
        {"silent", peer.id.ToString(), Level::kBad,
         peer.name + (peer.last_seen_ms == 0 ? " was never seen"
                                             : " was not seen since " + UtcTime(peer.last_seen_ms)),
         peer.problem});
  }
  if (report.held_brake > 0) {
    out.push_back({"brake", "", Level::kAttention,
                   Count(report.held_brake, "file waits", "files wait") +
                       " behind the brake against mass changes: release or revert them",
                   "", report.held_brake});
  }
  if (report.conflicts_open > 0) {
    out.push_back(
        {"conflict", "", Level::kAttention,
         Count(report.conflicts_open, "conflict waits", "conflicts wait") + " for a decision", "",
         report.conflicts_open});
  }
  if (!settings.dashboard_problem.empty()) {
    out.push_back({"dashboard", "", Level::kAttention, settings.dashboard_problem, ""});
  }
  return out;
}

}  // namespace atozsync
