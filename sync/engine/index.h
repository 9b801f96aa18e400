// Index: what this replica knows, durably. Part of the seam: SqliteIndex (sync/index) is the real
// one, MemIndex (sync/index) serves the simulator; one contract suite runs on both.
//
// Called on the loop thread only. Reads see the last Commit(). Commit() is atomic and durable when
// it returns OK: it is the only call that waits for the disk, so callers batch. An error of
// Commit() is sticky: the engine stops and says so. Every list is ordered by path bytes unless
// stated.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/file_system.h"
#include "sync/base/ids.h"
#include "sync/base/rel_path.h"
#include "sync/base/status.h"
#include "sync/model/conflict.h"
#include "sync/model/file_version.h"

namespace atozsync {

// How the file looked when its content was known, as in git's index. A stamp with inode 0 is not to
// be trusted (racy: the file was changed in the same tick as it was read): look again by hashing.
struct FileStamp {
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  uint64_t inode = 0;
  static FileStamp Of(const FileStat& stat) {
    return {stat.size, stat.mtime_ns, stat.ctime_ns, stat.inode};
  }
  bool trusted() const { return inode != 0; }
  bool operator==(const FileStamp&) const = default;
};

struct IndexRow {
  RelPath path;
  FileVersion version;
  FileStamp stamp;        // files only
  Sequence sequence = 0;  // set by Commit()
  // Found in a folder that joined, or whose index was lost: the content is real, its history is
  // unknown; the vector is empty.
  bool unversioned = false;
  std::string reason;  // why it last changed, for `explain`: label and words
  bool operator==(const IndexRow&) const = default;
};

// As much of a row as a scan compares with what stands in the folder.
struct KnownEntry {
  std::string_view name;  // last component; valid during the visit only
  VersionKind kind = VersionKind::kTombstone;
  FileStamp stamp;
};

// A version that a peer announced, that we want and do not have yet.
struct Need {
  RelPath path;
  ReplicaId peer;
  FileVersion version;
  uint64_t arrival = 0;  // order in which needs arrived; set by Commit()
  bool operator==(const Need&) const = default;
};

struct ChunkRef {
  ContentHash hash;
  uint32_t size = 0;  // bytes
  bool operator==(const ChunkRef&) const = default;
};

// Where a chunk's bytes can be read: verify after reading, the file may have changed.
struct ChunkPlace {
  RelPath path;
  uint64_t offset = 0;
  uint32_t size = 0;
};

// A replaced, deleted or losing content that is kept below .atozsync/.
struct KeptVersion {
  std::string id;   // unique; chosen by the engine
  RelPath path;     // where it stood
  RelPath kept_at;  // where it is now (below .atozsync/)
  FileVersion version;
  FileStamp stamp;      // of the kept file, to see late writes
  int64_t kept_ms = 0;  // wall time
  std::string why;      // "replaced", "deleted", "conflict"
  bool operator==(const KeptVersion&) const = default;
};

// Written before a swap into place, erased in the commit that records the result.
struct Intent {
  uint64_t id = 0;  // set by Commit() for new ones
  RelPath path;
  RelPath staged;  // root = nothing staged (a deletion)
  FileStamp staged_stamp;
  FileStamp old_stamp;  // what is expected to stand at `path`; untrusted and zero = nothing
  RelPath kept_at;      // where the old content goes; root = nothing to keep
  IndexRow row;         // to be committed when the swap has happened
  bool operator==(const Intent&) const = default;
};

// What we know about one peer's stream and what it knows about ours.
struct PeerPosition {
  uint64_t index_id = 0;      // of the peer's index
  Sequence received = 0;      // we have processed its rows up to here
  Sequence acknowledged = 0;  // it has processed ours up to here
  int64_t last_seen_ms = 0;   // wall time
  bool operator==(const PeerPosition&) const = default;
};

struct ConflictRow {
  ConflictRecord record;
  Sequence sequence = 0;  // same stream as the rows; set by Commit()
  bool operator==(const ConflictRow&) const = default;
};

// Which conflicts, and in which order.
struct ConflictFilter {
  enum class Sort : uint8_t { kDetected, kPath, kKind };  // equal ones by id
  std::optional<bool> open;                               // nothing: decided ones too
  std::optional<ConflictKind> kind;
  // Prefixes of replicas: one of the two versions is by one of them. Empty: whoever made them.
  std::vector<uint32_t> replicas;
  std::string text;  // the path contains it; letter case of a to z does not count
  int64_t from_ms = std::numeric_limits<int64_t>::min();   // detected then or later …
  int64_t until_ms = std::numeric_limits<int64_t>::max();  // … and not later than this
  Sort sort = Sort::kDetected;
  bool descending = false;
  uint64_t offset = 0;
  size_t limit = 50;
};

struct ConflictPage {
  uint64_t total = 0;  // that fit, on all pages
  std::vector<ConflictRecord> records;
};

// A file that is live, or of which kept versions are left.
struct FoundPath {
  RelPath path;
  bool live = false;
  uint64_t size = 0;      // of the live one, or of the newest that is kept
  int64_t mtime_ns = 0;   // the same
  uint64_t versions = 0;  // that are kept
  bool operator==(const FoundPath&) const = default;
};

// How far a search has come. What is in it concerns the index alone; default: the beginning.
struct PathCursor {
  bool live_done = false;
  int64_t directory = 0;
  std::string name;
};

struct FoundPaths {
  std::vector<FoundPath> paths;
  PathCursor next;
  bool end = false;  // nothing is left after these
};

struct IndexTotals {
  uint64_t files = 0;
  uint64_t directories = 0;  // live ones, without the root
  uint64_t bytes = 0;
  uint64_t tombstones = 0;
  bool operator==(const IndexTotals&) const = default;
};

struct NeedTotals {
  uint64_t paths = 0;  // distinct paths
  uint64_t bytes = 0;  // sum of sizes over distinct paths (largest wanted version)
};

// Sum (mod 2^128) of a hash of each live row's path, kind, size, mtime, content and vector: equal
// trees have equal digests, whatever the order of changes. `all` covers everything below a
// directory, itself not included.
struct TreeDigest {
  ContentHash all;
  uint64_t entries = 0;  // live rows below
  bool operator==(const TreeDigest&) const = default;
};
// The term that one live row contributes. Both implementations use this.
ContentHash RowDigest(const RelPath& path, const FileVersion& version);

// What the gate remembers of a path over a restart (sync/engine/gate.h).
struct GateNote {
  RelPath path;
  // A row of the database named the file while it stood here: if it goes, the row was deleted.
  bool row_seen = false;
  int64_t held_ms = 0;  // Core::KeptMs() at which it began to wait for its row; 0 = it does not
  bool says_something() const { return row_seen || held_ms != 0; }
  bool operator==(const GateNote&) const = default;
};

// Changes that become visible and durable together. Each put row gets the next sequence, in order:
// rows first, then conflicts.
struct IndexBatch {
  std::vector<IndexRow> rows;  // insert or replace
  std::vector<IndexRow>
      local_only_rows;               // replace stamp, reason, unversioned flag: no new sequence
  std::vector<RelPath> erased_rows;  // tombstones that everyone has forgotten
  std::vector<ConflictRecord> conflicts;  // insert or replace
  std::vector<Need> needs;                // insert or replace by (path, peer)
  std::vector<std::pair<RelPath, ReplicaId>> erased_needs;
  std::vector<KeptVersion> kept;  // insert or replace by id
  std::vector<std::string> erased_kept;
  std::vector<Intent> intents;  // insert; ids are written back into the batch
  std::vector<uint64_t> erased_intents;
  std::map<ReplicaId, PeerPosition> peers;  // insert or replace
  std::map<std::string, std::string> meta;  // insert or replace
  std::vector<GateNote> gate_notes;         // insert or replace; one that says nothing is erased
  std::vector<std::pair<ContentHash, std::vector<ChunkRef>>> chunk_lists;  // by file hash
  bool empty() const;
};

class Index {
 public:
  virtual ~Index() = default;

  // Also fills in sequences and ids inside `batch`.
  virtual Status Commit(IndexBatch& batch) = 0;

  // Random number of this index, made with it; never 0.
  virtual uint64_t index_id() const = 0;
  virtual Sequence last_sequence() const = 0;
  virtual IndexTotals totals() const = 0;
  virtual std::optional<std::string> Meta(const std::string& key) = 0;

  virtual std::optional<IndexRow> Get(const RelPath& path) = 0;
  // Rows (tombstones too) directly in `dir`, ordered by name.
  virtual std::vector<IndexRow> Children(const RelPath& dir) = 0;
  // The same rows in the same order, without what costs time to read. `visit` must not call the
  // index.
  using VisitKnown = std::function<void(const KnownEntry&)>;
  virtual void KnownIn(const RelPath& dir, const VisitKnown& visit) = 0;
  virtual bool HasLiveChildren(const RelPath& dir) = 0;
  // Live siblings of `path` whose name equals path.name() but for ASCII letter case, without it:
  // the first kCaseTwinsMax. A name of n letters can have 2^n of them.
  static constexpr size_t kCaseTwinsMax = 8;
  virtual std::vector<RelPath> CaseTwins(const RelPath& path) = 0;
  // Rows and conflicts with sequence > after, ordered by sequence.
  virtual std::vector<IndexRow> RowsAfter(Sequence after, size_t limit) = 0;
  virtual std::vector<ConflictRow> ConflictsAfter(Sequence after, size_t limit) = 0;
  // Tombstones ordered by path, starting after `after` (root = from the beginning).
  virtual std::vector<IndexRow> Tombstones(const RelPath& after, size_t limit) = 0;
  // Unversioned rows, ordered by path.
  virtual std::vector<IndexRow> Unversioned(const RelPath& after, size_t limit) = 0;
  // Live files with this content.
  virtual std::vector<RelPath> FindContent(const ContentHash& hash, size_t limit) = 0;
  // Kept versions with this content.
  virtual std::vector<KeptVersion> FindKeptContent(const ContentHash& hash, size_t limit) = 0;
  virtual TreeDigest Digest(const RelPath& dir) = 0;

  virtual std::vector<ChunkRef> ChunkList(const ContentHash& file_hash) = 0;  // empty = unknown
  virtual std::optional<ChunkPlace> FindChunk(const ContentHash& chunk_hash) = 0;

  // Ordered by arrival; starting after `after_arrival`.
  virtual std::vector<Need> Needs(uint64_t after_arrival, size_t limit) = 0;
  virtual std::vector<Need> NeedsOf(const RelPath& path) = 0;
  virtual NeedTotals need_totals() = 0;
  virtual NeedTotals NeedTotalsOf(const ReplicaId& peer) = 0;
  // Is there a need strictly below `dir`?
  virtual bool HasNeedsBelow(const RelPath& dir) = 0;
  // Needs strictly below `dir`, ordered by path and peer.
  virtual std::vector<Need> NeedsBelow(const RelPath& dir, size_t limit) = 0;

  virtual std::optional<ConflictRecord> Conflict(const ContentHash& id) = 0;
  virtual std::vector<ConflictRecord> Conflicts() = 0;  // ordered by id
  virtual uint64_t open_conflicts() = 0;
  // Looks at each conflict once, and builds those of the page alone.
  virtual ConflictPage FindConflicts(const ConflictFilter& filter) = 0;

  // Files whose path contains `text` (letter case of a to z does not count), live ones first: those
  // among the next `rows_max` that are looked at. In an order that stays the same as long as
  // nothing changes.
  virtual FoundPaths FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) = 0;

  // Newest first.
  virtual std::vector<KeptVersion> KeptOf(const RelPath& path) = 0;
  // Kept before `before_ms`, oldest first.
  virtual std::vector<KeptVersion> KeptBefore(int64_t before_ms, size_t limit) = 0;
  // Of all paths, newest first.
  virtual std::vector<KeptVersion> NewestKept(size_t limit) = 0;

  virtual GateNote Gate(const RelPath& path) = 0;  // one that says nothing when there is none

  virtual std::vector<Intent> Intents() = 0;           // ordered by id
  virtual PeerPosition Peer(const ReplicaId& id) = 0;  // zeros when unknown
};

}  // namespace atozsync
