#include "sync/index/sqlite_index.h"

#include "sync/index/batch_check.h"
#include "sync/index/sqlite_schema.h"

namespace atozsync {

SqliteIndex::SqliteIndex(std::unique_ptr<Database> db, bool created)
    : db_(std::move(db)),
      created_(created),
      counters_(*db_),
      directories_(*db_),
      entries_(*db_, directories_, counters_),
      needs_(*db_, counters_),
      conflicts_(*db_, counters_),
      kept_(*db_),
      notes_(*db_, counters_),
      chunks_(*db_, counters_) {}

Result<std::unique_ptr<SqliteIndex>> SqliteIndex::Open(const std::string& file,
                                                       uint64_t new_index_id,
                                                       const DatabaseOptions& options) {
  CHECK(new_index_id != 0);
  bool crashed = WasLeftOpen(file);
  ASSIGN_OR_RETURN(std::unique_ptr<Database> db, Database::Open(file, options));
  ASSIGN_OR_RETURN(bool created, PrepareSchema(*db, new_index_id));
  TRY(Probe(*db, crashed));
  // A process that was killed may have left a commit that is whole but was never synced. Before
  // anybody is told of it, it must be as lasting as all others.
  if (crashed) db->EmptyLog();
  std::unique_ptr<SqliteIndex> index(new SqliteIndex(std::move(db), created));
  index->counters_.Load();
  TRY(index->Begin());
  index->chunks_.Sweep();
  index->chunks_.RemoveSome();
  TRY(index->End());
  return index;
}

// Between two commits a reading transaction stays open: entered and left for each read, it would
// cost a short one as much as the read itself. No other process writes, so nothing is missed.
Status SqliteIndex::Begin() {
  if (reading_) db_->Use("COMMIT").Run();
  reading_ = false;
  db_->Use("BEGIN IMMEDIATE").Run();
  return db_->health();
}

Status SqliteIndex::End() {
  entries_.Finish();
  counters_.Save();
  db_->Use("COMMIT").Run();
  if (db_->ok()) {
    counters_.Keep();
    db_->Use("BEGIN").Run();
    reading_ = true;
  } else {
    db_->Rollback();
    counters_.Undo();
    entries_.Undo();
  }
  return db_->health();
}

Status SqliteIndex::Commit(IndexBatch& batch) {
  TRY(refused_);
  TRY(db_->health());
  refused_ = CheckBatch(batch);
  TRY(refused_);
  if (batch.empty()) return Status::Ok();
  TRY(Begin());
  Apply(batch);
  return End();
}

void SqliteIndex::Apply(IndexBatch& batch) {
  std::vector<ContentHash> displaced;
  for (IndexRow& row : batch.rows) entries_.Put(row, displaced);
  for (const IndexRow& row : batch.local_only_rows) entries_.PutLocalOnly(row);
  for (const RelPath& path : batch.erased_rows) entries_.Erase(path, displaced);
  for (const ConflictRecord& record : batch.conflicts) conflicts_.Put(record);
  for (Need& need : batch.needs) needs_.Put(need);
  for (const auto& [path, peer] : batch.erased_needs) needs_.Erase(path, peer);
  for (const KeptVersion& kept : batch.kept) kept_.Put(kept, displaced);
  for (const std::string& id : batch.erased_kept) kept_.Erase(id, displaced);
  for (Intent& intent : batch.intents) notes_.PutIntent(intent);
  notes_.EraseIntents(batch.erased_intents);
  for (const auto& [id, position] : batch.peers) notes_.PutPeer(id, position);
  for (const auto& [key, value] : batch.meta) notes_.PutMeta(key, value);
  for (const GateNote& note : batch.gate_notes) notes_.PutGate(note);
  for (const auto& [file_hash, chunks] : batch.chunk_lists) chunks_.Put(file_hash, chunks);
  chunks_.DropUnowned(displaced);
  chunks_.RemoveSome();
}

TreeDigest SqliteIndex::Digest(const RelPath& dir) {
  int64_t id = directories_.Find(dir);
  return id == 0 ? TreeDigest{} : directories_.Digest(id);
}

FoundPaths SqliteIndex::FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) {
  const FoldedText wanted(text);
  FoundPaths found = after.live_done ? kept_.FindPaths(after, wanted, rows_max)
                                     : entries_.FindPaths(after, wanted, rows_max);
  for (FoundPath& path : found.paths) path.versions = kept_.CountOf(path.path);
  if (!after.live_done) return found;
  // What is live was found before.
  std::erase_if(found.paths, [&](FoundPath& path) {
    std::optional<IndexRow> row = entries_.Get(path.path);
    if (row && row->version.kind == VersionKind::kFile) return true;
    const std::vector<KeptVersion> kept = kept_.Of(path.path);
    if (kept.empty()) return true;
    path.size = kept.front().version.size;
    path.mtime_ns = kept.front().version.mtime_ns;
    return false;
  });
  return found;
}

std::optional<ChunkPlace> SqliteIndex::FindChunk(const ContentHash& chunk_hash) {
  for (const ChunksTable::Spot& spot : chunks_.Find(chunk_hash)) {
    std::vector<RelPath> live = entries_.FindContent(spot.file_hash, 1);
    if (!live.empty()) return ChunkPlace{live[0], spot.offset, spot.size};
    std::optional<RelPath> kept = kept_.PlaceOf(spot.file_hash);
    if (kept) return ChunkPlace{*kept, spot.offset, spot.size};
  }
  return std::nullopt;
}

}  // namespace atozsync
