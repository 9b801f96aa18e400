// DatabaseConnection: one blocking connection to a MariaDB or MySQL server, set up for reading
// only. Not a pool, and it does not reconnect: when alive() is false, open a new one.
//
// One thread at a time; it blocks for at most the times of ConnectionLimits. Errors: `context` says
// what was asked and what to do, `os_errno` holds the server's (or client library's) own error
// number, and WordOf() sorts them. A statement that takes too long is ended by the server; when the
// server does not, the connection is given up. Nothing is ever killed on the server.
//
// Text comes as UTF-8, whatever the tables use. Collations there ignore case and accents: compare
// names byte by byte here, never in SQL.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/settings.h"
#include "sync/base/row_source.h"
#include "sync/base/status.h"

struct st_mysql;

namespace atozsync {

struct ConnectionLimits {
  int connect_s = 5;    // until the session stands
  int statement_s = 2;  // one statement, waiting for table locks included
};

using Field = std::optional<std::string>;  // nothing: NULL
using Row = std::vector<Field>;
using Rows = std::vector<Row>;
// By the column's name; "" for NULL. For SHOW statements, whose columns differ between versions.
using NamedRow = std::map<std::string, std::string>;
using NamedRows = std::vector<NamedRow>;

// What a failed Open() or Query() means for the source of rows.
RowsWord WordOf(const Error& error);

class DatabaseConnection {
 public:
  // Of one Query(): more is an error, so that nobody takes a part for the whole.
  static constexpr size_t kRowsMax = 20000;
  static constexpr size_t kBytesMax = size_t{16} << 20;

  static Result<std::unique_ptr<DatabaseConnection>> Open(const DatabaseSettings& settings,
                                                          ConnectionLimits limits = {});
  ~DatabaseConnection();
  DatabaseConnection(const DatabaseConnection&) = delete;
  DatabaseConnection& operator=(const DatabaseConnection&) = delete;

  // `columns`: how many of a row the caller reads. An answer with fewer is an error, so that
  // whatever sits at the other end of the line, row[columns - 1] is there.
  Result<Rows> Query(const std::string& sql, size_t columns);
  Result<NamedRows> QueryNamed(const std::string& sql);
  // Hands over row by row what need not fit in memory, in the server's order. `take` returns false
  // to have no more: the rest is still read off the line, within the time of the statement.
  using TakeRow = std::function<bool(const Row&)>;
  Status Stream(const std::string& sql, size_t columns, const TakeRow& take);
  // For a statement whose answer does not matter.
  Status Run(const std::string& sql);

  bool alive() const { return alive_; }
  // MariaDB ends long statements by max_statement_time; MySQL knows other variables.
  bool is_mariadb() const;
  const std::string& server_version() const { return version_; }

 private:
  struct Closer {
    void operator()(st_mysql* handle) const;
  };

  DatabaseConnection(DatabaseSettings settings, ConnectionLimits limits);
  Status Connect();
  Status SetUpSession();
  // As Run(), but an unknown variable or statement is well: servers differ by age.
  Status Try(const std::string& sql);
  Error Failure(const std::string& what, int64_t began_ms);

  DatabaseSettings settings_;
  ConnectionLimits limits_;
  std::unique_ptr<st_mysql, Closer> handle_;
  std::string version_;
  bool alive_ = false;
  std::vector<std::string> columns_;  // of the last answer
};

// A literal that is safe whatever bytes `text` holds and whatever the session's modes are.
// REQUIRES for a match: `text` is valid UTF-8.
std::string SqlText(std::string_view text);
// "1,2,3", for IN (…). REQUIRES: !numbers.empty().
std::string SqlList(const std::vector<int64_t>& numbers);

// The field as a number; nothing when it is NULL or none.
std::optional<int64_t> NumberIn(const Field& field);
// The field's text, "" for NULL.
const std::string& TextIn(const Field& field);

}  // namespace atozsync
