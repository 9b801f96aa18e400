// What the contract suite of Index needs: one index of each kind, and short ways to make rows.
//
// A test speaks to `IndexBox` only, so that it cannot know which index it has. Reopen() is what a
// restart of the agent does: everything that Commit() acknowledged must still be there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/engine/index.h"

namespace atozsync {

class IndexBox {
 public:
  virtual ~IndexBox() = default;
  virtual Index& index() = 0;
  virtual void Reopen() = 0;
};

inline constexpr uint64_t kTestIndexId = 0xFEDC'BA98'7654'3210;  // above 2^63: must come back whole

std::unique_ptr<IndexBox> MakeMemBox();
std::unique_ptr<IndexBox> MakeSqliteBox();  // in a directory of its own, removed at the end

// A content hash made of a small number.
ContentHash HashOf(uint64_t number);
ReplicaId PeerOf(uint8_t number);
VersionVector VectorOf(uint64_t counter);

FileVersion FileOf(uint64_t content, uint64_t size = 10, uint64_t counter = 1);
FileVersion DirOf(uint64_t counter = 1);
FileVersion TombstoneOf(uint64_t counter = 1);
IndexRow RowOf(std::string_view path, FileVersion version);
// A row with every field set to something that is not its default.
IndexRow FullRow(std::string_view path);

std::vector<std::string> PathsOf(const std::vector<IndexRow>& rows);
std::vector<std::string> PathsOf(const std::vector<RelPath>& paths);

// Commits rows only.
Status CommitRows(Index& index, std::vector<IndexRow> rows);

}  // namespace atozsync
