// Membership on disk: who the members are, as files.
//
// Members stand as [[peer]] blocks in the configuration, where a person may edit them; those that a
// person took out of the cluster stand in STATE/removed-members.json, so that old news cannot bring
// them back. A name or an address that a person wrote into the configuration is left as it is.
// Blocking; one writer at a time (the agent, or a command while no agent runs).
#pragma once

#include <vector>

#include "agent/config.h"
#include "agent/json_reports.h"
#include "agent/state_dir.h"
#include "protocol/messages.h"

namespace atozsync {

Result<std::vector<protocol::MemberInfo>> LoadRemovedMembers(const StateDir& state);
// Makes both files agree with `members` (removed ones marked); leaves out `self`. A member whose
// name is taken gets a number behind it.
Status StoreMembers(const StateDir& state, const ReplicaId& self,
                    const std::vector<protocol::MemberInfo>& members);
// Members as JSON, in files and on the control socket.
Json MemberJson(const protocol::MemberInfo& member);
Result<protocol::MemberInfo> MemberFrom(const Json& json);
// A member as the configuration knows it.
protocol::MemberInfo MemberOf(const PeerConfig& peer);

}  // namespace atozsync
