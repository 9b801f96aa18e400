// HostileWorld: a victim – one real replica with a few files – and a hostile member beside it; and,
// at the end, an honest replica that comes to the victim after all that.
//
// Watches what must hold whatever the hostile member does (docs/simulation.md, "A hostile member"):
// what breaks is collected as text in problems(), so that tests and the fuzzer share it.
// Single-threaded; owns everything.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sync/engine/ignore.h"
#include "tests/fuzz/hostile/hostile_peer.h"
#include "tests/sim/sim_node.h"

namespace atozsync {

class HostileWorld {
 public:
  using Adjust = std::function<void(SimNodeOptions&)>;
  // `big_bytes`: the length of big.dcm.
  explicit HostileWorld(uint64_t seed, Adjust adjust = nullptr, size_t big_bytes = 400'000);
  ~HostileWorld();

  SimScheduler& scheduler() { return scheduler_; }
  SimNetwork& network() { return network_; }
  SimNode& victim() { return *victim_; }
  HostilePeer& peer() { return *peer_; }
  MemIndex& index() { return victim_->index(); }

  // --- the victim's own user ---
  void Write(const std::string& path, const std::string& content);
  void Delete(const std::string& path);
  std::string Read(const std::string& path);  // "(nothing)" where no file is

  // False, and a problem, when there are more events than this time and these bytes can explain.
  bool RunFor(int64_t ms);
  // The peer dials, says Hello and has heard the victim's rows.
  bool Connect();
  // Runs until there is nothing left to do at the victim, as it says itself; at most `max_ms`.
  bool RunUntilIdle(int64_t max_ms = 120'000);

  // The honest replica, connected to the victim as a member; the hostile one stays what it is.
  SimNode& StartThird();
  bool SettleWithThird(int64_t max_s = 400);
  // A person removes the hostile member and invites an honest one: they must come to agree. False,
  // and a problem, when they do not.
  bool SettleAfterwards();
  // Edits on both sides then must arrive; the checks at rest.
  void EditAfterwards();
  void Finish() {
    if (SettleAfterwards()) EditAfterwards();
  }

  // Looks at what must hold at any time.
  void Check();
  const std::vector<std::string>& problems() const { return problems_; }
  std::string Describe();

 private:
  void OnCall(FsCall call, const RelPath& path, const RelPath& other);
  void CheckPlace(FsCall call, const RelPath& path);
  void CheckNothingLost();
  void CheckStructure();
  void Problem(const std::string& text);

  SimScheduler scheduler_;
  SimNetwork network_;
  std::unique_ptr<SimNode> victim_;
  std::unique_ptr<SimNode> third_;
  std::unique_ptr<HostilePeer> peer_;
  const IgnoreRules ignore_;
  std::set<std::string> written_;   // contents of the victim's user …
  std::set<std::string> released_;  // … and those that this user replaced or deleted
  uint64_t steps_allowed_ = 0;
  uint64_t bytes_charged_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace atozsync
