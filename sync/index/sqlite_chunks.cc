#include "sync/index/sqlite_chunks.h"

namespace atozsync {

void ChunksTable::Put(const ContentHash& file_hash, const std::vector<ChunkRef>& chunks) {
  if (!chunks.empty() && List(file_hash) == chunks) return;
  Drop(file_hash);
  if (chunks.empty()) return;
  int64_t list = 0;
  {
    Statement insert = db_.Use("INSERT INTO chunk_lists (file_hash) VALUES (?) RETURNING id");
    if (!insert.Hash(file_hash).Step()) return;
    list = insert.GetInt(0);
    insert.Run();
  }
  uint64_t offset = 0;
  int64_t number = 0;
  for (const ChunkRef& chunk : chunks) {
    db_.Use("INSERT INTO chunks (list, number, hash, place, size) VALUES (?, ?, ?, ?, ?)")
        .Int(list)
        .Int(number++)
        .Hash(chunk.hash)
        .U64(offset)
        .U64(chunk.size)
        .Run();
    offset += chunk.size;
  }
}

void ChunksTable::Drop(const ContentHash& file_hash) {
  db_.Use("UPDATE chunk_lists SET file_hash = NULL WHERE file_hash = ?").Hash(file_hash).Run();
}

bool ChunksTable::IsOwned(const ContentHash& file_hash) {
  return db_
      .Use(
          "SELECT 1 WHERE EXISTS (SELECT 1 FROM entries WHERE kind = 1 AND hash = ?)"
          " OR EXISTS (SELECT 1 FROM kept WHERE hash = ?)")
      .Hash(file_hash)
      .Hash(file_hash)
      .Step();
}

void ChunksTable::DropUnowned(const std::vector<ContentHash>& displaced) {
  for (const ContentHash& hash : displaced) {
    bool has_list = db_.Use("SELECT 1 FROM chunk_lists WHERE file_hash = ?").Hash(hash).Step();
    if (has_list && !IsOwned(hash)) Drop(hash);
  }
}

void ChunksTable::RemoveSome() {
  int64_t list = 0;
  {
    Statement read = db_.Use(
        "SELECT id FROM chunk_lists INDEXED BY chunk_lists_going"
        " WHERE file_hash IS NULL ORDER BY id LIMIT 1");
    if (!read.Step()) return;
    list = read.GetInt(0);
  }
  db_.Use(
         "DELETE FROM chunks WHERE list = ? AND number IN"
         " (SELECT number FROM chunks WHERE list = ? ORDER BY number LIMIT ?)")
      .Int(list)
      .Int(list)
      .Clamped(kRemovedPerCommitMax)
      .Run();
  db_.Use(
         "DELETE FROM chunk_lists WHERE id = ?"
         " AND NOT EXISTS (SELECT 1 FROM chunks WHERE list = chunk_lists.id)")
      .Int(list)
      .Run();
}

void ChunksTable::Sweep() {
  std::vector<ContentHash> looked_at;
  int64_t last = 0;
  {
    Statement read = db_.Use(
        "SELECT id, file_hash FROM chunk_lists WHERE id > ? AND file_hash IS NOT NULL"
        " ORDER BY id LIMIT ?");
    read.Int(counters_.now.chunk_sweep).Clamped(kSweptPerOpenMax);
    while (read.Step()) {
      last = read.GetInt(0);
      looked_at.push_back(read.GetHash(1));
    }
  }
  DropUnowned(looked_at);
  // Round and round: from the beginning after the end.
  counters_.now.chunk_sweep = looked_at.size() < kSweptPerOpenMax ? 0 : last;
}

std::vector<ChunkRef> ChunksTable::List(const ContentHash& file_hash) {
  Statement read = db_.Use(
      "SELECT chunks.hash, chunks.size FROM chunk_lists JOIN chunks ON chunks.list = chunk_lists.id"
      " WHERE chunk_lists.file_hash = ? ORDER BY chunks.number");
  read.Hash(file_hash);
  std::vector<ChunkRef> chunks;
  while (read.Step()) {
    if (read.GetU64(1) == 0 || read.GetU64(1) > kChunkBytesMax) {
      db_.FailCorrupt("a chunk's size makes no sense");
      return {};
    }
    chunks.push_back({read.GetHash(0), static_cast<uint32_t>(read.GetU64(1))});
  }
  return chunks;
}

std::vector<ChunksTable::Spot> ChunksTable::Find(const ContentHash& chunk_hash) {
  Statement read = db_.Use(
      "SELECT chunk_lists.file_hash, chunks.place, chunks.size"
      " FROM chunks JOIN chunk_lists ON chunk_lists.id = chunks.list"
      " WHERE chunks.hash = ? AND chunk_lists.file_hash IS NOT NULL"
      " ORDER BY chunks.list, chunks.number LIMIT ?");
  read.Hash(chunk_hash).Clamped(kPlacesTriedMax);
  std::vector<Spot> spots;
  while (read.Step()) {
    spots.push_back({read.GetHash(0), read.GetU64(1), static_cast<uint32_t>(read.GetU64(2))});
  }
  return spots;
}

}  // namespace atozsync
