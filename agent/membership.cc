#include "agent/membership.h"

#include <algorithm>

#include "agent/config_edit.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

using protocol::MemberInfo;

Status StoreRemoved(const StateDir& state, const std::vector<MemberInfo>& removed) {
  Json list = Json::array();
  for (const MemberInfo& member : removed) list.push_back(MemberJson(member));
  return WriteSmallFile(state.RemovedMembersFile(), Dump({{"removed", list}}, 2) + "\n");
}

std::string FreeName(const std::string& wished, const ReplicaId& id,
                     const std::vector<PeerConfig>& peers) {
  std::string base = CheckReplicaName(wished).ok() ? wished : id.ToString().substr(0, 7);
  std::string name = base;
  auto taken = [&] {
    return std::any_of(peers.begin(), peers.end(),
                       [&](const PeerConfig& peer) { return peer.name == name; });
  };
  for (int i = 2; taken(); ++i) name = base.substr(0, 60) + "-" + std::to_string(i);
  return name;
}

}  // namespace

Json MemberJson(const MemberInfo& member) {
  return {{"id", member.id.ToString()},
          {"name", member.name},
          {"addresses", member.addresses},
          {"removed", member.removed},
          {"stamp", member.stamp}};
}

Result<MemberInfo> MemberFrom(const Json& json) {
  MemberInfo member;
  ASSIGN_OR_RETURN(member.id, ReplicaId::Parse(TextAt(json, "id")));
  member.name = TextAt(json, "name");
  member.stamp = NumberAt(json, "stamp");
  member.removed = FlagAt(json, "removed");
  for (const Json& address : ListAt(json, "addresses")) {
    if (address.is_string()) member.addresses.push_back(address.get<std::string>());
  }
  return member;
}

Result<std::vector<MemberInfo>> LoadRemovedMembers(const StateDir& state) {
  const std::string file = state.RemovedMembersFile();
  std::vector<MemberInfo> removed;
  Result<std::string> text = ReadSmallFile(file, Config::kFileBytesMax);
  if (text.Is(Errc::kNotFound)) return removed;
  if (!text.ok()) return text.status();
  std::optional<Json> json = ParseJson(*text);
  if (!json) {
    return Status(Errc::kCorrupt, file +
                                      ": not readable as JSON: repair it by hand, or remove it "
                                      "and remove the members again");
  }
  for (const Json& entry : ListAt(*json, "removed")) {
    Result<MemberInfo> member = MemberFrom(entry);
    if (!member.ok()) return member.status().WithContext(file);
    member->removed = true;
    removed.push_back(std::move(*member));
  }
  return removed;
}

MemberInfo MemberOf(const PeerConfig& peer) {
  MemberInfo member;
  member.id = peer.id;
  member.name = peer.name;
  member.addresses = peer.addresses;
  return member;
}

Status StoreMembers(const StateDir& state, const ReplicaId& self,
                    const std::vector<MemberInfo>& members) {
  ASSIGN_OR_RETURN(std::string text, ReadSmallFile(state.ConfigFile(), Config::kFileBytesMax));
  ASSIGN_OR_RETURN(Config config, ParseConfig(text, state.ConfigFile()));
  ASSIGN_OR_RETURN(std::vector<MemberInfo> removed, LoadRemovedMembers(state));
  const std::string old_text = text;
  const std::vector<MemberInfo> old_removed = removed;
  for (const MemberInfo& member : members) {
    if (member.id == self) continue;
    std::erase_if(removed, [&](const MemberInfo& other) { return other.id == member.id; });
    if (member.removed) {
      removed.push_back(member);
      ASSIGN_OR_RETURN(text, WithoutPeer(text, member.id));
      continue;
    }
    bool known = std::any_of(config.peers.begin(), config.peers.end(),
                             [&](const PeerConfig& peer) { return peer.id == member.id; });
    if (known) continue;
    PeerConfig peer{member.id, FreeName(member.name, member.id, config.peers), member.addresses};
    text = WithPeer(text, peer);
    config.peers.push_back(std::move(peer));
  }
  // The removed first: after a crash in between, nobody comes back who was sent away.
  if (removed != old_removed) TRY(StoreRemoved(state, removed));
  if (text != old_text) TRY(WriteSmallFile(state.ConfigFile(), text));
  return Status::Ok();
}

}  // namespace atozsync
