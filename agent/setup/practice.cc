#include "agent/setup/practice.h"

#include <utility>

namespace atozsync {

namespace {

Status ReadPreferences(DatabaseConnection& connection, PracticeFacts* facts) {
  const std::pair<const char*, std::string*> wanted[] = {
      {"AtoZfolderUsed", &facts->folder_used},
      {"DocPath", &facts->doc_path},
      {"UpdateInProgressOnComputerName", &facts->update_on},
      {"ReplicationFailureAtServer_id", &facts->failed_at}};
  std::string names;
  for (const auto& [name, value] : wanted) {
    names += (names.empty() ? "" : ",") + SqlText(name);
  }
  ASSIGN_OR_RETURN(Rows rows,
                   connection.Query("SELECT PrefName, ValueString FROM preference WHERE PrefName "
                                    "IN (" +
                                        names + ")",
                                    2));
  for (const Row& row : rows) {
    for (const auto& [name, value] : wanted) {
      if (TextIn(row[0]) == name) *value = TextIn(row[1]);
    }
  }
  return Status::Ok();
}

}  // namespace

Result<PracticeFacts> ReadPractice(DatabaseConnection& connection) {
  const std::string limit = " LIMIT " + std::to_string(PracticeFacts::kRowsMax);
  PracticeFacts facts;
  TRY(ReadPreferences(connection, &facts));
  ASSIGN_OR_RETURN(Rows id, connection.Query("SELECT @@server_id", 1));
  if (!id.empty()) facts.server_id = static_cast<uint64_t>(NumberIn(id[0][0]).value_or(0));
  ASSIGN_OR_RETURN(Rows servers,
                   connection.Query("SELECT Descript, ServerId, AtoZpath FROM replicationserver "
                                    "ORDER BY ServerId" +
                                        limit,
                                    3));
  for (const Row& row : servers) {
    facts.servers.push_back(
        {TextIn(row[0]), static_cast<uint64_t>(NumberIn(row[1]).value_or(0)), TextIn(row[2])});
  }
  ASSIGN_OR_RETURN(Rows computers,
                   connection.Query("SELECT ComputerName, AtoZpath FROM computerpref WHERE "
                                    "AtoZpath<>'' ORDER BY ComputerName" +
                                        limit,
                                    2));
  for (const Row& row : computers) {
    facts.computers.push_back({TextIn(row[0]), TextIn(row[1])});
  }
  return facts;
}

}  // namespace atozsync
