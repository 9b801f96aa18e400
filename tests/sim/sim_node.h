// SimNode: one machine of a simulated cluster – disk, index, clock – and, while it runs, the
// process on it: executor, hints, transport and the engine itself, built anew for each life.
//
// Plays the program around the engine: stores the members, answers invitations, makes a new index
// when the engine asks for it. Single-threaded; scheduler and network outlive it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sync/engine/replica.h"
#include "sync/index/mem_index.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_hint_source.h"
#include "tests/sim/sim_network.h"

namespace atozsync {

struct SimNodeOptions {
  std::string name;
  ReplicaId id;
  bool founder = false;
  Authority authority = Authority::kInviter;
  int64_t skew_ns = 0;
  SimFileSystemOptions files;
  SimExecutorOptions executor;
  SimHintOptions hints;
  std::function<void(ReplicaOptions&)> adjust;  // what differs from the small usual values
  // A connection to the machine's database, for one life; null: there is none.
  std::function<std::unique_ptr<RowSource>(const std::string& name)> rows;
};

Bytes SimClusterSecret();

class SimNode final : public ReplicaHost {
 public:
  SimNode(SimScheduler& scheduler, SimNetwork& network, SimNodeOptions options);
  ~SimNode() override;

  const std::string& name() const { return options_.name; }
  const ReplicaId& id() const { return options_.id; }
  PeerConfig AsPeer() const;
  SimFileSystem& files() { return files_; }
  const SimFileSystem& files() const { return files_; }
  MemIndex& index() { return *index_; }
  SimClock& clock() { return clock_; }
  // REQUIRES: running().
  Replica& replica() { return *replica_; }
  SimHintSource& hints() { return *hints_; }
  SimTransport& transport() { return *transport_; }
  bool running() const { return replica_ != nullptr; }

  // Only before a start.
  void SetPeers(std::vector<PeerConfig> peers) { peers_ = std::move(peers); }
  const std::vector<PeerConfig>& peers() const { return peers_; }
  const std::vector<protocol::MemberInfo>& removed() const { return removed_; }
  void SetHintOptions(const SimHintOptions& hints) { options_.hints = hints; }  // of later lives
  void SetAuthority(Authority authority) { options_.authority = authority; }
  // The file of the index is gone: the next start has a new, empty one.
  void LoseIndex();
  // An older copy of the index is put back.
  void PutIndexBack(std::unique_ptr<MemIndex> older);
  // That of the index of this machine, whichever it has by then.
  void SetCommitHook(MemIndex::CommitHook hook);

  void Start();
  void KillProcess();
  // The power goes; what was not synced is there or not, by lot.
  void LosePower();
  // The same out of a file system hook: the job under way fails from here on, the rest follows at
  // once.
  void LosePowerInJob();

  // The process dies out of a file system hook: the call under way is not made, nor any after it.
  void KillInJob();

  int restarts_asked() const { return restarts_asked_; }
  bool index_set_back() const { return index_set_back_; }  // ever
  int index_losses() const { return index_losses_; }
  // Starts that had an interrupted change to finish or to undo.
  int recoveries() const { return recoveries_; }
  const std::deque<std::string>& log() const { return log_; }
  std::string Describe();

  // ReplicaHost
  void OnMembers(const std::vector<protocol::MemberInfo>& members) override;
  protocol::JoinReply OnJoinRequest(const ReplicaId& from,
                                    const protocol::JoinRequest& request) override;
  void OnRestartNeeded(RestartReason reason, const std::string& why) override;
  void Log(LogLevel level, const std::string& text) override;

 private:
  static constexpr size_t kLogLinesMax = 60;

  ReplicaOptions EngineOptions() const;
  void NewIndex(bool founder, Authority authority);
  void DestroyProcess(SimNetwork::Death death);

  SimScheduler& scheduler_;
  SimNetwork& network_;
  SimNodeOptions options_;
  SimRandom random_;
  SimClock clock_;
  SimFileSystem files_;
  std::unique_ptr<MemIndex> index_;
  MemIndex::CommitHook commit_hook_;
  std::vector<PeerConfig> peers_;
  std::vector<protocol::MemberInfo> removed_;
  int life_ = 0;
  int restarts_asked_ = 0;
  int index_losses_ = 0;
  bool index_set_back_ = false;
  int recoveries_ = 0;
  std::deque<std::string> log_;
  // The process; destroyed in the reverse order.
  std::unique_ptr<SimRandom> engine_random_;
  std::unique_ptr<SimExecutor> executor_;
  std::unique_ptr<SimHintSource> hints_;
  std::unique_ptr<SimTransport> transport_;
  std::unique_ptr<RowSource> rows_;
  std::unique_ptr<Replica> replica_;
};

}  // namespace atozsync
