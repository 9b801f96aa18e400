// Opening the index of a state directory: makes a new one where it is missing, and sets a damaged
// one aside. A new index of a replica with peers takes over their history for the files that are
// equal. Blocking; any thread, while nothing else has the index open.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/state_dir.h"
#include "sync/base/random.h"
#include "sync/engine/replica.h"
#include "sync/index/sqlite_index.h"

namespace atozsync {

struct NewIndex {
  ReplicaId id;
  uint32_t incarnation = 1;
  bool founder = true;
  Authority authority = Authority::kNewest;
};

// Never 0.
uint32_t RandomIncarnation(Random& random);

// kExists when index.db is there already.
Status CreateIndex(const StateDir& state, Random& random, const NewIndex& what);

// `warn` gets a sentence for the log when an index had to be made anew.
Result<std::unique_ptr<SqliteIndex>> OpenIndex(const StateDir& state, Random& random,
                                               const ReplicaId& id, bool has_peers, int64_t wall_ms,
                                               const std::function<void(const std::string&)>& warn);

}  // namespace atozsync
