#include "database/database_rows.h"

#include <algorithm>
#include <limits>

#include "database/place.h"
#include "database/steady_clock.h"

namespace atozsync {

namespace {

constexpr int64_t kBeforeAll = std::numeric_limits<int64_t>::min();

Status Interrupted() {
  return {Errc::kCancelled, "the report was stopped"};
}

// Older and smaller installations do not have every table.
bool IsNoLoss(const Error& error) {
  RowsWord word = WordOf(error);
  return word == RowsWord::kNoRows || word == RowsWord::kForbidden;
}

}  // namespace

DatabaseRows::DatabaseRows(DatabaseSettings settings, Interrupt& interrupt, ReadPace pace)
    : settings_(std::move(settings)), interrupt_(interrupt), pace_(pace) {}

Result<Rows> DatabaseRows::AskOnce(const std::string& sql, size_t columns) {
  if (connection_ == nullptr || !connection_->alive()) {
    ASSIGN_OR_RETURN(connection_, DatabaseConnection::Open(settings_));
  }
  return connection_->Query(sql, columns);
}

Result<Rows> DatabaseRows::Ask(const std::string& sql, size_t columns) {
  bool reconnected = false;
  for (int tries = 1;; ++tries) {
    if (interrupt_.is_set()) return Interrupted();
    const bool was_connected = connection_ != nullptr;
    const int64_t began_ms = SteadyNowMs();
    ++queries_;
    Result<Rows> rows = AskOnce(sql, columns);
    if (rows.ok()) {
      const int64_t rest_ms =
          std::max(pace_.pause_min_ms, pace_.rest_factor * (SteadyNowMs() - began_ms));
      return interrupt_.WaitMs(rest_ms) ? Result<Rows>(Interrupted()) : std::move(rows);
    }
    // A connection that has been idle or was restarted under us: once more.
    if (rows.Is(Errc::kPeerGone) && was_connected && !reconnected) {
      reconnected = true;
      continue;
    }
    if (!rows.Is(Errc::kTimeout) || tries >= pace_.locked_tries) return rows;
    taker_->OnProgress("the database is busy or a table is locked: waiting");
    if (interrupt_.WaitMs(pace_.locked_wait_ms)) return Interrupted();
  }
}

Status DatabaseRows::ReadAll(RowTaker& taker) {
  taker_ = &taker;
  // Without it full paths of invoices cannot be told from those of other folders: no more.
  Result<Rows> roots = Ask(kRootsSql, 1);
  if (!roots.ok() && !IsNoLoss(roots.error())) return roots.status();
  if (roots.ok()) {
    for (const Row& row : *roots) {
      for (std::string& root : RootsOf(TextIn(row[0]))) {
        context_.roots.push_back(std::move(root));
      }
    }
  }
  TRY(ReadPatients(taker));
  for (size_t i = 0; i < NamingTables().size(); ++i) {
    const NamingTable& table = NamingTables()[i];
    Status read = ReadTable(i, taker);
    if (read.ok()) continue;
    if (table.required || !IsNoLoss(read.error())) return read;
    taker.OnPassedOver(i, WordOf(read.error()) == RowsWord::kForbidden
                              ? "may not be read: the grants do not cover it"
                              : "is not in this database");
  }
  return Status::Ok();
}

Status DatabaseRows::ReadPatients(RowTaker& taker) {
  uint64_t count = 0;
  for (int64_t after = kBeforeAll;;) {
    ASSIGN_OR_RETURN(Rows rows, Ask(PatientsSql(after), 3));
    for (const Row& row : rows) {
      after = NumberIn(row[0]).value_or(after);
      std::optional<RelPath> folder = PatientDir(TextIn(row[1]), TextIn(row[2]));
      if (folder) taker.OnPatient(after, *folder);
    }
    count += rows.size();
    taker.OnProgress("read " + std::to_string(count) + " patients");
    if (rows.size() < kRowsPerQueryMax) return Status::Ok();
  }
}

Status DatabaseRows::ReadTable(size_t index, RowTaker& taker) {
  const NamingTable& table = NamingTables()[index];
  uint64_t count = 0;
  std::vector<FileRow> named;
  for (int64_t after = kBeforeAll;;) {
    std::optional<int64_t> end;
    if (table.sparse()) {
      ASSIGN_OR_RETURN(Rows ends, Ask(StepEndSql(table, after), 1));
      if (!ends.empty()) end = NumberIn(ends[0][0]);
    }
    ASSIGN_OR_RETURN(Rows rows, Ask(RowsSql(table, after, end), ColumnsOf(table)));
    for (Row& row : rows) {
      after = NumberIn(row[0]).value_or(after);
      TRY(FetchLongText(table, row));
      named.clear();
      table.names_of(row, context_, named);
      for (FileRow& one : named) taker.OnRow(index, std::move(one));
    }
    count += rows.size();
    taker.OnProgress("read " + std::to_string(count) + " rows of " + table.name);
    // A full answer may not reach to the end of the step: go on after its last row.
    if (rows.size() >= kRowsPerQueryMax) continue;
    if (!end) return Status::Ok();
    after = *end;
  }
}

Status DatabaseRows::FetchLongText(const NamingTable& table, Row& row) {
  constexpr size_t kTextColumn = 3;
  if (!table.has_text() || row.size() <= kTextColumn || row[kTextColumn]) return Status::Ok();
  ASSIGN_OR_RETURN(Rows texts, Ask(LongTextSql(table, NumberIn(row[0]).value_or(0)), 1));
  // Gone meanwhile: it names nothing any more.
  if (!texts.empty()) row[kTextColumn] = texts[0][0];
  return Status::Ok();
}

}  // namespace atozsync
