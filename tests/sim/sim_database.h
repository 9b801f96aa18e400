// SimDatabase: the practice's databases – one server per machine, each with a copy of the rows that
// name files, replicating with a lag of its own – and SimRows, one agent's connection to its own.
//
// A statement takes effect at its server at once and at every other in the order in which its
// server made it, some time later; never while replication there stands still. Single-threaded;
// outlives the cluster whose agents ask it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/base/row_source.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {

using SimRowId = uint64_t;

class SimDatabase {
 public:
  struct Row {
    std::string path;      // what it names; empty: half-made
    int64_t gone_ns = -1;  // at a server: since when it is not there; -1: it is
  };

  explicit SimDatabase(uint64_t seed) : random_(seed) {}
  // Before anything else. `sites`: the names of the machines.
  void Attach(SimScheduler& scheduler, const std::vector<std::string>& sites);

  // --- what programs do at a site ---
  SimRowId Insert(const std::string& site, const std::string& path);
  void Update(const std::string& site, SimRowId id, const std::string& path);
  void Delete(const std::string& site, SimRowId id);
  // The live rows that name `path` there.
  std::vector<SimRowId> Naming(const std::string& site, const std::string& path) const;
  // When the last row that named it went there; nothing while one does, or if none ever did.
  std::optional<int64_t> GoneSince(const std::string& site, const std::string& path) const;
  // Did any server ever have a row of that name?
  bool EverNamed(const std::string& path) const;

  // --- what happens to servers ---
  void SetLag(const std::string& site, int64_t min_ms, int64_t max_ms);
  void SetUp(const std::string& site, bool up);
  // How long each look-up takes.
  void SetAnswerDelay(const std::string& site, int64_t ms) { servers_.at(site).answer_ms = ms; }
  bool up(const std::string& site) const { return servers_.at(site).up; }
  // Stopped: what comes waits. `known`: the server tells that it has stopped.
  void SetReplicating(const std::string& site, bool replicating, bool known = true);
  // The server says that patients of this folder come soon.
  void Urge(const std::string& site, const std::string& folder);
  // Permille of hints that do not come.
  void SetHintsLost(uint32_t permille) { hints_lost_permille_ = permille; }
  // How many questions the agent there has asked, and the paths in the largest.
  uint64_t questions(const std::string& site) const { return servers_.at(site).questions; }
  size_t largest_question(const std::string& site) const { return servers_.at(site).largest; }
  void ForgetQuestions(const std::string& site);
  // Everything that was made is everywhere.
  bool Level() const;

  std::unique_ptr<RowSource> Connect(const std::string& site);

 private:
  friend class SimRows;
  struct Change {
    SimRowId id = 0;
    std::string path;
    bool remove = false;
    int64_t made_ns = 0;
  };
  struct Server {
    bool up = true;
    bool replicating = true;
    bool stop_known = true;
    int64_t answer_ms = 0;
    uint64_t questions = 0;
    size_t largest = 0;
    int64_t lag_min_ms = 0;
    int64_t lag_max_ms = 0;
    std::map<SimRowId, Row> rows;
    std::map<std::string, std::set<SimRowId>> by_path;
    std::map<std::string, std::deque<Change>> relay;  // by origin, in its order
    std::set<std::string> relay_busy;                 // one on its way per origin
    std::set<class SimRows*> connected;
  };

  void Make(const std::string& site, const Change& change);
  void Apply(const std::string& site, const Change& change);
  void PumpRelay(const std::string& site, const std::string& origin);
  void Hint(Server& server, const std::string& path);

  SimScheduler* scheduler_ = nullptr;
  SimRandom random_;
  std::map<std::string, Server> servers_;
  std::set<std::string> ever_named_;
  SimRowId last_id_ = 0;
  uint32_t hints_lost_permille_ = 0;
};

}  // namespace atozsync
