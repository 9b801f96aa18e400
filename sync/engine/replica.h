// Replica: the whole engine of one replica between the interfaces of the seam. Knows no socket, no
// disk, no clock, no SQLite: everything comes in by constructor, so that a cluster of these runs in
// one process from one seed (tests/sim).
//
// Single-threaded: all calls and callbacks on the loop thread. Asynchronous calls complete through
// their `done`, once, never inside the call. Destroying a Replica is a crash as far as the folder
// is concerned: whatever was under way is finished or undone by the next one's Start().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/messages.h"
#include "protocol/session.h"
#include "sync/base/clock.h"
#include "sync/base/executor.h"
#include "sync/base/file_system.h"
#include "sync/base/hint.h"
#include "sync/base/random.h"
#include "sync/base/row_source.h"
#include "sync/base/transport.h"
#include "sync/base/unique_function.h"
#include "sync/engine/index.h"
#include "sync/engine/reports.h"

namespace atozsync {

struct PeerConfig {
  ReplicaId id;
  std::string name;
  std::vector<std::string> addresses;  // "HOST:PORT"
  bool operator==(const PeerConfig&) const = default;
};

// Who decides about files that differ when a replica joins with a folder of its own (or comes back
// with a lost index, where kNewest is used). Every loser is kept and listed as a conflict.
enum class Authority : uint8_t { kInviter, kMine, kNewest };

// When a link gets further connections for content (sync/engine/content_streams.h).
struct ContentStreamOptions {
  size_t count = 3;                      // 0: none are dialled, none accepted
  int64_t round_trip_min_ms = 10;        // below it one stream fills the line
  uint64_t bulk_bytes_min = 512u << 10;  // asked for, or waiting to be sent
};

// When changes of very many files stay here until a person decides (sync/engine/brake.h).
struct BrakeOptions {
  static constexpr uint32_t kShareWhole = 10'000;
  uint32_t share = 0;        // of all files, in hundredths of a percent; 0: there is no brake
  uint64_t files_min = 100;  // so many may always go
  int64_t window_ms = 3'600'000;
  bool operator==(const BrakeOptions&) const = default;
};

struct ReplicaOptions {
  ReplicaId id;
  std::string name;
  std::string program_version;
  Bytes cluster_secret;                       // 192 bytes: the key of all content hashes
  std::vector<std::string> listen_addresses;  // told to others when they join
  std::vector<std::string> ignore;            // gitignore-like patterns, added to the built-in list
  int64_t rescan_interval_ms = 3'600'000;
  int64_t settle_ms = 1'000;    // a file without a close event is still when unchanged so long
  int64_t racy_window_ms = 50;  // stamps this young are not trusted (coarse clocks: 2000)
  int64_t keep_versions_ms = int64_t{90} * 24 * 3'600'000;
  uint64_t free_bytes_min = 256u << 20;  // receiving stops below this much free space
  int64_t gate_wait_ms = 3'600'000;      // a file whose row does not come appears after so long
  std::map<std::string, int64_t> gate_wait_of_ms;  // … in these folders at the top, by name
  int64_t GateWaitMs(const RelPath& path) const;
  bool letter_folders = false;  // A to Z are made where they are missing: Open Dental wants them
  BrakeOptions brake;
  int64_t rows_round_ms = 600'000;       // all files are asked about, and not oftener than that
  int64_t vanish_wait_ms = 10'000;       // between a file's going and its row's, at most
  int64_t tombstone_gossip_ms = 60'000;  // pause between rounds of forgetting deletions
  // A deletion that everyone has is remembered so long all the same: a machine that is set back to
  // a snapshot of those days would bring its file back.
  int64_t tombstone_keep_ms = int64_t{30} * 24 * 3'600'000;
  uint64_t staging_bytes_in_flight_max = 32u << 20;  // content asked for and not yet staged
  uint64_t upload_limit = 0;                         // in the beginning: SetUploadLimit()
  protocol::SessionLimits session;
  ContentStreamOptions content_streams;
  int64_t reconnect_min_ms = 500;
  int64_t reconnect_max_ms = 60'000;
  uint32_t protocol_version = protocol::kProtocolVersion;  // spoken; tests play a later program
};

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

// Why the program has to destroy the replica and build it (and the hint source) anew.
enum class RestartReason : uint8_t {
  kIndexUnusable,  // lost its way: set index.db aside, make a new one (InitIndex, not a founder)
  kRootReturned,   // the volume is back: watches and handles of the old one are worth nothing
};

// What the engine asks of the program around it. Called on the loop thread; must not destroy the
// replica inside a call.
class ReplicaHost {
 public:
  virtual ~ReplicaHost() = default;
  // Membership as this replica now knows it (all members but itself, removed ones marked): store
  // it. The engine has taken it over already.
  virtual void OnMembers(const std::vector<protocol::MemberInfo>& members) = 0;
  // A replica that is not a member shows an invitation. Checks and uses up the token; an accepting
  // answer holds the cluster's secret and all members. The engine adds the peer itself.
  virtual protocol::JoinReply OnJoinRequest(const ReplicaId& from,
                                            const protocol::JoinRequest& request) = 0;
  // The replica does nothing any more until it is rebuilt.
  virtual void OnRestartNeeded(RestartReason reason, const std::string& why) = 0;
  virtual void Log(LogLevel level, const std::string& text) = 0;
};

class Replica {
 public:
  // All outlive the replica. `transport` is listening already or will be.
  struct Parts {
    const Clock& clock;
    Random& random;
    Executor& executor;
    FileSystem& files;
    Index& index;
    Transport& transport;
    HintSource& hints;
    ReplicaHost& host;
    RowSource* rows = nullptr;  // null: no database; every file is released at once
  };

  Replica(Parts parts, ReplicaOptions options, std::vector<PeerConfig> peers,
          std::vector<protocol::MemberInfo> removed_members);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Recovers, watches, scans, connects. An error: nothing was started (corrupt index, no marker).
  Status Start();

  // Prepares `index` of a replica before its first start. Founder: its files become versions at
  // once. Otherwise they wait, unversioned, until they have been compared with a peer.
  static Status InitIndex(Index& index, const ReplicaId& id, uint32_t incarnation, bool founder,
                          Authority authority);
  // `.atozsync/` with its folders and the root marker, in a folder that a person chose as root.
  static Status InitRoot(FileSystem& files, const std::string& marker_text);
  static RelPath MarkerPath();  // .atozsync/root-id

  ReplicaReport Report() const;

  // Is everything before this call everywhere? Reads pending hints first, asks every peer to do the
  // same; true when this replica and all configured peers are connected, idle and equal.
  void CheckSettled(UniqueFunction<void(bool)> done);

  // Bytes per second to all peers together (upload_limit.h); 0: unlimited.
  void SetUploadLimit(uint64_t bytes_per_second);

  void SetPaused(bool paused);
  bool paused() const;

  // The configuration changed.
  void SetPeers(std::vector<PeerConfig> peers);
  // A person takes a member out of the cluster: told to all others.
  Status RemoveMember(const ReplicaId& id);

  using ResyncProgress = std::function<void(const std::string& line)>;
  void Resync(ResyncOptions options, ResyncProgress progress,
              UniqueFunction<void(ResyncReport)> done);

  std::vector<ConflictRecord> Conflicts();
  ConflictPage FindConflicts(const ConflictFilter& filter);
  std::optional<ConflictRecord> Conflict(const ContentHash& id);
  // Where the loser's bytes are kept here; nothing when they are not here (yet).
  std::optional<RelPath> ConflictKeptAt(const ConflictRecord& record);
  void ResolveConflict(const ContentHash& id, Keep keep, UniqueFunction<void(Status)> done);
  // What ResolveConflict() would do.
  DecisionPreview PreviewDecision(const ContentHash& id, Keep keep);
  // Puts back what the decision about a conflict replaced or made, as a new version, and opens the
  // conflict again. Possible while nobody has changed the file since: kInvalid otherwise.
  void UndoDecision(const ContentHash& id, UniqueFunction<void(Status)> done);
  Status CheckUndo(const ConflictRecord& record);
  // Where the bytes of a version of `path` are here; nothing when they are not.
  std::optional<RelPath> ContentPlace(const RelPath& path, const FileVersion& version);

  // Index::FindPaths().
  FoundPaths FindPaths(const PathCursor& after, std::string_view text, size_t rows_max);

  std::vector<HistoryEntry> History(const RelPath& path);
  // Copies a kept version back to its path as a new version.
  void Restore(const RelPath& path, const std::string& version_id,
               UniqueFunction<void(Status)> done);
  // Path below the root of the bytes of a kept or the live version (to copy it elsewhere).
  Result<RelPath> VersionFile(const RelPath& path, const std::string& version_id);

  void Explain(const RelPath& path, UniqueFunction<void(ExplainReport)> done);

  // What waits and why, oldest first, at most `limit`.
  std::vector<HeldFile> Held(size_t limit);
  // A person lets it go on: what waits for its row appears, what is gone from the folder is
  // announced as deleted, files whose rows vanished are taken out, what the brake held is
  // announced, a locked file is tried again now.
  // kNotFound: nothing of it is held.
  Status ReleaseHeld(const RelPath& path);
  // A person takes it back: what is gone from the folder comes back, what was rewritten is as
  // before, files whose rows vanished stay and their rows are taken as never seen. kInvalid: what
  // waits for its row, or is locked, cannot be reverted.
  Status RevertHeld(const RelPath& path);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atozsync
