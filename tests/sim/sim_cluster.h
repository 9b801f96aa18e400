// SimCluster: a whole cluster from one seed, with words in which a scenario reads as a story:
//   c.Write("A", "S/Smith12/x.jpg", "1"); c.Partition("A", "B"); … c.Settle(); c.ExpectConverged();
//
// User actions go through here so that the checkers (checkers.h) know what was ever written and
// what its own user took away. What goes wrong is a test failure, or goes to the one who asked for
// it by SetOnViolation(). Single-threaded; owns everything.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sim_network.h"
#include "tests/sim/sim_node.h"

namespace atozsync {

class SimCluster {
 public:
  using Adjust = std::function<void(SimNodeOptions&)>;
  // The first one founds the cluster, the others join it; all know each other.
  explicit SimCluster(uint64_t seed, const std::vector<std::string>& names = {"A", "B"},
                      Adjust adjust = nullptr);
  ~SimCluster();

  SimNode& node(const std::string& name) { return *nodes_.at(name); }
  std::map<std::string, std::unique_ptr<SimNode>>& nodes() { return nodes_; }
  SimScheduler& scheduler() { return scheduler_; }
  SimNetwork& network() { return network_; }

  // A machine that nobody knows yet; not started.
  SimNode& AddNode(const std::string& name, bool founder = false);
  // `newcomer` shows an invitation to `via` and is then known to all; not started. False: refused.
  bool Join(const std::string& newcomer, const std::string& via);
  // The machine burns down. What stood there alone is gone with it.
  void Scrap(const std::string& name);
  void StartAll();

  // --- what users do ---
  void Write(const std::string& node, const std::string& path, const std::string& content);
  void Replace(const std::string& node, const std::string& path, const std::string& content);
  void Delete(const std::string& node, const std::string& path);
  void Rename(const std::string& node, const std::string& from, const std::string& to);
  void MakeDir(const std::string& node, const std::string& path);
  void Touch(const std::string& node, const std::string& path, int64_t mtime_ns);
  // A copy of the whole folder, times and all, as a person makes with a disk.
  void CopyFolder(const std::string& from, const std::string& to);
  std::string Read(const std::string& node, const std::string& path);  // "(nothing)" if not there
  // A path that the engine may use although no user ever did (a "keep both" name).
  void AllowPath(const std::string& path) { paths_used_.insert(path); }
  void AllowPrefix(const std::string& prefix) { prefixes_.push_back(prefix); }
  bool MayStand(const std::string& path) const;  // somebody made it, or it is allowed
  void NoteWritten(const std::string& content);
  // Bytes that a user had in a file on the way to what he saves, or when he could not save.
  void NotePartial(const std::string& content) { partial_.insert(content); }
  // A user knowingly gives up this content (by a decision about a conflict, say).
  void NoteReleased(const std::string& content) { released_.insert(content); }
  // The contents at and below a path: their user takes them away knowingly.
  void Release(const std::string& node, const std::string& path);
  void NotePath(const std::string& path);
  // A user at `path` saved `content` over `old`, which he had before him.
  void NoteOverwrite(const std::string& path, const std::string& old, const std::string& content);

  // --- what happens to machines and links ---
  // These two can never reach each other directly: a hub, a ring.
  void Sever(const std::string& a, const std::string& b);
  // … but now they can.
  void JoinSevered();
  void Partition(const std::string& a, const std::string& b);
  void Heal(const std::string& a, const std::string& b);
  void HealAll();
  void RunFor(int64_t ms);

  // --- what went wrong ---
  using OnViolation = std::function<void(const std::string& what)>;
  void SetOnViolation(OnViolation handler) { on_violation_ = std::move(handler); }
  void Violate(const std::string& what);
  bool violated() const { return violated_; }

  // Runs until all running machines that can reach each other have nothing left to do.
  bool Settle(int64_t max_s = 900);
  // Until deletions are forgotten, late looks are over and nothing moves any more.
  void Quiesce();
  std::string Describe();

  uint64_t content_bytes_received();  // by all running replicas, from peers, in these lives
  const std::set<std::string>& written() const { return written_; }
  const std::set<std::string>& released() const { return released_; }
  const std::set<std::string>& partial() const { return partial_; }
  // What bits that rotted made of a content. Where it was replaced before anybody read it again, it
  // is kept as it is; whoever wants it restored is told that these are not the right bytes.
  void NoteRotten(const std::string& content) { rotten_.insert(content); }
  bool IsRotten(const std::string& content) const { return rotten_.contains(content); }
  using PathContent = std::pair<std::string, std::string>;
  // What each content was saved over, by path.
  const std::map<PathContent, std::set<std::string>>& overwrites() const { return overwrites_; }

 private:
  static constexpr int64_t kPollMs = 100;
  static constexpr int kAnswerPolls = 300;           // slow lines need seconds for a question
  static constexpr uint64_t kEventsMax = 5'000'000;  // of one RunFor(): more is a livelock

  bool CalmNow();
  bool AskAllSettled();
  int64_t SecondsUnderLimits();  // all running and reachable
  bool CutOff(const std::string& a, const std::string& b) const;
  // False, and said, when `status` is an error.
  bool Expect(const Status& status);

  SimScheduler scheduler_;
  SimNetwork network_;
  Adjust adjust_;
  std::map<std::string, std::unique_ptr<SimNode>> nodes_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::set<std::pair<std::string, std::string>> severed_;
  size_t nodes_made_ = 0;
  OnViolation on_violation_;
  bool violated_ = false;
  std::set<std::string> written_;   // every content that a user ever closed under a name
  std::set<std::string> released_;  // … and that a user replaced or deleted where it stood
  std::set<std::string> partial_;
  std::set<std::string> rotten_;
  std::set<std::string> paths_used_;
  std::vector<std::string> prefixes_;
  std::map<PathContent, std::set<std::string>> overwrites_;
};

}  // namespace atozsync
