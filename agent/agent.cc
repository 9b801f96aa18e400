#include "agent/agent.h"

#include <algorithm>

#include "agent/bandwidth.h"
#include "agent/config_edit.h"
#include "agent/format.h"
#include "agent/invitation_store.h"
#include "agent/membership.h"
#include "agent/own_addresses.h"
#include "agent/service/service_process.h"
#include "sync/os/process.h"
#include "sync/os/system_files.h"

namespace atozsync {

using protocol::MemberInfo;

namespace {

constexpr int64_t kMinuteMs = 60'000;

}  // namespace

Agent::Agent(const Parts& parts, Config config) : parts_(parts), config_(std::move(config)) {}

Agent::~Agent() = default;

Status Agent::Start() {
  for (const PeerConfig& peer : config_.peers) members_.push_back(MemberOf(peer));
  ASSIGN_OR_RETURN(std::vector<MemberInfo> removed, LoadRemovedMembers(parts_.state));
  members_.insert(members_.end(), removed.begin(), removed.end());
  Status built = BuildRuntime();
  if (!built.ok() && !built.Is(Errc::kNotFound)) return built;
  if (!built.ok()) RetryLater();
  return Status::Ok();
}

Status Agent::BuildRuntime() {
  runtime_.reset();
  Result<std::unique_ptr<Runtime>> runtime = Runtime::Start(
      {parts_.executor, parts_.random, parts_.state, parts_.identity, *this}, config_);
  start_error_ = runtime.status();
  if (!runtime.ok()) {
    Log(LogLevel::kError, runtime.error().context);
    NotifyServiceManager("STATUS=not exchanging files: " + Printable(runtime.error().context));
    return runtime.status();
  }
  runtime_ = std::move(*runtime);
  runtime_->replica().SetPaused(PathExists(PausedFile()));
  ApplyUploadLimit();
  Json run = {{"pid", ProcessId()},
              {"addresses", runtime_->bound_addresses()},
              {"started", UtcTime(parts_.executor.clock().WallMs())}};
  Status written = WriteSmallFile(parts_.state.RunFile(), Dump(run, 2) + "\n");
  if (!written.ok()) Log(LogLevel::kWarning, written.error().context);
  NotifyServiceManager("STATUS=running");
  return Status::Ok();
}

void Agent::ApplyUploadLimit() {
  parts_.executor.CancelTimer(upload_timer_);
  upload_timer_ = 0;
  if (runtime_ == nullptr) return;
  const int64_t wall_ms = parts_.executor.clock().WallMs();
  const uint64_t limit = config_.upload.LimitAt(LocalMomentAt(wall_ms));
  runtime_->replica().SetUploadLimit(limit);
  if (limit != upload_limit_) {
    Log(LogLevel::kInfo, "the upload limit is now " + FormatBandwidth(limit));
    upload_limit_ = limit;
  }
  if (config_.upload.windows.empty()) return;
  // No later, whatever the schedule says: clock and zone may be changed meanwhile.
  const int64_t wait_ms = kMinuteMs - (wall_ms % kMinuteMs + kMinuteMs) % kMinuteMs;
  upload_timer_ = parts_.executor.PostAfter(wait_ms, [this] {
    upload_timer_ = 0;
    ApplyUploadLimit();
  });
}

void Agent::Rebuild() {
  parts_.executor.CancelTimer(retry_timer_);
  retry_timer_ = 0;
  if (!BuildRuntime().ok()) RetryLater();
}

void Agent::RetryLater() {
  parts_.executor.CancelTimer(retry_timer_);
  retry_timer_ = parts_.executor.PostAfter(kRetryMs, [this] {
    retry_timer_ = 0;
    if (runtime_ == nullptr) Rebuild();
  });
}

Status Agent::Reload() {
  if (members_unsaved_) TRY(StoreKnownMembers());
  ASSIGN_OR_RETURN(Config fresh, LoadConfig(parts_.state.ConfigFile()));
  // These are taken over while the replica runs.
  Config same_but_live = fresh;
  same_but_live.peers = config_.peers;
  same_but_live.upload = config_.upload;
  same_but_live.dashboard = config_.dashboard;
  same_but_live.alert = config_.alert;
  bool only_live = same_but_live == config_;
  bool same_log = fresh.log == config_.log;
  config_ = std::move(fresh);
  Log(LogLevel::kInfo, "the configuration was read again");
  if (!same_log) Log(LogLevel::kWarning, "changes below [log] take effect at the next start");
  if (only_live && runtime_ != nullptr) {
    runtime_->replica().SetPeers(config_.peers);
    ApplyUploadLimit();
  } else {
    Rebuild();
  }
  if (on_config) on_config();
  return Status::Ok();
}

Status Agent::Join(const ClusterToJoin& cluster) {
  TRY(CheckMayJoin(config_));
  runtime_.reset();  // lets go of the index
  Status adopted = AdoptCluster(parts_.state, parts_.random, parts_.identity.id, cluster,
                                parts_.executor.clock().WallMs());
  if (adopted.ok()) members_ = cluster.members;
  Result<Config> fresh = LoadConfig(parts_.state.ConfigFile());
  if (fresh.ok()) config_ = std::move(*fresh);
  Rebuild();
  return adopted.ok() ? fresh.status() : adopted;
}

Status Agent::AddPeer(const PeerConfig& peer) {
  if (peer.id == parts_.identity.id) {
    return {Errc::kInvalid, "this id is this replica's own: give the other replica's"};
  }
  bool known = std::any_of(config_.peers.begin(), config_.peers.end(),
                           [&](const PeerConfig& other) { return other.id == peer.id; });
  if (known) return {Errc::kInvalid, "this replica is a peer already"};
  TRY(StoreMembers(parts_.state, parts_.identity.id, {MemberOf(peer)}));
  return Reload();
}

Status Agent::RemovePeer(const std::string& name_or_id) {
  Result<ReplicaId> id = ReplicaId::Parse(name_or_id);
  for (const PeerConfig& peer : config_.peers) {
    if (peer.name != name_or_id && !(id.ok() && peer.id == *id)) continue;
    if (runtime_ == nullptr) return start_error_;
    return runtime_->replica().RemoveMember(peer.id);  // OnMembers() stores it
  }
  return {Errc::kNotFound, "there is no peer called '" + Printable(name_or_id) +
                               "': `atozsync peers list` shows them"};
}

Status Agent::SetPaused(bool paused) {
  if (paused) {
    TRY(WriteSmallFile(PausedFile(), ""));
  } else {
    RemoveFileIfThere(PausedFile());
  }
  if (runtime_ != nullptr) runtime_->replica().SetPaused(paused);
  Log(LogLevel::kInfo, paused ? "paused by a person" : "resumed by a person");
  return Status::Ok();
}

void Agent::Stop() {
  NotifyServiceManager("STOPPING=1");
  Log(LogLevel::kInfo, "stopping");
  parts_.executor.CancelTimer(retry_timer_);
  parts_.executor.CancelTimer(upload_timer_);
  runtime_.reset();
  RemoveFileIfThere(parts_.state.RunFile());
  parts_.executor.Stop();
}

ReplicaReport Agent::report() {
  if (runtime_ != nullptr) return runtime_->replica().Report();
  ReplicaReport report;
  report.state =
      start_error_.Is(Errc::kNotFound) ? ReplicaState::kRootMissing : ReplicaState::kError;
  report.last_error = start_error_.ok() ? "not started" : start_error_.ToString();
  if (config_.database.configured()) report.database.word = RowsWord::kConnecting;
  for (const PeerConfig& peer : config_.peers) {
    PeerReport disconnected;
    disconnected.id = peer.id;
    disconnected.name = peer.name;
    disconnected.address = peer.addresses.empty() ? "" : peer.addresses.front();
    report.peers.push_back(std::move(disconnected));
  }
  return report;
}

ReplicaFacts Agent::facts() const {
  return {parts_.identity.id, config_.name, config_.root, kProgramVersion};
}

ReplicaNames Agent::names() const {
  ReplicaNames names;
  for (const MemberInfo& member : members_) names[member.id.prefix()] = member.name;
  for (const PeerConfig& peer : config_.peers) names[peer.id.prefix()] = peer.name;
  names[parts_.identity.id.prefix()] = config_.name;
  return names;
}

Status Agent::StoreKnownMembers() {
  members_unsaved_ = true;
  TRY(StoreMembers(parts_.state, parts_.identity.id, members_));
  members_unsaved_ = false;
  // Only the peers: what else a person is editing in the file waits for the reload.
  ASSIGN_OR_RETURN(Config stored, LoadConfig(parts_.state.ConfigFile()));
  config_.peers = std::move(stored.peers);
  return Status::Ok();
}

void Agent::OnMembers(const std::vector<MemberInfo>& members) {
  members_ = members;
  Status stored = StoreKnownMembers();
  if (!stored.ok()) {
    Log(LogLevel::kError, "the members could not be written down: " + stored.ToString());
  }
}

MemberInfo Agent::Self() const {
  MemberInfo self;
  self.id = parts_.identity.id;
  self.name = config_.name;
  self.addresses = Reachable(runtime_ == nullptr ? config_.listen : runtime_->bound_addresses());
  return self;
}

protocol::JoinReply Agent::OnJoinRequest(const ReplicaId& from,
                                         const protocol::JoinRequest& request) {
  protocol::JoinReply reply;
  InvitationStore invitations(parts_.state.InvitationDir());
  int64_t wall_ms = parts_.executor.clock().WallMs();
  Result<Bytes> secret = parts_.state.ReadClusterKey();
  Status welcome = !secret.ok()      ? secret.status()
                   : request.preview ? invitations.Check(request.secret, wall_ms)
                                     : invitations.Use(request.secret, wall_ms);
  if (!welcome.ok()) {
    Log(LogLevel::kWarning, "a replica that wants to join was refused: " + welcome.ToString());
    reply.problem = welcome.error().context;
    return reply;
  }
  if (!request.preview) {
    Log(LogLevel::kInfo, "'" + request.name + "' (" + from.ToString() + ") joins the cluster");
  }
  reply.accepted = true;
  reply.cluster_secret = std::move(*secret);
  reply.name = config_.name;
  reply.members.push_back(Self());
  for (const MemberInfo& member : members_) {
    if (member.id != from && reply.members.size() < protocol::kMembersMax) {
      reply.members.push_back(member);
    }
  }
  return reply;
}

void Agent::OnRestartNeeded(RestartReason reason, const std::string& why) {
  Log(LogLevel::kError, "starting over: " + why);
  parts_.executor.Post([this, reason, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) Restart(reason);
  });
}

void Agent::Restart(RestartReason reason) {
  runtime_.reset();
  start_error_ = Status(Errc::kIo, "starting over");
  if (reason == RestartReason::kRootReturned) return Rebuild();
  Result<std::string> aside =
      parts_.state.SetIndexAside("unusable", parts_.executor.clock().WallMs());
  Log(LogLevel::kError,
      aside.ok() ? "THE INDEX was set aside as " + *aside : aside.error().context);
  // Not at once: an index that fails again and again must not fill the disk.
  RetryLater();
}

void Agent::Log(LogLevel level, const std::string& text) {
  parts_.logger.Log(level, text);
}

}  // namespace atozsync
