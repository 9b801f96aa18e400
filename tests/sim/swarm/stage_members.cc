// Who is in the cluster, as its machines know it, and what only a person can put right there.
#include <algorithm>
#include <set>

#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

bool Stage::Lists(const SimNode& node, const ReplicaId& id) {
  return std::any_of(node.peers().begin(), node.peers().end(),
                     [&](const PeerConfig& peer) { return peer.id == id; });
}

bool Stage::HangTogether(const SimNode& without) {
  std::vector<const SimNode*> outside;
  for (auto& [name, node] : cluster_.nodes()) {
    if (node.get() != &without) outside.push_back(node.get());
  }
  std::vector<const SimNode*> reached;
  while (!outside.empty()) {
    auto next = std::find_if(outside.begin(), outside.end(), [&](const SimNode* node) {
      return reached.empty() ||
             std::any_of(reached.begin(), reached.end(), [&](const SimNode* other) {
               return Lists(*node, other->id()) && Lists(*other, node->id());
             });
    });
    if (next == outside.end()) return false;
    reached.push_back(*next);
    outside.erase(next);
  }
  return true;
}

void Stage::RemoveGhosts() {
  std::set<ReplicaId> known;  // there they are, or it is known that they are not
  for (auto& [name, node] : cluster_.nodes()) {
    known.insert(node->id());
    for (const protocol::MemberInfo& member : node->removed()) known.insert(member.id);
  }
  for (auto& [name, node] : cluster_.nodes()) {
    const std::vector<PeerConfig> peers = node->peers();
    for (const PeerConfig& peer : peers) {
      if (!known.contains(peer.id)) node->replica().RemoveMember(peer.id).IgnoreError();
    }
  }
}

}  // namespace atozsync::swarm
