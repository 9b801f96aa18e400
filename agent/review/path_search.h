// PathSearch: looks through all paths, a few thousand in each turn of the loop, until a page is
// full. Loop thread only; the agent outlives it.
#pragma once

#include <memory>
#include <string>

#include "agent/agent.h"
#include "agent/control_handler.h"

namespace atozsync {

class PathSearch {
 public:
  static constexpr size_t kPageMax = 200;
  static constexpr size_t kRowsPerTurn = 2'000;
  static constexpr uint64_t kOffsetMax = 100'000;
  static constexpr size_t kAtOnce = 2;
  static constexpr int64_t kTimeMs = 20'000;  // then the page is what was found

  explicit PathSearch(Agent& agent) : agent_(agent) {}

  // {text, offset, limit} → {paths: [{path, live, size, mtime, versions}], more}
  void Serve(const Json& body, ControlHandler::Done done);

 private:
  struct Run {
    std::string text;
    uint64_t offset = 0;
    size_t limit = 0;
    uint64_t found = 0;
    int64_t until_ms = 0;
    PathCursor at;
    Json paths = Json::array();
    ControlHandler::Done done;
  };
  void Turn(const std::shared_ptr<Run>& run);
  // True: the page is full, and there is one more.
  static bool Take(Run& run, const FoundPaths& found);

  Agent& agent_;
  size_t running_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync
