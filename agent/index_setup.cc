#include "agent/index_setup.h"

#include "sync/engine/meta_keys.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

uint64_t RandomIndexId(Random& random) {
  uint64_t id = random.NextU64();
  return id == 0 ? 1 : id;
}

Status Initialize(Index& index, const NewIndex& what) {
  return Replica::InitIndex(index, what.id, what.incarnation, what.founder, what.authority);
}

}  // namespace

uint32_t RandomIncarnation(Random& random) {
  uint32_t incarnation = static_cast<uint32_t>(random.NextU64());
  return incarnation == 0 ? 1 : incarnation;
}

Status CreateIndex(const StateDir& state, Random& random, const NewIndex& what) {
  if (PathExists(state.IndexFile())) {
    return Status(Errc::kExists, Printable(state.IndexFile()) + ": is there already");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteIndex> index,
                   SqliteIndex::Open(state.IndexFile(), RandomIndexId(random)));
  return Initialize(*index, what);
}

Result<std::unique_ptr<SqliteIndex>> OpenIndex(
    const StateDir& state, Random& random, const ReplicaId& id, bool has_peers, int64_t wall_ms,
    const std::function<void(const std::string&)>& warn) {
  bool was_there = PathExists(state.IndexFile());
  Result<std::unique_ptr<SqliteIndex>> index =
      SqliteIndex::Open(state.IndexFile(), RandomIndexId(random));
  if (index.Is(Errc::kCorrupt)) {
    std::string why = index.error().context;
    ASSIGN_OR_RETURN(std::string aside, state.SetIndexAside("corrupt", wall_ms));
    warn("THE INDEX IS DAMAGED (" + why + ") and was set aside as " + aside +
         ": making a new one from the folder and the peers");
    index = SqliteIndex::Open(state.IndexFile(), RandomIndexId(random));
  } else if (!was_there) {
    warn("THE INDEX IS MISSING (" + state.IndexFile() +
         "): making a new one from the folder and the peers");
  }
  if (!index.ok()) return index.status();
  // Also when the program was stopped between making the file and filling it.
  if (!(*index)->Meta(meta::kAuthor)) {
    // A new incarnation: counters of the lost index must not be given out a second time.
    TRY(Initialize(**index, {id, RandomIncarnation(random), !has_peers, Authority::kNewest}));
  }
  return index;
}

}  // namespace atozsync
