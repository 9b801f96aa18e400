// KeptTable: table `kept`. Writing happens inside a commit of SqliteIndex.
#pragma once

#include <optional>
#include <vector>

#include "sync/engine/index.h"
#include "sync/index/picking.h"
#include "sync/index/sqlite_db.h"

namespace atozsync {

class KeptTable {
 public:
  explicit KeptTable(Database& db) : db_(db) {}

  // Contents that are no longer kept under the id are appended to `displaced`.
  void Put(const KeptVersion& kept, std::vector<ContentHash>& displaced);
  void Erase(const std::string& id, std::vector<ContentHash>& displaced);

  std::vector<KeptVersion> FindContent(const ContentHash& hash, size_t limit);
  uint64_t CountOf(const RelPath& path);
  // Paths of which something is kept, and nothing more of them.
  FoundPaths FindPaths(const PathCursor& after, const FoldedText& text, size_t rows_max);
  std::vector<KeptVersion> Of(const RelPath& path);
  std::vector<KeptVersion> Before(int64_t before_ms, size_t limit);
  std::vector<KeptVersion> Newest(size_t limit);
  // Where one kept content with this hash is.
  std::optional<RelPath> PlaceOf(const ContentHash& hash);

 private:
  std::vector<KeptVersion> ReadAll(Statement& statement);
  // Nothing was ever kept here: what arrives for the first time need not be looked for.
  bool Empty();

  Database& db_;
  std::optional<bool> any_;  // true: there may be one
};

}  // namespace atozsync
