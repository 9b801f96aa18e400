// SqliteIndex: the Index in a file (docs/index.md). Write-ahead log, one sync per commit, one
// process at a time. One thread.
//
// Errors stick: after a commit or a read that failed, every commit returns the same error and reads
// give nothing; health() says so. kCorrupt: set the file aside, open a new one, and rebuild from
// the folder and the peers.
#pragma once

#include <memory>

#include "sync/index/sqlite_chunks.h"
#include "sync/index/sqlite_conflicts.h"
#include "sync/index/sqlite_counters.h"
#include "sync/index/sqlite_directories.h"
#include "sync/index/sqlite_entries.h"
#include "sync/index/sqlite_kept.h"
#include "sync/index/sqlite_needs.h"
#include "sync/index/sqlite_notes.h"

namespace atozsync {

class SqliteIndex final : public Index {
 public:
  // Opens `file`, or makes it; an empty file counts as none. `new_index_id` is used for a new one
  // only. kCorrupt: not an index, or a damaged one. kUnsupported: written by a newer version.
  // kBusy: another process has it open. REQUIRES: new_index_id != 0.
  static Result<std::unique_ptr<SqliteIndex>> Open(const std::string& file, uint64_t new_index_id,
                                                   const DatabaseOptions& options = {});

  // Open() made it: nothing is known yet.
  bool created() const { return created_; }
  // OK, or the first error that any call met.
  Status health() const { return db_->health(); }

  Status Commit(IndexBatch& batch) override;

  uint64_t index_id() const override { return counters_.now.index_id; }
  Sequence last_sequence() const override { return counters_.now.sequence; }
  IndexTotals totals() const override { return counters_.now.totals; }
  std::optional<std::string> Meta(const std::string& key) override { return notes_.Meta(key); }

  std::optional<IndexRow> Get(const RelPath& path) override { return entries_.Get(path); }
  std::vector<IndexRow> Children(const RelPath& dir) override { return entries_.Children(dir); }
  void KnownIn(const RelPath& dir, const VisitKnown& visit) override {
    entries_.KnownIn(dir, visit);
  }
  bool HasLiveChildren(const RelPath& dir) override { return entries_.HasLiveChildren(dir); }
  std::vector<RelPath> CaseTwins(const RelPath& path) override { return entries_.CaseTwins(path); }
  std::vector<IndexRow> RowsAfter(Sequence after, size_t limit) override {
    return entries_.After(after, limit);
  }
  std::vector<ConflictRow> ConflictsAfter(Sequence after, size_t limit) override {
    return conflicts_.After(after, limit);
  }
  std::vector<IndexRow> Tombstones(const RelPath& after, size_t limit) override {
    return entries_.Tombstones(after, limit);
  }
  std::vector<IndexRow> Unversioned(const RelPath& after, size_t limit) override {
    return entries_.Unversioned(after, limit);
  }
  // Of more than Entries::kCopiesMax copies: some, in order.
  std::vector<RelPath> FindContent(const ContentHash& hash, size_t limit) override {
    return entries_.FindContent(hash, limit);
  }
  std::vector<KeptVersion> FindKeptContent(const ContentHash& hash, size_t limit) override {
    return kept_.FindContent(hash, limit);
  }
  TreeDigest Digest(const RelPath& dir) override;

  std::vector<ChunkRef> ChunkList(const ContentHash& file_hash) override {
    return chunks_.List(file_hash);
  }
  std::optional<ChunkPlace> FindChunk(const ContentHash& chunk_hash) override;

  std::vector<Need> Needs(uint64_t after_arrival, size_t limit) override {
    return needs_.After(after_arrival, limit);
  }
  std::vector<Need> NeedsOf(const RelPath& path) override { return needs_.Of(path); }
  NeedTotals need_totals() override { return counters_.now.needs; }
  NeedTotals NeedTotalsOf(const ReplicaId& peer) override { return needs_.TotalsOf(peer); }
  bool HasNeedsBelow(const RelPath& dir) override { return needs_.AnyBelow(dir); }
  std::vector<Need> NeedsBelow(const RelPath& dir, size_t limit) override {
    return needs_.Below(dir, limit);
  }

  std::optional<ConflictRecord> Conflict(const ContentHash& id) override {
    return conflicts_.Get(id);
  }
  std::vector<ConflictRecord> Conflicts() override { return conflicts_.All(); }
  uint64_t open_conflicts() override { return counters_.now.open_conflicts; }
  ConflictPage FindConflicts(const ConflictFilter& filter) override {
    return conflicts_.Find(filter);
  }
  FoundPaths FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) override;

  std::vector<KeptVersion> KeptOf(const RelPath& path) override { return kept_.Of(path); }
  std::vector<KeptVersion> KeptBefore(int64_t before_ms, size_t limit) override {
    return kept_.Before(before_ms, limit);
  }
  std::vector<KeptVersion> NewestKept(size_t limit) override { return kept_.Newest(limit); }

  GateNote Gate(const RelPath& path) override { return notes_.Gate(path); }

  std::vector<Intent> Intents() override { return notes_.Intents(); }
  PeerPosition Peer(const ReplicaId& id) override { return notes_.Peer(id); }

 private:
  SqliteIndex(std::unique_ptr<Database> db, bool created);
  Status Begin();
  // Commits what was done since Begin(), or undoes it.
  Status End();
  void Apply(IndexBatch& batch);

  std::unique_ptr<Database> db_;
  bool created_;
  bool reading_ = false;  // a reading transaction is open
  Status refused_;        // a batch that no index accepts
  Counters counters_;
  Directories directories_;
  Entries entries_;
  NeedsTable needs_;
  ConflictsTable conflicts_;
  KeptTable kept_;
  NotesTable notes_;
  ChunksTable chunks_;
};

}  // namespace atozsync
