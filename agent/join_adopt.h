// The part of joining that changes this replica: taking over the cluster's secret, members and – by
// way of a new index – its history. Blocking; while no agent has the index open.
#pragma once

#include <vector>

#include "agent/config.h"
#include "agent/state_dir.h"
#include "protocol/messages.h"
#include "sync/base/random.h"

namespace atozsync {

// What an accepting JoinReply said.
struct ClusterToJoin {
  Bytes secret;
  std::vector<protocol::MemberInfo> members;
  Authority authority = Authority::kNewest;
};

// A replica with peers is in a cluster already and stays there.
Status CheckMayJoin(const Config& config);
Status AdoptCluster(const StateDir& state, Random& random, const ReplicaId& self,
                    const ClusterToJoin& cluster, int64_t wall_ms);

Result<Authority> ParseAuthority(const std::string& word);
const char* AuthorityName(Authority authority);

}  // namespace atozsync
