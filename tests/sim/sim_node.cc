#include "tests/sim/sim_node.h"

#include <sstream>

#include "sync/engine/hasher.h"

namespace atozsync {

Bytes SimClusterSecret() {
  Bytes secret(kClusterSecretBytes);
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<uint8_t>(i * 7 + 3);
  return secret;
}

SimNode::SimNode(SimScheduler& scheduler, SimNetwork& network, SimNodeOptions options)
    : scheduler_(scheduler),
      network_(network),
      options_(std::move(options)),
      random_(scheduler.random().Fork(options_.name + "/machine")),
      clock_(scheduler, options_.skew_ns),
      files_(clock_, random_.Fork("files"), options_.files) {
  network_.AddNode(options_.name, options_.id);
  CHECK(Replica::InitRoot(files_, "root of " + options_.name).ok());
  files_.SyncAll();
  NewIndex(options_.founder, options_.authority);
}

SimNode::~SimNode() {
  if (running()) DestroyProcess(SimNetwork::Death::kProcess);
}

PeerConfig SimNode::AsPeer() const {
  return {options_.id, options_.name, {options_.name + ":1"}};
}

void SimNode::NewIndex(bool founder, Authority authority) {
  index_ = std::make_unique<MemIndex>(random_.Next() | 1);
  uint32_t incarnation = static_cast<uint32_t>(random_.Next()) | 1;
  CHECK(Replica::InitIndex(*index_, options_.id, incarnation, founder, authority).ok());
  index_->SetCommitHook(commit_hook_);
}

void SimNode::PutIndexBack(std::unique_ptr<MemIndex> older) {
  CHECK(!running());
  index_ = std::move(older);
  index_set_back_ = true;
  index_->SetCommitHook(commit_hook_);
}

void SimNode::SetCommitHook(MemIndex::CommitHook hook) {
  commit_hook_ = std::move(hook);
  index_->SetCommitHook(commit_hook_);
}

void SimNode::LoseIndex() {
  CHECK(!running());
  NewIndex(false, Authority::kNewest);
}

ReplicaOptions SimNode::EngineOptions() const {
  ReplicaOptions options;
  options.id = options_.id;
  options.name = options_.name;
  options.program_version = "sim";
  options.cluster_secret = SimClusterSecret();
  options.listen_addresses = {options_.name + ":1"};
  options.rescan_interval_ms = 60'000;
  options.settle_ms = 20;
  options.racy_window_ms = 5;
  options.free_bytes_min = 0;
  options.tombstone_gossip_ms = 2'000;
  options.tombstone_keep_ms = 0;
  options.session = {.ping_after_ms = 3'000, .silence_max_ms = 9'000};
  options.content_streams = {.count = 0, .round_trip_min_ms = 0, .bulk_bytes_min = 1};
  options.reconnect_min_ms = 50;
  options.reconnect_max_ms = 2'000;
  if (options_.adjust) options_.adjust(options);
  return options;
}

void SimNode::Start() {
  CHECK(!running());
  ++life_;
  index_->ClearErrors();
  std::string life = options_.name + "/" + std::to_string(life_);
  engine_random_ = std::make_unique<SimRandom>(scheduler_.random().Fork(life + "/engine"));
  executor_ = std::make_unique<SimExecutor>(scheduler_, life, options_.executor);
  hints_ = std::make_unique<SimHintSource>(scheduler_, files_, life, options_.hints);
  transport_ = std::make_unique<SimTransport>(scheduler_, network_, options_.name);
  CHECK(transport_->Listen(options_.name + ":1").ok());
  if (options_.rows) rows_ = options_.rows(options_.name);
  Replica::Parts parts{clock_,      *engine_random_, *executor_, files_,     *index_,
                       *transport_, *hints_,         *this,      rows_.get()};
  replica_ = std::make_unique<Replica>(parts, EngineOptions(), peers_, removed_);
  Status started = replica_->Start();
  if (!started.ok()) Log(LogLevel::kError, "start: " + started.ToString());
}

void SimNode::DestroyProcess(SimNetwork::Death death) {
  network_.Kill(options_.name, death);
  executor_->Kill();
  hints_->Stop();
  replica_.reset();
  rows_.reset();
  transport_.reset();
  hints_.reset();
  executor_.reset();
  engine_random_.reset();
}

void SimNode::KillProcess() {
  if (!running()) return;
  Log(LogLevel::kInfo, "--- killed ---");
  DestroyProcess(SimNetwork::Death::kProcess);
}

void SimNode::LosePower() {
  if (!running() && files_.powered()) return;
  Log(LogLevel::kInfo, "--- power lost ---");
  if (running()) DestroyProcess(SimNetwork::Death::kPower);
  SimRandom lot = random_.Fork("crash/" + std::to_string(life_));
  files_.Crash(lot);
}

void SimNode::LosePowerInJob() {
  if (!running() || !files_.powered()) return;
  files_.PowerOff();
  executor_->Kill();
  scheduler_.After(0, options_.name + " power off", [this] { LosePower(); });
}

void SimNode::KillInJob() {
  if (!running() || !files_.powered()) return;
  files_.PowerOff();  // until the job has reached its end
  executor_->Kill();
  scheduler_.After(0, options_.name + " killed", [this] {
    KillProcess();
    files_.PowerOn();
  });
}

void SimNode::OnMembers(const std::vector<protocol::MemberInfo>& members) {
  peers_.clear();
  removed_.clear();
  for (const protocol::MemberInfo& member : members) {
    if (member.removed) {
      removed_.push_back(member);
    } else {
      peers_.push_back({member.id, member.name, member.addresses});
    }
  }
}

protocol::JoinReply SimNode::OnJoinRequest(const ReplicaId&, const protocol::JoinRequest& request) {
  protocol::JoinReply reply;
  reply.accepted = true;
  reply.cluster_secret = SimClusterSecret();
  Log(LogLevel::kInfo, "invitation shown by " + request.name);
  return reply;
}

void SimNode::OnRestartNeeded(RestartReason reason, const std::string& why) {
  ++restarts_asked_;
  if (reason == RestartReason::kIndexUnusable) ++index_losses_;
  Log(LogLevel::kWarning, "restart: " + why);
  scheduler_.After(0, options_.name + " restart", [this, reason, life = life_] {
    if (!running() || life != life_) return;
    DestroyProcess(SimNetwork::Death::kProcess);
    if (reason == RestartReason::kIndexUnusable) NewIndex(false, Authority::kNewest);
    Start();
  });
}

void SimNode::Log(LogLevel level, const std::string& text) {
  if (level == LogLevel::kDebug) return;
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  if (text.starts_with("after an interruption")) ++recoveries_;
  std::ostringstream line;
  line << scheduler_.now_ns() / kMs << " ms " << options_.name << " "
       << kNames[static_cast<int>(level)] << ": " << text;
  log_.push_back(line.str());
  if (log_.size() > kLogLinesMax) log_.pop_front();
}

std::string SimNode::Describe() {
  std::ostringstream out;
  out << "== " << options_.name;
  if (!running()) {
    out << ": down\n";
  } else {
    ReplicaReport report = replica_->Report();
    out << ": " << ReplicaStateName(report.state) << (report.in_sync ? ", in sync" : "")
        << ", sequence " << report.sequence << ", files " << report.totals.files << ", dirs "
        << report.totals.directories << ", tombstones " << report.totals.tombstones
        << ", to receive " << report.to_receive.files << ", to scan " << report.to_scan
        << ", to hash " << report.to_hash << ", to keep " << report.to_keep << ", conflicts "
        << report.conflicts_open
        << (report.last_error.empty() ? "" : ", error: " + report.last_error) << "\n";
    for (const PeerReport& peer : report.peers) {
      out << "   peer " << peer.name << (peer.connected ? " connected" : " away")
          << (peer.in_sync ? " in sync" : "") << " needs " << peer.to_send.files << " "
          << peer.problem << "\n";
    }
    for (const std::string& problem : report.problems) out << "   problem " << problem << "\n";
    for (const Need& need : index_->Needs(0, 10)) {
      out << "   need " << need.path.str() << " " << VersionKindName(need.version.kind) << " "
          << need.version.vector.ToString() << "\n";
    }
  }
  for (const std::string& line : log_) out << "   " << line << "\n";
  return out.str();
}

}  // namespace atozsync
