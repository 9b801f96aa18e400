// Random batches on both kinds of index: every query gives the same answer, also after a reopen.
// MemIndex counts totals and digests afresh, SqliteIndex keeps them up to date: two ways.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

uint64_t Below(uint64_t bound) {
  return *rc::gen::inRange<uint64_t>(0, bound);
}

const std::vector<std::string>& Names() {
  static const std::vector<std::string> names = {"a", "A", "b", "b-", "B", "\xFF"};
  return names;
}

// A small world, so that paths, contents and ids meet again and again.
RelPath SomePath() {
  RelPath path;
  for (uint64_t depth = 1 + Below(3); depth > 0; --depth) {
    path = path.Child(Names()[Below(Names().size())]);
  }
  return path;
}

FileVersion SomeVersion() {
  uint64_t counter = 1 + Below(1000);
  switch (Below(4)) {
    case 0: {
      FileVersion version = TombstoneOf(counter);
      if (Below(2) == 0) version.known_by = {3, 4};
      return version;
    }
    case 1: return DirOf(counter);
    default: {
      uint64_t content = 1 + Below(5);
      FileVersion version = FileOf(content, content * 100, counter);
      if (Below(3) == 0) version.chain = {HashOf(Below(5))};
      if (Below(4) == 0) version.vector = {};
      return version;
    }
  }
}

IndexRow SomeRow() {
  IndexRow row;
  row.path = SomePath();
  row.version = SomeVersion();
  row.stamp = {Below(9), 1, 2, Below(3)};
  row.unversioned = Below(4) == 0;
  row.reason = "r" + std::to_string(Below(9));
  return row;
}

KeptVersion SomeKept() {
  std::string id = "k" + std::to_string(Below(6));
  return {id,
          SomePath(),
          RelPath::Trusted(".atozsync/" + id),
          SomeVersion(),
          {1, 2, 3, 4},
          static_cast<int64_t>(Below(5)),
          "deleted"};
}

ConflictRecord SomeConflict() {
  ConflictRecord record;
  record.id = HashOf(Below(5));
  record.path = SomePath();
  record.winner = SomeVersion();
  record.state = static_cast<ConflictState>(Below(5));
  return record;
}

template <typename T, typename Make>
void Fill(std::vector<T>& list, uint64_t bound, Make make) {
  for (uint64_t n = Below(bound); n > 0; --n) list.push_back(make());
}

std::vector<ChunkRef> ChunksOf(uint64_t content) {
  std::vector<ChunkRef> chunks;
  for (uint64_t i = 0; i <= content; ++i) {
    chunks.push_back({HashOf(100 + (content * i) % 7), static_cast<uint32_t>(10 + i)});
  }
  return chunks;
}

IndexBatch SomeBatch() {
  IndexBatch batch;
  Fill(batch.rows, 8, SomeRow);
  Fill(batch.local_only_rows, 3, SomeRow);
  Fill(batch.erased_rows, 4, SomePath);
  Fill(batch.conflicts, 3, SomeConflict);
  Fill(batch.needs, 4, [] {
    return Need{SomePath(), PeerOf(static_cast<uint8_t>(Below(3))), SomeVersion(), 0};
  });
  Fill(batch.erased_needs, 4,
       [] { return std::pair(SomePath(), PeerOf(static_cast<uint8_t>(Below(3)))); });
  Fill(batch.kept, 3, SomeKept);
  Fill(batch.erased_kept, 2, [] { return "k" + std::to_string(Below(6)); });
  Fill(batch.intents, 2, [] {
    Intent intent;
    intent.path = SomePath();
    intent.row = SomeRow();
    return intent;
  });
  Fill(batch.erased_intents, 2, [] { return Below(5); });
  Fill(batch.chunk_lists, 3, [] {
    uint64_t content = 1 + Below(5);
    return std::pair(HashOf(content), ChunksOf(content));
  });
  if (Below(2) == 0) batch.peers[PeerOf(1)] = {Below(5), Below(5), 0, 0};
  if (Below(2) == 0) batch.meta["m" + std::to_string(Below(2))] = std::to_string(Below(9));
  return batch;
}

void CompareBatches(const IndexBatch& a, const IndexBatch& b) {
  RC_ASSERT(a.rows == b.rows);
  RC_ASSERT(a.needs == b.needs);
  RC_ASSERT(a.intents == b.intents);
}

void CompareAt(Index& a, Index& b, const RelPath& path) {
  RC_ASSERT(a.Get(path) == b.Get(path));
  RC_ASSERT(a.Children(path) == b.Children(path));
  RC_ASSERT(a.HasLiveChildren(path) == b.HasLiveChildren(path));
  RC_ASSERT(a.CaseTwins(path) == b.CaseTwins(path));
  RC_ASSERT(a.Digest(path) == b.Digest(path));
  RC_ASSERT(a.NeedsOf(path) == b.NeedsOf(path));
  RC_ASSERT(a.HasNeedsBelow(path) == b.HasNeedsBelow(path));
  RC_ASSERT(a.KeptOf(path) == b.KeptOf(path));
  size_t limit = Below(20);
  RC_ASSERT(a.Tombstones(path, limit) == b.Tombstones(path, limit));
  RC_ASSERT(a.Unversioned(path, limit) == b.Unversioned(path, limit));
}

// A place is one of several: right when that content has that chunk there.
void CheckChunk(Index& index, const ContentHash& chunk) {
  std::optional<ChunkPlace> place = index.FindChunk(chunk);
  if (!place) return;
  std::vector<ChunkRef> chunks;
  for (uint64_t content = 1; content <= 5; ++content) {
    bool here = false;
    for (const RelPath& path : index.FindContent(HashOf(content), 99)) {
      here |= path == place->path;
    }
    for (const KeptVersion& kept : index.FindKeptContent(HashOf(content), 99)) {
      here |= kept.kept_at == place->path;
    }
    if (here) chunks = ChunksOf(content);
  }
  uint64_t offset = 0;
  bool found = false;
  for (const ChunkRef& ref : chunks) {
    found |= ref.hash == chunk && offset == place->offset && ref.size == place->size;
    offset += ref.size;
  }
  RC_ASSERT(found);
}

// A list that had no owner when the index was opened may be gone, also when its content comes
// later.
void CompareContents(Index& a, Index& b, bool reopened) {
  for (uint64_t number = 0; number < 6; ++number) {
    ContentHash hash = HashOf(number);
    std::vector<RelPath> live = a.FindContent(hash, 99);
    std::vector<KeptVersion> kept = a.FindKeptContent(hash, 99);
    RC_ASSERT(live == b.FindContent(hash, 99));
    RC_ASSERT(kept == b.FindKeptContent(hash, 99));
    if (!reopened) RC_ASSERT(a.ChunkList(hash) == b.ChunkList(hash));
    RC_ASSERT(a.Conflict(hash) == b.Conflict(hash));
  }
  for (uint64_t number = 100; number < 107; ++number) {
    ContentHash chunk = HashOf(number);
    if (!reopened) RC_ASSERT(a.FindChunk(chunk).has_value() == b.FindChunk(chunk).has_value());
    CheckChunk(a, chunk);
    CheckChunk(b, chunk);
  }
}

void CompareAll(Index& a, Index& b, bool reopened) {
  RC_ASSERT(a.last_sequence() == b.last_sequence());
  RC_ASSERT(a.totals() == b.totals());
  RC_ASSERT(a.need_totals().paths == b.need_totals().paths);
  RC_ASSERT(a.need_totals().bytes == b.need_totals().bytes);
  RC_ASSERT(a.open_conflicts() == b.open_conflicts());
  RC_ASSERT(a.Conflicts() == b.Conflicts());
  RC_ASSERT(a.Intents() == b.Intents());
  RC_ASSERT(a.Peer(PeerOf(1)) == b.Peer(PeerOf(1)));
  RC_ASSERT(a.Meta("m0") == b.Meta("m0"));
  uint64_t after = Below(a.last_sequence() + 2);
  RC_ASSERT(a.RowsAfter(0, 1000) == b.RowsAfter(0, 1000));
  RC_ASSERT(a.RowsAfter(after, 7) == b.RowsAfter(after, 7));
  RC_ASSERT(a.ConflictsAfter(after, 3) == b.ConflictsAfter(after, 3));
  RC_ASSERT(a.Needs(0, 1000) == b.Needs(0, 1000));
  RC_ASSERT(a.KeptBefore(3, 4) == b.KeptBefore(3, 4));
  RC_ASSERT(a.NewestKept(4) == b.NewestKept(4));
  CompareAt(a, b, RelPath());
  for (int i = 0; i < 6; ++i) CompareAt(a, b, SomePath());
  CompareContents(a, b, reopened);
}

RC_GTEST_PROP(IndexModel, BothIndexesGiveEqualAnswers, ()) {
  std::unique_ptr<IndexBox> mem = MakeMemBox();
  std::unique_ptr<IndexBox> sqlite = MakeSqliteBox();
  bool reopened = false;
  for (uint64_t batches = 1 + Below(12); batches > 0; --batches) {
    IndexBatch for_mem = SomeBatch();
    IndexBatch for_sqlite = for_mem;
    RC_ASSERT(mem->index().Commit(for_mem).ok());
    RC_ASSERT(sqlite->index().Commit(for_sqlite).ok());
    CompareBatches(for_mem, for_sqlite);
    if (Below(8) == 0) {
      sqlite->Reopen();
      reopened = true;
    }
    if (Below(3) == 0) CompareAll(mem->index(), sqlite->index(), reopened);
  }
  CompareAll(mem->index(), sqlite->index(), reopened);
}

}  // namespace
}  // namespace atozsync
