// Random batches on both kinds of index: every query gives the same answer, also after a reopen.
// MemIndex counts totals and digests afresh, SqliteIndex keeps them up to date: two ways.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/contract/index_contract.h"
#include "tests/contract/index_contract_random.h"

namespace atozsync {
namespace {

uint64_t Below(uint64_t bound) {
  return *rc::gen::inRange<uint64_t>(0, bound);
}

BatchMaker& Maker() {
  static BatchMaker maker(&Below);
  return maker;
}

void CompareBatches(const IndexBatch& a, const IndexBatch& b) {
  RC_ASSERT(a.rows == b.rows);
  RC_ASSERT(a.needs == b.needs);
  RC_ASSERT(a.intents == b.intents);
}

std::vector<std::string> KnownIn(Index& index, const RelPath& dir) {
  std::vector<std::string> known;
  index.KnownIn(dir, [&](const KnownEntry& entry) {
    known.push_back(std::string(entry.name) + " " + std::to_string(static_cast<int>(entry.kind)) +
                    " " + std::to_string(entry.stamp.inode));
  });
  return known;
}

void CompareAt(Index& a, Index& b, const RelPath& path) {
  RC_ASSERT(a.Get(path) == b.Get(path));
  RC_ASSERT(a.Children(path) == b.Children(path));
  RC_ASSERT(KnownIn(a, path) == KnownIn(b, path));
  RC_ASSERT(a.HasLiveChildren(path) == b.HasLiveChildren(path));
  RC_ASSERT(a.CaseTwins(path) == b.CaseTwins(path));
  RC_ASSERT(a.Digest(path) == b.Digest(path));
  RC_ASSERT(a.NeedsOf(path) == b.NeedsOf(path));
  RC_ASSERT(a.HasNeedsBelow(path) == b.HasNeedsBelow(path));
  RC_ASSERT(a.KeptOf(path) == b.KeptOf(path));
  RC_ASSERT(a.Gate(path) == b.Gate(path));
  size_t limit = Below(20);
  RC_ASSERT(a.NeedsBelow(path, limit) == b.NeedsBelow(path, limit));
  RC_ASSERT(a.Tombstones(path, limit) == b.Tombstones(path, limit));
  RC_ASSERT(a.Unversioned(path, limit) == b.Unversioned(path, limit));
}

// A place is one of several: right when that content has that chunk there.
void CheckChunk(Index& index, const ContentHash& chunk) {
  std::optional<ChunkPlace> place = index.FindChunk(chunk);
  if (!place) return;
  std::vector<ChunkRef> chunks;
  for (uint64_t content = 1; content <= BatchMaker::kContentsMax; ++content) {
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

// All pages of a search, in some order.
std::set<std::string> SearchAll(Index& index, const std::string& text, size_t rows_max) {
  std::set<std::string> lines;
  FoundPaths found;
  for (PathCursor at; !found.end; at = found.next) {
    found = index.FindPaths(at, text, rows_max);
    for (const FoundPath& path : found.paths) {
      std::string line = path.path.str() + (path.live ? " live " : " kept ") +
                         std::to_string(path.size) + " " + std::to_string(path.mtime_ns) + " " +
                         std::to_string(path.versions);
      RC_ASSERT(lines.insert(line).second);  // none twice
    }
  }
  return lines;
}

void CompareFound(Index& a, Index& b) {
  const std::string text = Below(2) == 0 ? "" : Maker().Path().str();
  const size_t rows_max = 1 + Below(5);
  const std::set<std::string> all = SearchAll(a, text, 1000);
  RC_ASSERT(SearchAll(a, text, rows_max) == all);
  RC_ASSERT(SearchAll(b, text, rows_max) == all);
  if (text.empty()) {
    uint64_t live = 0;
    for (const std::string& line : all) live += line.find(" live ") != std::string::npos ? 1 : 0;
    RC_ASSERT(live == a.totals().files);
  }

  ConflictFilter filter;
  if (Below(2) == 0) filter.open = Below(2) == 0;
  if (Below(3) == 0) filter.kind = static_cast<ConflictKind>(1 + Below(6));
  if (Below(3) == 0)
    filter.replicas = {ReplicaPrefixOf(MakeAuthorId(PeerOf(static_cast<uint8_t>(Below(3))), 1))};
  if (Below(3) == 0) filter.text = Maker().Path().str();
  filter.sort = static_cast<ConflictFilter::Sort>(Below(3));
  filter.descending = Below(2) == 0;
  filter.offset = Below(3);
  filter.limit = Below(4);
  const ConflictPage page = a.FindConflicts(filter);
  const ConflictPage other = b.FindConflicts(filter);
  RC_ASSERT(page.total == other.total);
  RC_ASSERT(page.records == other.records);
  RC_ASSERT(page.records.size() <= filter.limit);
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
  for (uint64_t number = BatchMaker::kChunksFrom; number < BatchMaker::kChunksEnd; ++number) {
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
  for (int i = 0; i < 6; ++i) CompareAt(a, b, Maker().Path());
  CompareContents(a, b, reopened);
  CompareFound(a, b);
}

RC_GTEST_PROP(IndexModel, BothIndexesGiveEqualAnswers, ()) {
  std::unique_ptr<IndexBox> mem = MakeMemBox();
  std::unique_ptr<IndexBox> sqlite = MakeSqliteBox();
  bool reopened = false;
  for (uint64_t batches = 1 + Below(12); batches > 0; --batches) {
    IndexBatch for_mem = Maker().Batch();
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
