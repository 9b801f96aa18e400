#include "database/health_watch.h"

#include <map>
#include <utility>

#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

constexpr size_t kSaidBytesMax = 300;  // of what a server or a person wrote

std::string Said(const std::string& text) {
  return Printable(text.size() <= kSaidBytesMax ? text : text.substr(0, kSaidBytesMax));
}

}  // namespace

Status HealthWatch::Step(DatabaseConnection& connection) {
  ASSIGN_OR_RETURN(const Rows own, connection.Query("SELECT @@GLOBAL.server_id", 1));
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query("SELECT PrefName, ValueString FROM preference WHERE PrefName IN "
                       "('ReplicationFailureAtServer_id','UpdateInProgressOnComputerName',"
                       "'AtoZfolderUsed')",
                       2));
  std::map<std::string, std::string> preferences;
  for (const Row& row : rows) preferences[TextIn(row[0])] = TextIn(row[1]);

  frozen_.clear();
  problem_.clear();
  const std::string server_id = own.empty() ? "" : TextIn(own[0][0]);
  const std::string& failed = preferences["ReplicationFailureAtServer_id"];
  if (!failed.empty() && failed != "0" && failed == server_id) {
    frozen_ = "Open Dental has recorded a failure of replication at this server (server_id " +
              server_id + "): mend replication, then clear it in Open Dental";
  } else if (!preferences["UpdateInProgressOnComputerName"].empty()) {
    frozen_ = "Open Dental is being updated from " +
              Said(preferences["UpdateInProgressOnComputerName"]) +
              ": waiting for the update to end";
  }
  const std::string& used = preferences["AtoZfolderUsed"];
  if (!used.empty() && used != "1") {
    problem_ = "Open Dental does not keep images in a folder (AtoZfolderUsed is " + Said(used) +
               ", a local folder is 1): rows name files that nobody writes";
  }
  return AskReplication(connection);
}

Status HealthWatch::AskReplication(DatabaseConnection& connection) {
  Result<NamedRows> rows = connection.QueryNamed(connection.is_mariadb() ? "SHOW ALL SLAVES STATUS"
                                                                         : "SHOW SLAVE STATUS");
  if (!rows.ok()) {
    if (!connection.alive() || rows.Is(Errc::kTimeout)) return rows.status();
    if (problem_.empty() && WordOf(rows.error()) != RowsWord::kForbidden) {
      problem_ = "replication cannot be watched: " + rows.status().ToString();
    } else if (problem_.empty()) {
      problem_ = std::string("replication cannot be watched: GRANT ") +
                 (connection.is_mariadb() ? "SLAVE MONITOR" : "REPLICATION CLIENT") +
                 " ON *.* TO the user (opendental-grants.sql)";
    }
    return Status::Ok();
  }
  for (NamedRow& row : *rows) {
    // Connecting is no stop: the other server is away, and what is here can be believed.
    const bool reads = row["Slave_IO_Running"] != "No";
    const bool applies = row["Slave_SQL_Running"] != "No";
    if (reads && applies) continue;
    const std::string& error =
        !row["Last_SQL_Error"].empty() ? row["Last_SQL_Error"] : row["Last_IO_Error"];
    frozen_ = "replication from " + Said(row["Master_Host"]) + " has stopped" +
              (error.empty() ? "" : " (" + Said(error) + ")") +
              ": start it again; until then nothing is deleted on the database's word";
    return Status::Ok();
  }
  return Status::Ok();
}

}  // namespace atozsync
