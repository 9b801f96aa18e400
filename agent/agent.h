// Agent: what keeps one replica running – builds the Runtime from the configuration, builds it anew
// when the configuration changes, the folder comes back or the index is lost, and answers for the
// engine what only the program knows (members, invitations, the log).
//
// Loop thread only. Never destroys the runtime inside a call of the engine: that waits for a later
// turn. While the runtime cannot be built it is tried again every kRetryMs, and report() says why.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/join_adopt.h"
#include "agent/json_reports.h"
#include "agent/logging.h"
#include "agent/runtime.h"

namespace atozsync {

class Agent final : public ReplicaHost {
 public:
  static constexpr int64_t kRetryMs = 5'000;

  // All outlive the agent.
  struct Parts {
    UvExecutor& executor;
    Random& random;
    const StateDir& state;
    const protocol::Identity& identity;
    Logger& logger;
  };

  Agent(const Parts& parts, Config config);
  ~Agent() override;

  // Builds the runtime for the first time. An error: not even trying again would help (an address
  // that is in use, no rights). A missing folder is not one.
  Status Start();
  // Rereads the configuration. An error: it is wrong, and nothing has changed.
  Status Reload();
  // Puts this replica into another cluster; its index starts anew.
  Status Join(const ClusterToJoin& cluster);
  Status AddPeer(const PeerConfig& peer);
  Status RemovePeer(const std::string& name_or_id);
  Status SetPaused(bool paused);
  void Stop();

  // Null while there is none.
  Replica* replica() { return runtime_ == nullptr ? nullptr : &runtime_->replica(); }
  FileSystem* files() { return runtime_ == nullptr ? nullptr : &runtime_->files(); }
  Index* index() { return runtime_ == nullptr ? nullptr : &runtime_->index(); }
  UvExecutor& executor() { return parts_.executor; }
  const Config& config() const { return config_; }
  const StateDir& state() const { return parts_.state; }
  ReplicaReport report();
  const std::optional<DatabaseCounts>& database_counts() const { return database_counts_; }
  void SetDatabaseCounts(const DatabaseCounts& counts) { database_counts_ = counts; }
  ReplicaFacts facts() const;
  ReplicaNames names() const;

  // After the configuration was read again.
  std::function<void()> on_config;

  // ReplicaHost
  void OnMembers(const std::vector<protocol::MemberInfo>& members) override;
  protocol::JoinReply OnJoinRequest(const ReplicaId& from,
                                    const protocol::JoinRequest& request) override;
  void OnRestartNeeded(RestartReason reason, const std::string& why) override;
  void Log(LogLevel level, const std::string& text) override;

 private:
  Status BuildRuntime();
  // The upload limit that the configuration names for this hour; again at the next full minute,
  // where there is a schedule.
  void ApplyUploadLimit();
  void Rebuild();
  void RetryLater();
  void Restart(RestartReason reason);
  Status StoreKnownMembers();
  protocol::MemberInfo Self() const;
  std::string PausedFile() const { return parts_.state.path() + "/paused"; }

  const Parts parts_;
  Config config_;
  std::unique_ptr<Runtime> runtime_;
  std::vector<protocol::MemberInfo> members_;  // as the engine last told them; removed ones too
  bool members_unsaved_ = false;
  std::optional<DatabaseCounts> database_counts_;  // of the last comparison
  Status start_error_;                             // why there is no runtime
  TimerId retry_timer_ = 0;
  uint64_t upload_limit_ = 0;  // as last said in the log
  TimerId upload_timer_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync
