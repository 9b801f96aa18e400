#include "sync/index/sqlite_notes.h"

#include <algorithm>

#include "sync/index/codec.h"

namespace atozsync {

void NotesTable::PutIntent(Intent& intent) {
  uint64_t& last = counters_.now.intent;
  if (intent.id == 0) intent.id = last + 1;
  last = std::max(last, intent.id);
  Bytes plan = EncodeIntentPlan(intent);
  db_.Use("INSERT OR REPLACE INTO intents (id, path, staged, kept_at, plan) VALUES (?, ?, ?, ?, ?)")
      .U64(intent.id)
      .Text(intent.path.str())
      .Text(intent.staged.str())
      .Text(intent.kept_at.str())
      .Blob(plan)
      .Run();
}

// Those of a batch were given their numbers together: one statement for each run of them.
void NotesTable::EraseIntents(const std::vector<uint64_t>& ids) {
  for (size_t first = 0; first < ids.size();) {
    size_t last = first;
    while (last + 1 < ids.size() && ids[last + 1] == ids[last] + 1) ++last;
    db_.Use("DELETE FROM intents WHERE id BETWEEN ? AND ?").U64(ids[first]).U64(ids[last]).Run();
    first = last + 1;
  }
}

std::vector<Intent> NotesTable::Intents() {
  Statement read = db_.Use("SELECT id, path, staged, kept_at, plan FROM intents ORDER BY id");
  std::vector<Intent> intents;
  while (read.Step()) {
    Intent& intent = intents.emplace_back();
    intent.id = read.GetU64(0);
    intent.path = read.GetPath(1);
    intent.staged = read.GetPath(2);
    intent.kept_at = read.GetPath(3);
    if (!DecodeIntentPlan(read.GetBlob(4), intent)) {
      db_.FailCorrupt("the intent about " + Printable(intent.path) + " makes no sense");
      intents.pop_back();
    }
  }
  return intents;
}

void NotesTable::PutPeer(const ReplicaId& id, const PeerPosition& position) {
  db_.Use(
         "INSERT OR REPLACE INTO peers (id, index_id, received, acknowledged, last_seen_ms)"
         " VALUES (?, ?, ?, ?, ?)")
      .Blob(id.bytes)
      .U64(position.index_id)
      .U64(position.received)
      .U64(position.acknowledged)
      .Int(position.last_seen_ms)
      .Run();
}

PeerPosition NotesTable::Peer(const ReplicaId& id) {
  Statement read =
      db_.Use("SELECT index_id, received, acknowledged, last_seen_ms FROM peers WHERE id = ?");
  if (!read.Blob(id.bytes).Step()) return {};
  return {read.GetU64(0), read.GetU64(1), read.GetU64(2), read.GetInt(3)};
}

void NotesTable::PutMeta(const std::string& key, const std::string& value) {
  db_.Use("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").Text(key).Text(value).Run();
}

std::optional<std::string> NotesTable::Meta(const std::string& key) {
  Statement read = db_.Use("SELECT value FROM meta WHERE key = ?");
  if (!read.Text(key).Step()) return std::nullopt;
  return std::string(read.GetText(0));
}

void NotesTable::PutGate(const GateNote& note) {
  if (!note.says_something()) {
    db_.Use("DELETE FROM gate WHERE path = ?").Text(note.path.str()).Run();
    return;
  }
  db_.Use("INSERT OR REPLACE INTO gate (path, row_seen, held_ms) VALUES (?, ?, ?)")
      .Text(note.path.str())
      .Int(note.row_seen ? 1 : 0)
      .Int(note.held_ms)
      .Run();
}

GateNote NotesTable::Gate(const RelPath& path) {
  Statement read = db_.Use("SELECT row_seen, held_ms FROM gate WHERE path = ?");
  if (!read.Text(path.str()).Step()) return {path, false, 0};
  return {path, read.GetInt(0) != 0, read.GetInt(1)};
}

}  // namespace atozsync
