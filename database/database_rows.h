// DatabaseRows: the rows that name files, read from a real server for the consistency report.
//
// Kind to the server: a connection of its own, one statement at a time, at most kRowsPerQueryMax
// rows each, at most kQueriesPerSecondMax of them, and never longer at work than a fifth of the
// time. A locked table (a backup) is waited for. Blocking; one thread. Reads only.
#pragma once

#include <memory>
#include <string>

#include "database/connection.h"
#include "database/report.h"

namespace atozsync {

struct ReadPace {
  static constexpr int64_t kQueriesPerSecondMax = 20;
  int64_t pause_min_ms = 1000 / kQueriesPerSecondMax;
  int64_t rest_factor = 4;        // pauses so many times as long as the last statement took
  int64_t locked_wait_ms = 3000;  // between tries
  int locked_tries = 40;          // then it is given up: two minutes and what the tries take
};

class DatabaseRows final : public FileRowSource {
 public:
  // `interrupt` outlives it.
  DatabaseRows(DatabaseSettings settings, Interrupt& interrupt, ReadPace pace = {});

  // kPeerGone, kPermission, …, as of DatabaseConnection; kCancelled.
  Status ReadAll(RowTaker& taker) override;
  uint64_t queries() const { return queries_; }

 private:
  Status ReadPatients(RowTaker& taker);
  Status ReadTable(size_t index, RowTaker& taker);
  // Fetches texts that were too long to come along.
  Status FetchLongText(const NamingTable& table, Row& row);
  Result<Rows> Ask(const std::string& sql, size_t columns);
  Result<Rows> AskOnce(const std::string& sql, size_t columns);

  const DatabaseSettings settings_;
  Interrupt& interrupt_;
  const ReadPace pace_;
  std::unique_ptr<DatabaseConnection> connection_;
  RowTaker* taker_ = nullptr;
  NamingContext context_;
  uint64_t queries_ = 0;
};

}  // namespace atozsync
