#include "agent/review/path_search.h"

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr size_t kTextBytesMax = 1024;
constexpr size_t kDefaultLimit = 50;

}  // namespace

void PathSearch::Serve(const Json& body, ControlHandler::Done done) {
  auto run = std::make_shared<Run>();
  run->text = TextAt(body, "text");
  run->offset = NumberAt(body, "offset");
  const uint64_t limit = NumberAt(body, "limit");
  run->limit = limit == 0 ? kDefaultLimit : std::min<uint64_t>(limit, kPageMax);
  if (run->text.empty()) return done(ErrorReply(400, "text: what the path contains is missing"));
  if (run->text.size() > kTextBytesMax || run->offset > kOffsetMax) {
    return done(ErrorReply(400, "too much: give more of the path instead"));
  }
  if (running_ >= kAtOnce) {
    return done(
        ErrorReply(503, "two searches are under way already: try again when they are done"));
  }
  ++running_;
  run->until_ms = agent_.executor().clock().MonoMs() + kTimeMs;
  run->done = std::move(done);
  Turn(run);
}

bool PathSearch::Take(Run& run, const FoundPaths& found) {
  for (const FoundPath& path : found.paths) {
    if (run.found++ < run.offset) continue;
    if (run.paths.size() >= run.limit) return true;
    Json json = {{"live", path.live},
                 {"size", path.size},
                 {"mtime", UtcTimeOfNs(path.mtime_ns)},
                 {"versions", path.versions}};
    PutPath(json, path.path);
    run.paths.push_back(std::move(json));
  }
  return false;
}

void PathSearch::Turn(const std::shared_ptr<Run>& run) {
  auto answer = [&](ControlReply reply) {
    --running_;
    run->done(std::move(reply));
  };
  Replica* replica = agent_.replica();
  if (replica == nullptr) return answer(ErrorReply(503, "the agent starts over: try again"));
  FoundPaths found = replica->FindPaths(run->at, run->text, kRowsPerTurn);
  const bool more = Take(*run, found);
  const bool late = agent_.executor().clock().MonoMs() > run->until_ms;
  if (more || late || found.end) {
    return answer({200, {{"paths", std::move(run->paths)}, {"more", more || !found.end}}});
  }
  run->at = std::move(found.next);
  agent_.executor().Post([this, run, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) Turn(run);
  });
}

}  // namespace atozsync
