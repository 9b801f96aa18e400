// What the engine tells people: plain values behind `status`, `resync`, `explain`, `conflicts` and
// `history`. The agent turns them into JSON and text; nothing here decides anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/base/hint.h"
#include "sync/base/ids.h"
#include "sync/base/rel_path.h"
#include "sync/base/row_source.h"
#include "sync/engine/index.h"

namespace atozsync {

// The words of `status --json`, in order of precedence where several hold.
enum class ReplicaState : uint8_t {
  kError,
  kRootMissing,
  kDiskFull,
  kPaused,
  kStarting,
  kBraked,
  kScanning,
  kSyncing,
  kIdle
};
const char* ReplicaStateName(ReplicaState state);  // "error", "root-missing", "disk-full", …

// What is here and does not go on by itself at once.
enum class HeldWhy : uint8_t {
  kRow,      // arriving: waits in staging for the row that names it
  kLeaving,  // gone from the folder while its row stands: a deletion, or damage? not announced yet
  kBrake,    // very many at once: rows that vanished, files deleted or rewritten; a person decides
  kLocked,   // cannot be read or replaced; tried again
};
const char* HeldWhyName(HeldWhy why);  // "row", "leaving", "brake", "locked"

struct HeldFile {
  RelPath path;
  HeldWhy why = HeldWhy::kRow;
  int64_t since_ms = 0;  // wall time
  // Wall time at which it goes on anyway; 0 = when a person says so, or when it is not locked any
  // more.
  int64_t until_ms = 0;
  std::string text;         // for a person: "no row names it yet", "the database does not answer"
  int64_t next_try_ms = 0;  // kLocked: wall time of the next try; 0 = of the others
};

struct Backlog {
  uint64_t files = 0;
  uint64_t bytes = 0;
};

struct PeerReport {
  ReplicaId id;
  std::string name;
  bool connected = false;
  std::string address;          // of the connection; of the next try when not connected
  bool in_sync = false;         // connected, and neither side has anything left for the other
  Backlog to_receive;           // what it has announced and we do not have
  Backlog to_send;              // what it says it still needs
  uint64_t received_bytes = 0;  // content, since the agent started
  uint64_t sent_bytes = 0;
  std::optional<int64_t> round_trip_ms;
  int64_t last_seen_ms = 0;  // wall time; 0 = never
  // How far its clock was ahead of ours when it connected; nothing when it is not connected.
  std::optional<int64_t> clock_ahead_ms;
  std::string problem;  // for a person; empty when all is well
};

struct ReplicaReport {
  ReplicaState state = ReplicaState::kStarting;
  bool in_sync = false;  // idle, and every peer is in sync
  IndexTotals totals;
  Sequence sequence = 0;
  WatchStatus watching;
  std::vector<PeerReport> peers;
  Backlog to_receive;
  uint64_t to_scan = 0;       // directories waiting to be listed
  uint64_t to_hash = 0;       // files waiting to be read
  uint64_t to_keep = 0;       // losing versions of conflicts that are not here yet
  uint64_t hashed_files = 0;  // since the agent started
  uint64_t hashed_bytes = 0;
  uint64_t upload_limit = 0;  // bytes per second, to all peers together; 0: unlimited
  uint64_t conflicts_open = 0;
  uint64_t held_locked = 0;  // files that could not be read or replaced, tried again with pauses
  uint64_t held_row = 0;     // files that wait for their row, arriving or leaving
  uint64_t held_brake = 0;   // files behind a brake: a person decides
  RowsHealth database;
  std::vector<std::string> problems;  // per path, newest last, at most 100
  std::string last_error;             // empty = none
};

struct ResyncOptions {
  std::vector<RelPath> paths;     // empty = everything
  bool verify = false;            // rehash every byte
  bool dry_run = false;           // say what differs, change nothing
  std::optional<ReplicaId> peer;  // compare with this one only
};

struct ResyncDifference {
  std::string where;  // "folder" or the peer's name
  RelPath path;
  std::string what;    // "only here", "only there", "different", "new", "changed", …
  std::string action;  // "announced", "fetched", "none (dry run)", …
};

struct ResyncReport {
  static constexpr size_t kDifferencesMax = 10'000;
  uint64_t looked_at = 0;  // files
  uint64_t hashed_bytes = 0;
  uint64_t compared_peers = 0;
  std::vector<std::string> unreachable_peers;
  std::vector<ResyncDifference> differences;  // at most kDifferencesMax
  uint64_t difference_count = 0;
  std::string problem;  // empty = ran to the end
};

struct ExplainVersion {
  std::string replica;  // name
  bool known = false;   // that replica answered and has a row
  FileVersion version;
};

struct ExplainReport {
  RelPath path;
  std::optional<IndexRow> row;
  std::vector<Need> needs;
  std::vector<ExplainVersion> peers;
  std::string on_disk;         // "file, 1234 bytes, …", "nothing", "not synchronized: …"
  std::vector<HeldFile> held;  // exactly this path, locked files too; a path may wait twice
};

// One kept version, or the live one (kept_at = root).
struct HistoryEntry {
  std::string id;  // what `restore --version` takes; "live" for the live one
  FileVersion version;
  int64_t kept_ms = 0;
  std::string why;
  std::string author_name;  // replica that wrote it, or its prefix in hex
};

enum class Keep : uint8_t { kWinner, kLoser, kBoth };

// One thing that a decision about a conflict does in the folder.
struct DecisionEffect {
  enum class Kind : uint8_t { kStays, kReplaced, kKeptVersion, kNewFile, kRemoved };
  Kind kind = Kind::kStays;
  RelPath path;
};
const char* DecisionEffectName(DecisionEffect::Kind kind);  // "stays", "kept-version", …

struct DecisionPreview {
  RelPath path;    // of the conflict; root: there is none of that id
  Status problem;  // why it cannot be; then there are no effects
  std::vector<DecisionEffect> effects;
};

}  // namespace atozsync
