// SimOffices: a cluster whose machines have databases, and the people of Open Dental at each of
// them, doing to files and rows what Open Dental does, in its order (docs/database.md): a row
// before its file, a file's going before its row's, and a row of its own for every file in a
// patient's folder that has none whenever somebody opens that patient.
//
// Says of each row that opening a patient makes whether it had to be: one for a file that has or
// had a row is the harm that the gate is there to prevent.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/sim_cluster.h"
#include "tests/sim/sim_database.h"

namespace atozsync {

class SimOffices {
 public:
  using Adjust = std::function<void(ReplicaOptions&)>;
  explicit SimOffices(uint64_t seed, const std::vector<std::string>& sites = {"A", "B"},
                      Adjust adjust = nullptr);

  SimCluster& cluster() { return cluster_; }
  SimDatabase& database() { return database_; }
  SimNode& node(const std::string& site) { return cluster_.node(site); }
  void RunFor(int64_t ms) { cluster_.RunFor(ms); }
  // Until rows and files are everywhere. False: something waits for ever.
  bool Settle();

  // A scan or an import: half-made row, its name, the file `write_ms` later.
  void Import(const std::string& site, const std::string& path, const std::string& content,
              int64_t write_ms = 3);
  // File first, its rows `row_ms` later.
  void DeleteDocument(const std::string& site, const std::string& path, int64_t row_ms = 5);
  // A file that somebody drops into the folder.
  void Drop(const std::string& site, const std::string& path, const std::string& content);
  // Something removes the file behind Open Dental's back.
  void Damage(const std::string& site, const std::string& path);
  // The import scan. Nobody is as quick as `reaction_ms` after a row went.
  void OpenPatient(const std::string& site, const std::string& folder, int64_t reaction_ms = 2'000);

  // From its next start on, the agent there has none.
  void TakeDatabaseAway(const std::string& site) { without_database_.insert(site); }

  bool Stands(const std::string& site, const std::string& path);
  // Files whose second row an import scan made; deleted ones that came back by it.
  const std::vector<std::string>& duplicates() const { return duplicates_; }
  const std::vector<std::string>& resurrections() const { return resurrections_; }

 private:
  void After(int64_t ms, std::function<void()> task);

  SimDatabase database_;
  SimCluster cluster_;
  std::vector<std::string> sites_;
  std::set<std::string> without_database_;
  std::set<std::string> deleted_;  // documents, by a person
  std::vector<std::string> duplicates_;
  std::vector<std::string> resurrections_;
};

}  // namespace atozsync
