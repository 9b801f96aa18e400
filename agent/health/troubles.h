// Troubles: what needs a person, told from a report alone. The dashboard, alerts and `status
// --check` all go by this list. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sync/engine/reports.h"

namespace atozsync {

inline constexpr const char* kTroubleKinds[] = {"stopped",  "root-missing", "disk-full",
                                                "database", "frozen",       "silent",
                                                "brake",    "conflict",     "dashboard"};

struct Trouble {
  enum class Level : uint8_t { kAttention, kBad };  // kBad: files do not get where they should
  std::string what;                                 // one of kTroubleKinds
  std::string about;  // tells apart what is the same kind of trouble: a peer's id
  Level level = Level::kAttention;
  std::string text;     // without names of files
  std::string details;  // may name them; empty: nothing more is known
  uint64_t count = 1;   // of conflicts, files …
};

struct TroubleSettings {
  int64_t now_ms = 0;      // wall time
  int64_t started_ms = 0;  // of the agent: nobody was missed before
  int64_t silent_ms = 0;   // a peer that was not seen so long needs a person
  std::string dashboard_problem;
};

std::vector<Trouble> TroublesOf(const ReplicaReport& report, const TroubleSettings& settings);
// How long nothing was heard of a peer; 0: it is connected.
int64_t SilentMs(const PeerReport& peer, const TroubleSettings& settings);

}  // namespace atozsync
