// Changes of MemIndex, in the order in which IndexBatch lists them.
#include <algorithm>
#include <utility>

#include "sync/index/batch_check.h"
#include "sync/index/mem_index.h"

namespace atozsync {

void MemIndex::FailNextCommit(Status error) {
  CHECK(!error.ok());
  next_error_ = std::move(error);
}

Status MemIndex::Commit(IndexBatch& batch) {
  if (!error_.ok()) return error_;
  error_ = std::exchange(next_error_, Status::Ok());
  if (error_.ok()) error_ = CheckBatch(batch);
  if (error_.ok() && commit_hook_) error_ = commit_hook_(CommitStage::kBefore, batch);
  if (!error_.ok()) return error_;

  std::vector<ContentHash> displaced;
  ApplyRows(batch, displaced);
  ApplyLists(batch, displaced);
  for (const auto& [file_hash, chunks] : batch.chunk_lists) PutChunkList(file_hash, chunks);
  for (const ContentHash& hash : displaced) {
    if (!PlaceOf(hash)) DropChunkList(hash);
  }
  if (commit_hook_) error_ = commit_hook_(CommitStage::kAfter, batch);
  return error_;
}

void MemIndex::ApplyRows(IndexBatch& batch, std::vector<ContentHash>& displaced) {
  for (IndexRow& row : batch.rows) PutRow(row, displaced);
  for (const IndexRow& row : batch.local_only_rows) {
    auto found = state_.entries.find(row.path.str());
    if (found == state_.entries.end()) continue;
    found->second.row.stamp = row.stamp;
    found->second.row.reason = row.reason;
    found->second.row.unversioned = row.unversioned;
  }
  for (const RelPath& path : batch.erased_rows) RemoveRow(path, displaced);
}

void MemIndex::ApplyLists(IndexBatch& batch, std::vector<ContentHash>& displaced) {
  for (const ConflictRecord& record : batch.conflicts) {
    state_.conflicts[record.id] = ConflictRow{record, ++state_.sequence};
  }
  for (Need& need : batch.needs) {
    need.arrival = ++state_.arrival;
    state_.needs[need.path.str()][need.peer] = need;
  }
  for (const auto& [path, peer] : batch.erased_needs) {
    auto found = state_.needs.find(path.str());
    if (found == state_.needs.end()) continue;
    found->second.erase(peer);
    if (found->second.empty()) state_.needs.erase(found);
  }
  for (const KeptVersion& kept : batch.kept) PutKept(kept, displaced);
  for (const std::string& id : batch.erased_kept) RemoveKept(id, displaced);
  for (Intent& intent : batch.intents) {
    if (intent.id == 0) intent.id = state_.intent_id + 1;
    state_.intent_id = std::max(state_.intent_id, intent.id);
    state_.intents[intent.id] = intent;
  }
  for (uint64_t id : batch.erased_intents) state_.intents.erase(id);
  for (const auto& [id, position] : batch.peers) state_.peers[id] = position;
  for (const auto& [key, value] : batch.meta) state_.meta[key] = value;
  for (const GateNote& note : batch.gate_notes) {
    state_.gate.erase(note.path);
    if (note.says_something()) state_.gate[note.path] = note;
  }
}

void MemIndex::PutRow(IndexRow& row, std::vector<ContentHash>& displaced) {
  RemoveRow(row.path, displaced);
  row.sequence = ++state_.sequence;
  Entry& entry = state_.entries[row.path.str()];
  entry.row = row;
  if (row.version.exists()) entry.term = RowDigest(row.path, row.version);
  state_.by_sequence[row.sequence] = row.path.str();
  if (row.version.kind == VersionKind::kFile) {
    state_.by_content.emplace(row.version.hash, row.path.str());
  }
}

void MemIndex::RemoveRow(const RelPath& path, std::vector<ContentHash>& displaced) {
  auto found = state_.entries.find(path.str());
  if (found == state_.entries.end()) return;
  const IndexRow& row = found->second.row;
  state_.by_sequence.erase(row.sequence);
  if (row.version.kind == VersionKind::kFile) {
    state_.by_content.erase({row.version.hash, path.str()});
    displaced.push_back(row.version.hash);
  }
  state_.entries.erase(found);
}

void MemIndex::PutKept(const KeptVersion& kept, std::vector<ContentHash>& displaced) {
  RemoveKept(kept.id, displaced);
  state_.kept[kept.id] = kept;
}

void MemIndex::RemoveKept(const std::string& id, std::vector<ContentHash>& displaced) {
  auto found = state_.kept.find(id);
  if (found == state_.kept.end()) return;
  const FileVersion& version = found->second.version;
  if (version.kind == VersionKind::kFile) displaced.push_back(version.hash);
  state_.kept.erase(found);
}

void MemIndex::PutChunkList(const ContentHash& file_hash, const std::vector<ChunkRef>& chunks) {
  DropChunkList(file_hash);
  if (chunks.empty()) return;
  state_.chunk_lists[file_hash] = chunks;
  uint64_t offset = 0;
  for (const ChunkRef& chunk : chunks) {
    state_.chunk_spots[chunk.hash].insert({file_hash, offset, chunk.size});
    offset += chunk.size;
  }
}

void MemIndex::DropChunkList(const ContentHash& file_hash) {
  auto found = state_.chunk_lists.find(file_hash);
  if (found == state_.chunk_lists.end()) return;
  uint64_t offset = 0;
  for (const ChunkRef& chunk : found->second) {
    auto spots = state_.chunk_spots.find(chunk.hash);
    spots->second.erase({file_hash, offset, chunk.size});
    if (spots->second.empty()) state_.chunk_spots.erase(spots);
    offset += chunk.size;
  }
  state_.chunk_lists.erase(found);
}

}  // namespace atozsync
