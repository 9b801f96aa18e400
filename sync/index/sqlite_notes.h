// NotesTable: the plain tables `intents`, `peers`, `meta` and `gate`. Writing happens inside a
// commit of SqliteIndex.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/engine/index.h"
#include "sync/index/sqlite_counters.h"

namespace atozsync {

class NotesTable {
 public:
  NotesTable(Database& db, Counters& counters) : db_(db), counters_(counters) {}

  void PutIntent(Intent& intent);  // gives intent.id where it is 0
  void EraseIntents(const std::vector<uint64_t>& ids);
  std::vector<Intent> Intents();

  void PutPeer(const ReplicaId& id, const PeerPosition& position);
  PeerPosition Peer(const ReplicaId& id);

  void PutMeta(const std::string& key, const std::string& value);
  std::optional<std::string> Meta(const std::string& key);

  void PutGate(const GateNote& note);  // erases one that says nothing
  GateNote Gate(const RelPath& path);

 private:
  Database& db_;
  Counters& counters_;
};

}  // namespace atozsync
