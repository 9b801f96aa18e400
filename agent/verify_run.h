// VerifyRun: one run of the consistency report for somebody who reads its lines: on a thread and
// with a database connection of its own, so that neither the loop nor the gate waits for it.
//
// Made and destroyed on the loop thread; destroying it ends the run, waiting for the statement that
// the server is at (ConnectionLimits). It ends by itself when nobody reads any more.
#pragma once

#include <memory>

#include "agent/agent.h"
#include "agent/control_server.h"
#include "database/report.h"
#include "database/settings.h"
#include "sync/os/worker_lane.h"

namespace atozsync {

struct VerifyRequest {
  DatabaseSettings settings;
  bool cluster = false;
  uint64_t limit = 0;  // findings that are listed; 0 = all
};

class VerifyRun {
 public:
  static constexpr size_t kFindingsPerLine = 100;
  static constexpr int64_t kProgressMs = 500;  // between lines of progress

  // `agent` outlives it. `done` once, on the loop thread, in a later turn; it may destroy the run.
  VerifyRun(Agent& agent, VerifyRequest request, ControlHandler::Line line,
            std::shared_ptr<StreamReader> reader, ControlHandler::Done done);
  ~VerifyRun();

 private:
  void Work();                         // report's thread
  Result<ReportCounts> Make();         // report's thread
  void Take(const Finding& finding);   // report's thread
  void Show(const std::string& text);  // report's thread
  void SendFindings();                 // report's thread
  void Finish(Result<ReportCounts> counts);

  Agent& agent_;
  const VerifyRequest request_;
  const ControlHandler::Line line_;
  const std::shared_ptr<StreamReader> reader_;
  ControlHandler::Done done_;
  Interrupt interrupt_;
  const int64_t began_ms_;

  // Report's thread.
  Json findings_ = Json::array();
  uint64_t listed_ = 0;
  int64_t shown_ms_ = 0;

  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  WorkerLane lane_{"verify-db", 1};  // last: its thread ends first
};

}  // namespace atozsync
