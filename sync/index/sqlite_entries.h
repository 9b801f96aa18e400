// Entries: table `entries` — the rows of the index — with the digests and totals that follow from
// them. Writing happens inside a commit of SqliteIndex.
#pragma once

#include <optional>
#include <vector>

#include "sync/engine/index.h"
#include "sync/index/path_cache.h"
#include "sync/index/picking.h"
#include "sync/index/sqlite_counters.h"
#include "sync/index/sqlite_directories.h"

namespace atozsync {

class Entries {
 public:
  // How many copies of one content FindContent() looks at before it orders them: an empty file may
  // stand in a hundred thousand places.
  static constexpr size_t kCopiesMax = 1024;

  Entries(Database& db, Directories& directories, Counters& counters)
      : db_(db), directories_(directories), counters_(counters) {}

  // Gives row.sequence. Contents that no longer stand there are appended to `displaced`.
  void Put(IndexRow& row, std::vector<ContentHash>& displaced);
  void PutLocalOnly(const IndexRow& row);
  void Erase(const RelPath& path, std::vector<ContentHash>& displaced);
  // After the last change of a commit, before Counters::Save().
  void Finish();
  void Undo();

  std::optional<IndexRow> Get(const RelPath& path);
  std::vector<IndexRow> Children(const RelPath& dir);
  void KnownIn(const RelPath& dir, const Index::VisitKnown& visit);
  bool HasLiveChildren(const RelPath& dir);
  std::vector<RelPath> CaseTwins(const RelPath& path);
  std::vector<IndexRow> After(Sequence after, size_t limit);
  std::vector<IndexRow> Tombstones(const RelPath& after, size_t limit);
  std::vector<IndexRow> Unversioned(const RelPath& after, size_t limit);
  std::vector<RelPath> FindContent(const ContentHash& hash, size_t limit);
  // Index::FindPaths() among the live files; how many versions are kept is not filled in.
  FoundPaths FindPaths(const PathCursor& after, const FoldedText& text, size_t rows_max);

 private:
  std::optional<IndexRow> Read(const RelPath& path);
  // The version that stands there before a change, as far as digest and totals need it.
  std::optional<FileVersion> VersionBefore(int64_t dir, const RelPath& path);
  std::optional<FileVersion> VersionAt(int64_t dir, std::string_view name);
  void Insert(int64_t dir, const IndexRow& row);
  void Update(int64_t dir, const IndexRow& row);
  // A row appears in, or vanishes from, digest and totals.
  void Count(int64_t dir, const RelPath& path, const FileVersion& version);
  void Discount(int64_t dir, const RelPath& path, const FileVersion& version);
  std::vector<IndexRow> ReadAll(Statement& statement);

  Database& db_;
  Directories& directories_;
  Counters& counters_;
  PathCache<std::optional<IndexRow>> rows_;  // as they are stored; also what has no row
  std::vector<int64_t> maybe_empty_;         // directories that lost an entry in the open commit
};

}  // namespace atozsync
