// How machines come into a simulated cluster and leave it.
#include "protocol/session.h"
#include "sync/engine/hasher.h"
#include "sync/engine/layout.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {

namespace {

// What a replica stages for its folder has the name of its content; what came out of a swap has
// not.
bool OnItsWay(std::string_view path, ByteSpan bytes) {
  const std::string staging = layout::Staging().str() + "/";
  if (!path.starts_with(staging)) return false;
  std::string_view name = path.substr(staging.size());
  return layout::IsPartial(name) || layout::IsStagedOf(name, HashOf(SimClusterSecret(), bytes));
}

// A machine that nobody knows yet shows an invitation to one member.
class Joiner final : public ConnectionHandler, public protocol::SessionHandler {
 public:
  explicit Joiner(int64_t now_ms) : session_(this, now_ms), now_ms_(now_ms) {}

  void Begin(std::unique_ptr<Connection> connection, const protocol::JoinRequest& request) {
    connection_ = std::move(connection);
    connection_->SetHandler(this);
    session_.Send(request);
    Flush();
  }
  bool over() const { return reply_.has_value() || over_; }
  const std::optional<protocol::JoinReply>& reply() const { return reply_; }

  void OnBytes(ByteSpan bytes) override {
    if (!session_.OnBytes(bytes, now_ms_).ok()) over_ = true;
    Flush();
  }
  void OnDrained() override {}
  void OnClosed(Status) override { over_ = true; }
  Status OnMessage(protocol::Message message) override {
    if (auto* answer = std::get_if<protocol::JoinReply>(&message)) reply_ = std::move(*answer);
    return Status::Ok();
  }

 private:
  void Flush() {
    while (session_.has_output()) connection_->Send(session_.TakeOutput(1 << 20));
  }
  protocol::Session session_;
  int64_t now_ms_;
  std::unique_ptr<Connection> connection_;
  std::optional<protocol::JoinReply> reply_;
  bool over_ = false;
};

}  // namespace

bool SimCluster::Join(const std::string& newcomer, const std::string& via) {
  SimNode& node = this->node(newcomer);
  SimTransport transport(scheduler_, network_, newcomer);
  Joiner joiner(node.clock().MonoMs());
  protocol::JoinRequest request;
  request.name = newcomer;
  request.addresses = {newcomer + ":1"};
  request.secret = Bytes(16, 7);
  bool failed = false;
  transport.Dial(via + ":1", this->node(via).id(), StreamUse::kLink, 5'000,
                 [&](Result<std::unique_ptr<Connection>> connection) {
                   failed = !connection.ok();
                   if (!failed) joiner.Begin(std::move(connection).value(), request);
                 });
  for (int i = 0; i < 100 && !joiner.over() && !failed; ++i) RunFor(100);
  if (!joiner.reply() || !joiner.reply()->accepted) return false;
  if (joiner.reply()->cluster_secret != SimClusterSecret()) Violate("join: not the secret");
  std::vector<PeerConfig> peers;
  for (const protocol::MemberInfo& member : joiner.reply()->members) {
    if (member.id == node.id() || member.removed) continue;
    peers.push_back({member.id, member.name, member.addresses});
  }
  node.SetPeers(std::move(peers));
  return true;
}

void SimCluster::Scrap(const std::string& name) {
  nodes_.at(name)->KillProcess();
  std::set<std::string> elsewhere;
  for (auto& [other, node] : nodes_) {
    if (other == name) continue;
    node->files().VisitVolume([&](std::string_view path, ByteSpan bytes) {
      // What is staged and not placed yet goes again with the member that announced it.
      if (!OnItsWay(path, bytes)) elsewhere.emplace(AsText(bytes));
    });
  }
  nodes_.at(name)->files().VisitVolume([&](std::string_view, ByteSpan bytes) {
    std::string content(AsText(bytes));
    if (written_.contains(content) && !elsewhere.contains(content)) released_.insert(content);
  });
  nodes_.erase(name);
}

}  // namespace atozsync
