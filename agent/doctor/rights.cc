#include "agent/doctor/rights.h"

#include <algorithm>
#include <set>

#include "agent/doctor/grants.h"
#include "agent/format.h"

namespace atozsync {

namespace {

std::string Quoted(const std::string& name) {
  std::string quoted = "`";
  for (const char c : name) quoted += c == '`' ? "``" : std::string(1, c);
  return quoted + "`";
}

// A question that is answered when the right is there; empty where it cannot be asked here.
std::string ProbeOf(const Grant& grant, bool mariadb) {
  if (grant.privileges.contains("SLAVE MONITOR")) return mariadb ? "SHOW ALL SLAVES STATUS" : "";
  if (grant.privileges.contains("REPLICATION CLIENT")) return mariadb ? "" : "SHOW SLAVE STATUS";
  auto select = grant.privileges.find("SELECT");
  if (select == grant.privileges.end() || grant.table == "*") return "";
  std::string columns;
  for (const std::string& column : select->second) {
    columns += (columns.empty() ? "" : ",") + Quoted(column);
  }
  return "SELECT " + (columns.empty() ? "1" : columns) + " FROM " + Quoted(grant.table) +
         " LIMIT 0";
}

// Columns that are shown to people and decide nothing.
bool IsForReview(const Grant& grant) {
  if (grant.table == "definition") return true;
  auto select = grant.privileges.find("SELECT");
  if (select == grant.privileges.end()) return false;
  return std::any_of(select->second.begin(), select->second.end(), [](const std::string& column) {
    return column == "LName" || column == "Description";
  });
}

// Tables that matter while files come and go; the others are read for the consistency report only.
bool IsForReport(const Grant& grant) {
  static const std::set<std::string> kAlways = {
      "*",         "appointment", "computerpref", "document",          "ehramendment",
      "eobattach", "patient",     "preference",   "replicationserver", "securitylog"};
  return !kAlways.contains(grant.table);
}

// 'USER'@'HOST' of "USER@HOST".
std::string Account(const std::string& user) {
  const size_t at = std::min(user.rfind('@'), user.size());
  std::string account = "'" + user.substr(0, at) + "'";
  if (at < user.size()) account += "@'" + user.substr(at + 1) + "'";
  return account;
}

// The line of the file, for this user and this database.
std::string SqlFor(const GrantLine& line, const std::string& database, const std::string& account) {
  std::string sql = line.sql.substr(0, line.sql.rfind(" TO "));
  const std::string of_file = " ON " + line.grant.database + ".";
  if (size_t at = sql.find(of_file); at != std::string::npos && line.grant.database != "*") {
    sql.replace(at, of_file.size(), " ON " + Quoted(database) + ".");
  }
  return Printable(sql + " TO " + account + ";");
}

}  // namespace

Result<RightsFound> FindRights(DatabaseConnection& connection, const std::string& database) {
  RightsFound found;
  ASSIGN_OR_RETURN(Rows user, connection.Query("SELECT CURRENT_USER()", 1));
  const std::string account = Account(user.empty() ? "" : TextIn(user[0][0]));
  for (const GrantLine& line : GrantsOfFile(kGrantsSql)) {
    const std::string probe = ProbeOf(line.grant, connection.is_mariadb());
    if (probe.empty()) continue;
    Status tried = connection.Run(probe);
    if (tried.ok()) continue;
    const RowsWord word = WordOf(tried.error());
    // A table or column that this version of Open Dental does not have needs no right.
    if (word == RowsWord::kNoRows) continue;
    if (word != RowsWord::kForbidden) return tried;
    std::vector<std::string>& kind = IsForReview(line.grant)   ? found.for_review
                                     : IsForReport(line.grant) ? found.for_report
                                                               : found.missing;
    kind.push_back(SqlFor(line, database, account));
  }
  ASSIGN_OR_RETURN(Rows rows, connection.Query("SHOW GRANTS FOR CURRENT_USER()", 1));
  std::vector<Grant> grants;
  for (const Row& row : rows) {
    std::optional<Grant> grant = ParseGrant(TextIn(row[0]));
    if (grant) grants.push_back(std::move(*grant));
  }
  found.excess = ExcessOf(grants, database);
  return found;
}

Diagnosis JudgeRights(const RightsFound& rights) {
  const std::string check = "database rights";
  if (!rights.missing.empty()) {
    return {Grade::kProblem, check,
            Count(rights.missing.size(), "right is", "rights are") + " missing",
            "as an administrator of the database:\n" + Joined(rights.missing, "\n")};
  }
  if (!rights.excess.empty()) {
    return {Grade::kWarning, check,
            "the user may do more than is needed: " + Joined(rights.excess, ", "),
            "make a user of its own with packaging/opendental-grants.sql and name it in "
            "[database] url"};
  }
  if (!rights.for_report.empty()) {
    return {Grade::kWarning, check,
            "the consistency report cannot look into " +
                Count(rights.for_report.size(), "table", "tables"),
            "as an administrator of the database, unless nobody but Open Dental may read there:\n" +
                Joined(rights.for_report, "\n")};
  }
  if (!rights.for_review.empty()) {
    return {
        Grade::kOk, check,
        "the user may read what is needed; names of patients and kinds of documents are not "
        "shown in the review of conflicts. To show them, as an administrator of the database: " +
            Joined(rights.for_review, " "),
        ""};
  }
  return {Grade::kOk, check, "the user may read what is needed, and nothing else", ""};
}

}  // namespace atozsync
