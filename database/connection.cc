#include "database/connection.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>

#include <charconv>
#include <mutex>
#include <utility>

#include "database/steady_clock.h"
#include "sync/base/check.h"
#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

// One packet of an answer: a row of named columns is far below, a hostile server's is not.
constexpr size_t kPacketBytesMax = size_t{32} << 20;
// The server ends a statement itself; this much later the line is given up.
constexpr int kReadGraceS = 2;
constexpr size_t kSqlShownBytes = 120;
// Others would have the password sent in the clear, or load code the server names.
constexpr const char* kAuthPlugins =
    "mysql_native_password,client_ed25519,caching_sha2_password,unix_socket,auth_socket";

// The storage engine's own numbers, which come through as they are.
constexpr unsigned kTableCrashed = 145;
constexpr unsigned kTableCrashedOnRepair = 144;
// MySQL alone has it.
constexpr unsigned kErQueryTimeout = 3024;

// Which word a server's or client's number stands for, and the code that goes with it.
struct Meaning {
  RowsWord word;
  Errc code;
  const char* advice;
};

Meaning MeaningOf(unsigned number) {
  switch (number) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_NO_PASSWORD_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
      return {RowsWord::kRefused, Errc::kPermission,
              "check the user, the password file and the host the user may come from"};
    case ER_DBACCESS_DENIED_ERROR:
    case ER_BAD_DB_ERROR:
      return {RowsWord::kRefused, Errc::kPermission,
              "check the database's name, and run opendental-grants.sql for it"};
    case ER_HOST_IS_BLOCKED:
      return {RowsWord::kRefused, Errc::kPermission, "the server blocks this host: FLUSH HOSTS"};
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
      return {RowsWord::kRefused, Errc::kBusy, "the server has no connection to spare"};
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_PROCACCESS_DENIED_ERROR:
      return {RowsWord::kForbidden, Errc::kPermission,
              "a right is missing: run opendental-grants.sql as an administrator"};
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
      return {RowsWord::kNoRows, Errc::kInvalid,
              "the tables are not those of Open Dental: check the database's name"};
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
    case kErQueryTimeout:
      return {RowsWord::kSlow, Errc::kTimeout,
              "a table is locked or the server is overloaded: a backup, a repair or an update?"};
    case ER_CRASHED_ON_USAGE:
    case ER_CRASHED_ON_REPAIR:
    case kTableCrashed:
    case kTableCrashedOnRepair:
      return {RowsWord::kUnreachable, Errc::kCorrupt,
              "a table was damaged when the server stopped hard: REPAIR TABLE mends it"};
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
      return {RowsWord::kUnreachable, Errc::kPeerGone,
              "is the server running, and are address and port right?"};
    case CR_SSL_CONNECTION_ERROR:
      return {RowsWord::kRefused, Errc::kPermission,
              "TLS failed: does the server offer it, and did the file of ca= sign for this host?"};
    case CR_AUTH_PLUGIN_CANNOT_LOAD:
      return {RowsWord::kRefused, Errc::kPermission,
              "the server asks for a kind of password that is not spoken here: use "
              "mysql_native_password or ed25519"};
    default:
      if (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) {
        return {RowsWord::kUnreachable, Errc::kPeerGone, "the connection to the server broke"};
      }
      return {RowsWord::kUnreachable, Errc::kIo, "the server's log may say more"};
  }
}

// A server that shuts down says so with numbers of its own.
bool EndsConnection(unsigned number) {
  return (number >= CR_MIN_ERROR && number <= CR_MAX_ERROR) || number == ER_SERVER_SHUTDOWN ||
         number == ER_CONNECTION_KILLED;
}

std::string Shown(const std::string& sql) {
  return sql.size() <= kSqlShownBytes ? Printable(sql)
                                      : Printable(sql.substr(0, kSqlShownBytes)) + "…";
}

}  // namespace

RowsWord WordOf(const Error& error) {
  if (error.code == Errc::kTimeout) return RowsWord::kSlow;
  if (error.os_errno >= static_cast<int>(ER_ERROR_FIRST)) {
    return MeaningOf(static_cast<unsigned>(error.os_errno)).word;
  }
  // The password file, an answer that does not fit.
  return error.code == Errc::kPermission || error.code == Errc::kNotFound ||
                 error.code == Errc::kInvalid
             ? RowsWord::kRefused
             : RowsWord::kUnreachable;
}

void DatabaseConnection::Closer::operator()(st_mysql* handle) const {
  mysql_close(handle);
}

DatabaseConnection::DatabaseConnection(DatabaseSettings settings, ConnectionLimits limits)
    : settings_(std::move(settings)), limits_(limits) {}

DatabaseConnection::~DatabaseConnection() = default;

bool DatabaseConnection::is_mariadb() const {
  return version_.find("MariaDB") != std::string::npos;
}

Result<std::unique_ptr<DatabaseConnection>> DatabaseConnection::Open(
    const DatabaseSettings& settings, ConnectionLimits limits) {
  std::unique_ptr<DatabaseConnection> connection(new DatabaseConnection(settings, limits));
  TRY(connection->Connect());
  TRY(connection->SetUpSession());
  return connection;
}

Status DatabaseConnection::Connect() {
  static std::once_flag library;
  std::call_once(library, [] { CHECK(mysql_library_init(0, nullptr, nullptr) == 0); });
  handle_.reset(mysql_init(nullptr));
  CHECK(handle_ != nullptr);
  st_mysql* mysql = handle_.get();
  const auto number = [mysql](mysql_option option, unsigned value) {
    mysql_options(mysql, option, &value);
  };
  number(MYSQL_OPT_CONNECT_TIMEOUT, static_cast<unsigned>(limits_.connect_s));
  number(MYSQL_OPT_READ_TIMEOUT, static_cast<unsigned>(limits_.statement_s + kReadGraceS));
  number(MYSQL_OPT_WRITE_TIMEOUT, static_cast<unsigned>(limits_.statement_s + kReadGraceS));
  // A server may otherwise ask for any file of this machine.
  number(MYSQL_OPT_LOCAL_INFILE, 0);
  number(MYSQL_OPT_PROTOCOL, settings_.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET);
  const size_t packet_bytes = kPacketBytesMax;
  mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_bytes);
  mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(mysql, MARIADB_OPT_RESTRICTED_AUTH, kAuthPlugins);
  const my_bool tls = settings_.tls;
  mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &tls);
  mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &tls);
  if (tls) mysql_options(mysql, MYSQL_OPT_SSL_CA, settings_.tls_ca.c_str());

  std::string password;
  if (!settings_.password_file.empty()) {
    ASSIGN_OR_RETURN(password, ReadPasswordFile(settings_.password_file));
  }
  const int64_t began_ms = SteadyNowMs();
  const char* host = settings_.socket.empty() ? settings_.host.c_str() : "localhost";
  const char* socket = settings_.socket.empty() ? nullptr : settings_.socket.c_str();
  if (mysql_real_connect(mysql, host, settings_.user.c_str(), password.c_str(),
                         settings_.database.c_str(), settings_.port, socket, 0) == nullptr) {
    return Failure("connecting to " + settings_.Name() + " as " + Printable(settings_.user),
                   began_ms);
  }
  alive_ = true;
  version_ = mysql_get_server_info(mysql);
  return Status::Ok();
}

Status DatabaseConnection::SetUpSession() {
  const std::string seconds = std::to_string(limits_.statement_s);
  TRY(Run("SET SESSION autocommit=1"));
  // What Open Dental sets: no mode that would change what a statement means.
  TRY(Run("SET SESSION sql_mode=''"));
  TRY(Try("SET SESSION TRANSACTION READ ONLY"));
  TRY(Try("SET SESSION lock_wait_timeout=" + seconds));
  TRY(Try("SET SESSION innodb_lock_wait_timeout=" + seconds));
  return is_mariadb() ? Try("SET SESSION max_statement_time=" + seconds)
                      : Try("SET SESSION max_execution_time=" + seconds + "000");
}

Status DatabaseConnection::Try(const std::string& sql) {
  Status status = Run(sql);
  if (status.ok()) return status;
  const int number = status.error().os_errno;
  const bool unknown = number == ER_UNKNOWN_SYSTEM_VARIABLE || number == ER_PARSE_ERROR ||
                       number == ER_SPECIFIC_ACCESS_DENIED_ERROR;
  return unknown ? Status::Ok() : status;
}

Status DatabaseConnection::Run(const std::string& sql) {
  return Stream(sql, 0, [](const Row&) { return false; });
}

Result<Rows> DatabaseConnection::Query(const std::string& sql, size_t columns) {
  Rows rows;
  size_t bytes = 0;
  bool fits = true;
  TRY(Stream(sql, columns, [&](const Row& row) {
    for (const Field& field : row) bytes += sizeof(Field) + (field ? field->size() : 0);
    fits = rows.size() < kRowsMax && bytes <= kBytesMax;
    if (fits) rows.push_back(row);
    return fits;
  }));
  if (!fits) {
    return Status(Errc::kIo, "'" + Shown(sql) + "' has a longer answer than 20000 rows or 16 MiB");
  }
  return rows;
}

Result<NamedRows> DatabaseConnection::QueryNamed(const std::string& sql) {
  ASSIGN_OR_RETURN(const Rows rows, Query(sql, 0));
  NamedRows named(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = 0; k < columns_.size(); ++k) named[i][columns_[k]] = TextIn(rows[i][k]);
  }
  return named;
}

Status DatabaseConnection::Stream(const std::string& sql, size_t columns, const TakeRow& take) {
  if (!alive_) return Status(Errc::kPeerGone, "the connection to the database is closed");
  st_mysql* mysql = handle_.get();
  const int64_t began_ms = SteadyNowMs();
  if (mysql_real_query(mysql, sql.data(), static_cast<unsigned long>(sql.size())) != 0)
    return Failure(Shown(sql), began_ms);
  // Freeing reads what is left: the next statement finds the line clear.
  const std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result(mysql_use_result(mysql),
                                                                &mysql_free_result);
  if (result == nullptr) {
    return mysql_field_count(mysql) == 0 ? Status::Ok() : Failure(Shown(sql), began_ms);
  }
  const unsigned width = mysql_num_fields(result.get());
  if (width < columns) {
    return {Errc::kInvalid, "'" + Shown(sql) + "' was answered with " + std::to_string(width) +
                                " columns instead of " + std::to_string(columns) +
                                ": is this a MariaDB or MySQL server?"};
  }
  columns_.clear();
  const MYSQL_FIELD* fields_of = mysql_fetch_fields(result.get());
  for (unsigned i = 0; i < width; ++i) columns_.emplace_back(fields_of[i].name);
  Row row(width);
  while (MYSQL_ROW fields = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    for (unsigned i = 0; i < width; ++i) {
      row[i] = fields[i] == nullptr ? Field() : Field(std::string(fields[i], lengths[i]));
    }
    if (!take(row)) return Status::Ok();
  }
  return mysql_errno(mysql) == 0 ? Status::Ok() : Status(Failure(Shown(sql), began_ms));
}

Error DatabaseConnection::Failure(const std::string& what, int64_t began_ms) {
  const unsigned number = mysql_errno(handle_.get());
  const std::string said = mysql_error(handle_.get());
  Meaning meaning = MeaningOf(number);
  if (alive_ && number == CR_SERVER_LOST &&
      SteadyNowMs() - began_ms >= int64_t{1000} * (limits_.statement_s + kReadGraceS)) {
    meaning = {RowsWord::kSlow, Errc::kTimeout, "the server did not answer in time"};
  }
  if (EndsConnection(number)) alive_ = false;
  return Error{
      meaning.code, static_cast<int>(number),
      what + ": " + Printable(said) + " (error " + std::to_string(number) + "): " + meaning.advice,
      false};
}

std::string SqlText(std::string_view text) {
  if (text.empty()) return "''";
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string sql = "_utf8mb4 x'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    sql.push_back(kDigits[byte >> 4]);
    sql.push_back(kDigits[byte & 15]);
  }
  return sql + "'";
}

std::string SqlList(const std::vector<int64_t>& numbers) {
  std::string sql;
  for (const int64_t number : numbers) {
    if (!sql.empty()) sql += ",";
    sql += std::to_string(number);
  }
  return sql;
}

std::optional<int64_t> NumberIn(const Field& field) {
  if (!field) return {};
  int64_t value = 0;
  const char* last = field->data() + field->size();
  auto [end, error] = std::from_chars(field->data(), last, value);
  if (error != std::errc() || end != last) return {};
  return value;
}

const std::string& TextIn(const Field& field) {
  static const std::string kNone;
  return field ? *field : kNone;
}

}  // namespace atozsync
