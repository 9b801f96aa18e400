// Alerts: tells the program or the address of [alert] what begins to need a person and what is
// over, one after the other, each again a few times where that fails. Loop thread only.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/alert/alert_book.h"
#include "sync/os/child_process.h"
#include "sync/os/worker_lane.h"

namespace atozsync {

// {event, what, about, text, count, since, time, replica}, and details where they are wanted.
Json AlertJson(const Alert& alert, const std::string& replica, int64_t wall_ms, bool details);

class Alerts {
 public:
  static constexpr size_t kWaitingMax = 100;  // older ones are dropped, and the log says so
  static constexpr int kTriesMax = 4;
  static constexpr int64_t kCommandMs = 30'000;
  static constexpr int64_t kRetryMs[kTriesMax - 1] = {5'000, 30'000, 120'000};

  // The agent outlives it.
  explicit Alerts(Agent& agent) : agent_(agent) {}
  ~Alerts();

  // What needs a person at the moment.
  void Look(const std::vector<Trouble>& troubles);

 private:
  struct Message {
    std::string json;
    bool command_done = false;
    bool url_done = false;
    int tries = 0;
  };
  void Next();
  void RunCommand();
  void Post();
  void OnTried(const Status& status);

  Agent& agent_;
  AlertBook book_;
  std::deque<Message> waiting_;  // the first is being sent while busy_
  bool busy_ = false;
  TimerId retry_timer_ = 0;
  std::unique_ptr<ChildProcess> child_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  WorkerLane lane_{"alerts", 1};  // last: its thread ends first
};

}  // namespace atozsync
