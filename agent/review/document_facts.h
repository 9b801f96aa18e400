// DocumentFacts: asks the practice's database about documents that a person looks at, on a thread
// and with a connection of its own, so that neither the loop nor the gate waits. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/agent.h"
#include "database/document_fact.h"
#include "sync/os/worker_lane.h"

namespace atozsync {

// {patient: {pat_num, name}, category, date, description, doc_num}; null where nothing is known.
Json DocumentJson(const std::optional<DocumentFact>& fact);

class DocumentFacts {
 public:
  static constexpr size_t kWaitingMax = 8;  // more are answered with nothing
  static constexpr ConnectionLimits kLimits = {2, 1};
  using Done = UniqueFunction<void(std::optional<DocumentFact>)>;

  explicit DocumentFacts(Agent& agent) : agent_(agent) {}
  ~DocumentFacts() { lane_.Stop(); }

  // `done` in a later turn, also where there is no database or it does not answer: then with
  // nothing.
  void Ask(const RelPath& path, Done done);

 private:
  std::optional<DocumentFact> LookUp(const DatabaseConfig& database, const RelPath& path);  // lane

  Agent& agent_;
  size_t waiting_ = 0;
  std::unique_ptr<DatabaseConnection> connection_;  // lane
  DatabaseConfig connected_to_;                     // lane
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  WorkerLane lane_{"documents", 1};  // last: its thread ends first
};

}  // namespace atozsync
