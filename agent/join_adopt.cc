#include "agent/join_adopt.h"

#include "agent/index_setup.h"
#include "agent/membership.h"

namespace atozsync {

Status CheckMayJoin(const Config& config) {
  if (config.peers.empty()) return Status::Ok();
  return Status(Errc::kInvalid,
                "this replica belongs to a cluster already (with '" + config.peers[0].name +
                    "'): to move it to another one, remove it there (`atozsync peers remove`) and "
                    "take its [[peer]] blocks out of the configuration first");
}

// Each step leaves a state that the next start understands: without an index a new one is made, and
// a replica without peers can simply join again.
Status AdoptCluster(const StateDir& state, Random& random, const ReplicaId& self,
                    const ClusterToJoin& cluster, int64_t wall_ms) {
  if (cluster.secret.size() != StateDir::kClusterKeyBytes) {
    return Status(Errc::kProtocol,
                  "the inviting replica sent no usable cluster secret: are both "
                  "of the same version?");
  }
  Result<std::string> aside = state.SetIndexAside("before-join", wall_ms);
  if (!aside.ok()) return aside.status();
  TRY(state.WriteClusterKey(cluster.secret));
  TRY(CreateIndex(state, random, {self, RandomIncarnation(random), false, cluster.authority}));
  return StoreMembers(state, self, cluster.members);
}

Result<Authority> ParseAuthority(const std::string& word) {
  for (Authority authority : {Authority::kInviter, Authority::kMine, Authority::kNewest}) {
    if (word == AuthorityName(authority)) return authority;
  }
  return Status(Errc::kInvalid, "'" + Printable(word) +
                                    "' is not an authority: inviter, mine or "
                                    "newest");
}

const char* AuthorityName(Authority authority) {
  switch (authority) {
    case Authority::kInviter: return "inviter";
    case Authority::kMine: return "mine";
    case Authority::kNewest: break;
  }
  return "newest";
}

}  // namespace atozsync
