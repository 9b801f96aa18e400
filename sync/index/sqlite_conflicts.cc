#include "sync/index/sqlite_conflicts.h"

#include "sync/index/codec.h"
#include "sync/index/picking.h"

namespace atozsync {

namespace {

// Rules are labels of a table. Longer is damage; peers refuse it.
constexpr size_t kRuleBytesMax = 1024;

}  // namespace

// What ReadRow() takes, in this order; a macro so that every statement is one literal.
#define ATOZ_CONFLICT_COLUMNS \
  "id, sequence, path, other_path, kind, detected_ms, state, state_hlc, rule, winner, loser"

void ConflictsTable::Put(const ConflictRecord& record) {
  if (IsOpen(record.id)) --counters_.now.open_conflicts;
  if (record.state == ConflictState::kOpen) ++counters_.now.open_conflicts;
  Bytes winner = EncodeVersion(record.winner);
  Bytes loser = EncodeVersion(record.loser);
  db_.Use("INSERT OR REPLACE INTO conflicts (" ATOZ_CONFLICT_COLUMNS
          ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Hash(record.id)
      .U64(++counters_.now.sequence)
      .Text(record.path.str())
      .Text(record.other_path.str())
      .Int(static_cast<int64_t>(record.kind))
      .Int(record.detected_ms)
      .Int(static_cast<int64_t>(record.state))
      .U64(record.state_hlc)
      .Text(record.rule)
      .Blob(winner)
      .Blob(loser)
      .Run();
}

bool ConflictsTable::IsOpen(const ContentHash& id) {
  return db_.Use("SELECT 1 FROM conflicts WHERE id = ? AND state = 0").Hash(id).Step();
}

bool ConflictsTable::ReadRow(const Statement& from, ConflictRow& row) {
  ConflictRecord& record = row.record;
  record.id = from.GetHash(0);
  row.sequence = from.GetU64(1);
  record.path = from.GetPath(2);
  record.other_path = from.GetPath(3);
  int64_t kind = from.GetInt(4);
  record.detected_ms = from.GetInt(5);
  int64_t state = from.GetInt(6);
  record.state_hlc = from.GetU64(7);
  record.rule = std::string(from.GetText(8));
  bool sane = !record.path.is_root() && record.rule.size() <= kRuleBytesMax &&
              kind >= static_cast<int64_t>(ConflictKind::kEditEdit) &&
              kind <= static_cast<int64_t>(ConflictKind::kLateWrite) && state >= 0 &&
              state <= static_cast<int64_t>(ConflictState::kGone) &&
              DecodeVersion(from.GetBlob(9), record.winner) &&
              DecodeVersion(from.GetBlob(10), record.loser);
  if (!sane) {
    db_.FailCorrupt("the conflict about " + Printable(record.path) + " makes no sense");
    return false;
  }
  record.kind = static_cast<ConflictKind>(kind);
  record.state = static_cast<ConflictState>(state);
  return true;
}

std::optional<ConflictRecord> ConflictsTable::Get(const ContentHash& id) {
  Statement read = db_.Use("SELECT " ATOZ_CONFLICT_COLUMNS " FROM conflicts WHERE id = ?");
  ConflictRow row;
  if (!read.Hash(id).Step() || !ReadRow(read, row)) return std::nullopt;
  return row.record;
}

std::vector<ConflictRecord> ConflictsTable::All() {
  Statement read = db_.Use("SELECT " ATOZ_CONFLICT_COLUMNS " FROM conflicts ORDER BY id");
  std::vector<ConflictRecord> records;
  for (ConflictRow row; read.Step() && ReadRow(read, row);) {
    records.push_back(std::move(row.record));
    row = {};
  }
  return records;
}

ConflictPage ConflictsTable::Find(const ConflictFilter& filter) {
  // Versions are decoded only where somebody asks whose they are.
  Statement read = db_.Use(
      "SELECT id, path, kind, detected_ms, state, winner, loser FROM conflicts ORDER BY id");
  ConflictPicker picker(filter);
  while (read.Step()) {
    ConflictRecord brief;
    brief.id = read.GetHash(0);
    brief.path = read.GetPath(1);
    brief.kind = static_cast<ConflictKind>(read.GetInt(2));
    brief.detected_ms = read.GetInt(3);
    brief.state = static_cast<ConflictState>(read.GetInt(4));
    bool sane = filter.replicas.empty() || (DecodeVersion(read.GetBlob(5), brief.winner) &&
                                            DecodeVersion(read.GetBlob(6), brief.loser));
    if (!sane) {
      db_.FailCorrupt("the conflict about " + Printable(brief.path) + " makes no sense");
      return {};
    }
    picker.Add(brief);
  }
  ConflictPage page;
  page.total = picker.total();
  for (const ContentHash& id : picker.TakePage()) {
    if (std::optional<ConflictRecord> record = Get(id)) page.records.push_back(std::move(*record));
  }
  return page;
}

std::vector<ConflictRow> ConflictsTable::After(Sequence after, size_t limit) {
  Statement read = db_.Use("SELECT " ATOZ_CONFLICT_COLUMNS
                           " FROM conflicts WHERE sequence > ? ORDER BY sequence LIMIT ?");
  read.Clamped(after).Clamped(limit);
  std::vector<ConflictRow> rows;
  for (ConflictRow row; read.Step() && ReadRow(read, row);) {
    rows.push_back(std::move(row));
    row = {};
  }
  return rows;
}

#undef ATOZ_CONFLICT_COLUMNS

}  // namespace atozsync
