#include "agent/doctor/database_checks.h"

#include <algorithm>

#include "agent/doctor/clock_checks.h"
#include "agent/doctor/rights.h"
#include "agent/format.h"
#include "agent/setup/practice.h"
#include "database/health_watch.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

std::string RealOrSame(const std::string& path) {
  Result<std::string> real = RealPath(path);
  return real.ok() ? *real : path;
}

// "\\SERVER\Share…" in one way of writing; empty where it is none.
std::string ShareOf(const std::string& path) {
  std::string share;
  for (char c : path) {
    if (c == '/') c = '\\';
    share += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (!share.empty() && share.back() == '\\') share.pop_back();
  return share.rfind("\\\\", 0) == 0 ? share : "";
}

void CheckPractice(DatabaseConnection& connection, const Config& config, const ThisMachine& machine,
                   Diagnoses* diagnoses) {
  Result<PracticeFacts> facts = ReadPractice(connection);
  if (!facts.ok()) {
    diagnoses->push_back({Grade::kProblem, "practice", facts.error().context, ""});
    return;
  }
  HealthWatch health;
  Status asked = health.Step(connection);
  diagnoses->push_back(asked.ok()
                           ? JudgeReplication(*facts, health.frozen(), health.problem())
                           : Diagnosis{Grade::kProblem, "replication", asked.error().context, ""});
  diagnoses->push_back(JudgeServerId(*facts));
  if (Status used = CheckFolderUsed(*facts); !used.ok()) {
    diagnoses->push_back({Grade::kProblem, "data path", used.error().context, ""});
    return;
  }
  diagnoses->push_back(JudgeRoot(*facts, machine, config.root));
  diagnoses->push_back(JudgeServers(*facts, machine));
  diagnoses->push_back(JudgeWorkstations(*facts, machine, config.root));
}

}  // namespace

Diagnoses CheckDatabase(const Config& config, const ThisMachine& machine) {
  if (!config.database.configured()) {
    return {{Grade::kWarning, "database", "none is configured: every file appears at once",
             "write [database] into the configuration (docs/database.md has the steps)"}};
  }
  Result<DatabaseSettings> settings = ParseDatabaseUrl(config.database.url);
  if (!settings.ok()) return {{Grade::kProblem, "database", settings.error().context, ""}};
  settings->password_file = config.database.password_file;
  Result<std::unique_ptr<DatabaseConnection>> connection = DatabaseConnection::Open(*settings);
  if (!connection.ok()) {
    return {{Grade::kProblem, "database", connection.error().context, ""}};
  }
  Diagnoses diagnoses;
  const std::string answers =
      settings->Name() + " answers (" + Printable((*connection)->server_version()) + ")";
  diagnoses.push_back(settings->is_local()
                          ? Diagnosis{Grade::kOk, "database", answers, ""}
                          : Diagnosis{Grade::kWarning, "database",
                                      answers + ", but it is on another machine",
                                      "name the database server of this site itself: the agent "
                                      "must see what workstations here see"});
  diagnoses.push_back(CheckServerClock(**connection, settings->Name()));
  Result<RightsFound> rights = FindRights(**connection, settings->database);
  diagnoses.push_back(
      rights.ok() ? JudgeRights(*rights)
                  : Diagnosis{Grade::kProblem, "database rights", rights.error().context, ""});
  CheckPractice(**connection, config, machine, &diagnoses);
  return diagnoses;
}

Diagnosis JudgeServerId(const PracticeFacts& facts) {
  const std::string id = std::to_string(facts.server_id);
  if (facts.servers.empty()) {
    return {Grade::kOk, "server id", "the practice has no replication servers set up", ""};
  }
  if (facts.server_id == 0) {
    return {Grade::kProblem, "server id", "the database server has no server_id",
            "set server-id in my.ini (my.cnf), another number on each server, and restart it"};
  }
  if (OwnServer(facts) == nullptr) {
    return {Grade::kWarning, "server id",
            "the server_id " + id + " is none of the practice's replication servers",
            "correct it in Open Dental: Setup, Advanced, Replication"};
  }
  const auto same =
      std::count_if(facts.servers.begin(), facts.servers.end(),
                    [&](const ServerRow& server) { return server.server_id == facts.server_id; });
  if (same > 1) {
    return {Grade::kProblem, "server id",
            "the server_id " + id + " stands in " + std::to_string(same) + " rows",
            "correct it in Open Dental: Setup, Advanced, Replication"};
  }
  return {Grade::kOk, "server id",
          "this is server " + id + ", '" + Printable(OwnServer(facts)->description) + "'", ""};
}

Diagnosis JudgeReplication(const PracticeFacts& facts, const std::string& frozen,
                           const std::string& problem) {
  const std::string check = "replication";
  if (!frozen.empty()) {
    return {Grade::kProblem, check, frozen,
            "files go on being copied; only deletions wait until this is over"};
  }
  if (!problem.empty()) return {Grade::kWarning, check, problem, ""};
  if (!facts.failed_at.empty() && facts.failed_at != "0") {
    return {Grade::kWarning, check,
            "Open Dental has recorded a failure of replication at the server with server_id " +
                Printable(facts.failed_at),
            "mend replication there, then clear it in Open Dental"};
  }
  return {Grade::kOk, check, "nothing has stopped, and no update is under way", ""};
}

Diagnosis JudgeRoot(const PracticeFacts& facts, const ThisMachine& machine,
                    const std::string& root) {
  const std::string check = "data path";
  // What workstations of this site use; those with a path of their own are looked at for
  // themselves.
  PracticeFacts of_site = facts;
  of_site.computers.clear();
  Result<ImageRoot> used = FindImageRoot(of_site, machine, IsDirectory);
  if (!used.ok()) {
    for (const std::string& path : SitePaths(facts)) {
      if (!IsOwnShare(path, machine)) continue;
      return {Grade::kOk, check,
              "Open Dental uses " + Printable(path) + ", a share of this machine; that it is " +
                  Printable(root) + " cannot be seen from here",
              ""};
    }
    return {Grade::kWarning, check,
            "whether Open Dental uses " + Printable(root) +
                " cannot be told from here: " + used.error().context,
            "make sure that what is named there is this folder"};
  }
  if (RealOrSame(used->path) == RealOrSame(root)) {
    return {Grade::kOk, check,
            "Open Dental uses " + Printable(root) + " too, as " + used->source + " says", ""};
  }
  return {Grade::kProblem, check,
          "Open Dental uses " + Printable(used->path) + ", as " + used->source +
              " says, but this replica keeps " + Printable(root),
          "correct [replica] root, or the path in Open Dental"};
}

Diagnosis JudgeServers(const PracticeFacts& facts, const ThisMachine& machine) {
  std::vector<std::string> shared;
  for (const ServerRow& server : facts.servers) {
    const bool own = facts.server_id != 0 && server.server_id == facts.server_id;
    for (const std::string& path : SplitPaths(server.image_path)) {
      const std::string share = ShareOf(path);
      if (share.empty()) continue;
      const bool twice =
          std::any_of(facts.servers.begin(), facts.servers.end(), [&](const ServerRow& other) {
            const std::vector<std::string> paths = SplitPaths(other.image_path);
            return other.server_id != server.server_id &&
                   std::any_of(paths.begin(), paths.end(),
                               [&](const std::string& theirs) { return ShareOf(theirs) == share; });
          });
      if (!twice && (own || !IsOwnShare(path, machine))) continue;
      shared.push_back(Printable(server.description) + " uses " + Printable(path));
    }
  }
  if (shared.empty()) {
    return {Grade::kOk, "other servers", "no two servers are set to use one folder", ""};
  }
  return {Grade::kWarning, "other servers", Joined(shared, "; "),
          "each server should use the folder of its own replica: correct AtoZ Path in Setup, "
          "Advanced, Replication"};
}

Diagnosis JudgeWorkstations(const PracticeFacts& facts, const ThisMachine& machine,
                            const std::string& root) {
  std::vector<std::string> elsewhere;
  for (const ComputerRow& computer : facts.computers) {
    std::optional<std::string> local = LocalPath(computer.image_path, machine);
    if (local && RealOrSame(*local) == RealOrSame(root)) continue;
    // Not known as a folder here, but a folder of this machine all the same.
    if (!local && IsOwnShare(computer.image_path, machine)) continue;
    elsewhere.push_back(Printable(computer.name) + " (" + Printable(computer.image_path) + ")");
  }
  if (elsewhere.empty()) {
    return {Grade::kOk, "workstations", "none is set to a folder of its own", ""};
  }
  return {Grade::kWarning, "workstations",
          Count(elsewhere.size(), "workstation has", "workstations have") +
              " a path of its own: " + Joined(elsewhere, ", "),
          "what is written to a folder that no replica keeps does not reach the others: clear "
          "\"This computer\" in Setup, Data Paths there, unless it names the folder of a replica"};
}

}  // namespace atozsync
