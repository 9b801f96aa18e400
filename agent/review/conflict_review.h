// ConflictReview: the requests about conflicts – finding them, showing both sides, saying what a
// decision would do, deciding many at once and taking that back. Loop thread only; the agent
// outlives it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/control_handler.h"
#include "agent/review/document_facts.h"

namespace atozsync {

class ConflictReview {
 public:
  static constexpr size_t kPageMax = 500;
  static constexpr size_t kIdsMax = 1000;   // of one preview, one decision
  static constexpr size_t kUndosMax = 100;  // decisions of many that can be taken back as one

  explicit ConflictReview(Agent& agent) : agent_(agent), documents_(agent) {}

  // False: not a request about conflicts (`done` was not used).
  bool Serve(Replica& replica, const ControlRequest& request, ControlHandler::Done& done);

 private:
  struct Decided {
    std::string undo;
    std::vector<ContentHash> ids;
  };
  bool ServeOne(Replica& replica, const ControlRequest& request, ControlHandler::Done& done);
  Json List(Replica& replica);
  ControlReply Query(Replica& replica, const Json& body);
  void Show(Replica& replica, const ConflictRecord& record, ControlHandler::Done done);
  void Content(Replica& replica, const ConflictRecord& record, const std::string& side,
               bool download, ControlHandler::Done done);
  ControlReply Preview(Replica& replica, const Json& body);
  void Resolve(const Json& body, ControlHandler::Done done);
  void Undo(Replica& replica, const std::string& undo, ControlHandler::Done done);
  void Export(Replica& replica, const std::string& name, ControlHandler::Done done);

  Agent& agent_;
  DocumentFacts documents_;
  std::deque<Decided> decided_;  // newest last
  uint64_t last_undo_ = 0;
};

}  // namespace atozsync
