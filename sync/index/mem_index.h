// MemIndex: an Index in memory for the simulator and for tests. Same answers as SqliteIndex.
//
// It is not a cache and not a data structure for millions of rows: Digest() and totals are counted
// afresh, so that the contract suite compares two ways of counting. Deterministic: ordered maps
// only. One thread. "Durable" is what a Clone() holds: a simulated machine keeps a clone over a
// crash, and an older clone models an index that was rolled back.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "sync/engine/index.h"

namespace atozsync {

class MemIndex final : public Index {
 public:
  // REQUIRES: index_id != 0.
  explicit MemIndex(uint64_t index_id);

  // The same content under the same index id, without the errors that this one met.
  std::unique_ptr<MemIndex> Clone() const;
  // The next Commit() changes nothing and returns `error`; so does every one after it.
  // REQUIRES: !error.ok().
  void FailNextCommit(Status error);
  // As when the file is opened anew: errors met or waiting are forgotten.
  void ClearErrors() { next_error_ = error_ = Status::Ok(); }
  // Called in every Commit(): before it changes anything, sequences not yet set, and after it took
  // effect. An error before is that of a commit that changed nothing, one after it that of a commit
  // whose answer was lost. Both stick. Not cloned.
  enum class CommitStage : uint8_t { kBefore, kAfter };
  using CommitHook = std::function<Status(CommitStage, const IndexBatch&)>;
  void SetCommitHook(CommitHook hook) { commit_hook_ = std::move(hook); }

  Status Commit(IndexBatch& batch) override;

  uint64_t index_id() const override { return state_.index_id; }
  Sequence last_sequence() const override { return state_.sequence; }
  IndexTotals totals() const override;
  std::optional<std::string> Meta(const std::string& key) override;

  std::optional<IndexRow> Get(const RelPath& path) override;
  std::vector<IndexRow> Children(const RelPath& dir) override;
  void KnownIn(const RelPath& dir, const VisitKnown& visit) override;
  bool HasLiveChildren(const RelPath& dir) override;
  std::vector<RelPath> CaseTwins(const RelPath& path) override;
  std::vector<IndexRow> RowsAfter(Sequence after, size_t limit) override;
  std::vector<ConflictRow> ConflictsAfter(Sequence after, size_t limit) override;
  std::vector<IndexRow> Tombstones(const RelPath& after, size_t limit) override;
  std::vector<IndexRow> Unversioned(const RelPath& after, size_t limit) override;
  std::vector<RelPath> FindContent(const ContentHash& hash, size_t limit) override;
  std::vector<KeptVersion> FindKeptContent(const ContentHash& hash, size_t limit) override;
  TreeDigest Digest(const RelPath& dir) override;

  std::vector<ChunkRef> ChunkList(const ContentHash& file_hash) override;
  std::optional<ChunkPlace> FindChunk(const ContentHash& chunk_hash) override;

  std::vector<Need> Needs(uint64_t after_arrival, size_t limit) override;
  std::vector<Need> NeedsOf(const RelPath& path) override;
  NeedTotals need_totals() override;
  NeedTotals NeedTotalsOf(const ReplicaId& peer) override;
  bool HasNeedsBelow(const RelPath& dir) override;
  std::vector<Need> NeedsBelow(const RelPath& dir, size_t limit) override;

  std::optional<ConflictRecord> Conflict(const ContentHash& id) override;
  std::vector<ConflictRecord> Conflicts() override;
  uint64_t open_conflicts() override;
  ConflictPage FindConflicts(const ConflictFilter& filter) override;
  FoundPaths FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) override;

  std::vector<KeptVersion> KeptOf(const RelPath& path) override;
  std::vector<KeptVersion> KeptBefore(int64_t before_ms, size_t limit) override;
  std::vector<KeptVersion> NewestKept(size_t limit) override;

  GateNote Gate(const RelPath& path) override;

  std::vector<Intent> Intents() override;
  PeerPosition Peer(const ReplicaId& id) override;

 private:
  struct Entry {
    IndexRow row;
    ContentHash term;  // RowDigest, where live
  };
  struct ChunkSpot {
    ContentHash file_hash;
    uint64_t offset = 0;
    uint32_t size = 0;
    auto operator<=>(const ChunkSpot&) const = default;
  };
  // By path bytes, not by RelPath: ranges need keys such as "dir/" that are not paths.
  using Entries = std::map<std::string, Entry, std::less<>>;
  struct State {
    uint64_t index_id = 0;
    Sequence sequence = 0;
    uint64_t arrival = 0;
    uint64_t intent_id = 0;
    Entries entries;
    std::map<Sequence, std::string> by_sequence;
    std::set<std::pair<ContentHash, std::string>> by_content;  // live files
    std::map<std::string, std::map<ReplicaId, Need>, std::less<>> needs;
    std::map<ContentHash, ConflictRow> conflicts;
    std::map<std::string, KeptVersion> kept;
    std::map<uint64_t, Intent> intents;
    std::map<ReplicaId, PeerPosition> peers;
    std::map<std::string, std::string> meta;
    std::map<RelPath, GateNote> gate;
    std::map<ContentHash, std::vector<ChunkRef>> chunk_lists;
    std::map<ContentHash, std::set<ChunkSpot>> chunk_spots;
  };

  // Every entry strictly below `dir`: [begin, end).
  std::pair<Entries::const_iterator, Entries::const_iterator> Below(const RelPath& dir) const;
  // Calls visit(entry) for each entry directly in `dir` until it returns false.
  template <typename Visit>
  void VisitChildren(const RelPath& dir, Visit visit) const;
  template <typename Wanted>
  std::vector<IndexRow> RowsFrom(const RelPath& after, size_t limit, Wanted wanted) const;

  void ApplyRows(IndexBatch& batch, std::vector<ContentHash>& displaced);
  void ApplyLists(IndexBatch& batch, std::vector<ContentHash>& displaced);
  void PutRow(IndexRow& row, std::vector<ContentHash>& displaced);
  void RemoveRow(const RelPath& path, std::vector<ContentHash>& displaced);
  void PutKept(const KeptVersion& kept, std::vector<ContentHash>& displaced);
  void RemoveKept(const std::string& id, std::vector<ContentHash>& displaced);
  void PutChunkList(const ContentHash& file_hash, const std::vector<ChunkRef>& chunks);
  void DropChunkList(const ContentHash& file_hash);
  // Where content with this hash stands: live first, then kept.
  std::optional<RelPath> PlaceOf(const ContentHash& file_hash) const;

  State state_;
  CommitHook commit_hook_;
  Status next_error_;
  Status error_;  // sticky
};

}  // namespace atozsync
