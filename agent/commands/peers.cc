#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/membership.h"
#include "protocol/address.h"
#include "protocol/identity.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

struct PeersOptions {
  bool json = false;
  std::string id;
  std::string name;
  std::vector<std::string> addresses;
  std::string remove;
};

// Without a running agent: who is configured.
Result<Json> ConfiguredPeers(const StateDir& state) {
  TRY(CheckInitialized(state));
  ASSIGN_OR_RETURN(Config config, LoadConfig(state.ConfigFile()));
  Json peers = Json::array();
  for (const PeerConfig& peer : config.peers) {
    peers.push_back({{"id", peer.id.ToString()},
                     {"name", peer.name},
                     {"connected", false},
                     {"address", peer.addresses.empty() ? "" : peer.addresses.front()}});
  }
  return peers;
}

int List(const StateDir& state, bool json) {
  Result<Json> peers = ControlClient(state).Call("GET", "/v1/peers");
  if (peers.Is(Errc::kPeerGone)) peers = ConfiguredPeers(state);
  if (!peers.ok()) return Fail(peers.status());
  if (json) {
    PrintJson(*peers);
    return kDone;
  }
  for (const Json& peer : *peers) {
    fmt::print("{}  {}  {}  {}\n", TextAt(peer, "name"), TextAt(peer, "id"),
               TextAt(peer, "address"), FlagAt(peer, "connected") ? "connected" : "not connected");
  }
  if (peers->empty()) fmt::print("No peers yet: `atozsync invite` here, `atozsync join` there.\n");
  return kDone;
}

Status AddWithoutAgent(const StateDir& state, const PeerConfig& peer) {
  TRY(CheckInitialized(state));
  ASSIGN_OR_RETURN(StateLock lock, StateLock::Acquire(state));
  ASSIGN_OR_RETURN(protocol::Identity identity, protocol::LoadIdentity(state.path()));
  if (peer.id == identity.id) {
    return {Errc::kInvalid, "this id is this replica's own: give the other replica's"};
  }
  return StoreMembers(state, identity.id, {MemberOf(peer)});
}

int Add(const StateDir& state, const PeersOptions& options) {
  Result<ReplicaId> id = ReplicaId::Parse(options.id);
  if (!id.ok()) return Fail(id.status());
  for (const std::string& address : options.addresses) {
    Result<protocol::HostPort> parsed = protocol::ParseHostPort(address);
    if (!parsed.ok()) return Fail(parsed.status());
  }
  PeerConfig peer{*id, options.name, options.addresses};
  Status added =
      ControlClient(state).Call("POST", "/v1/peers", MemberJson(MemberOf(peer))).status();
  if (added.Is(Errc::kPeerGone)) added = AddWithoutAgent(state, peer);
  return added.ok() ? kDone : Fail(added);
}

int Remove(const StateDir& state, const std::string& name) {
  Result<Json> removed = ControlClient(state).Call("POST", "/v1/peers/remove", {{"peer", name}});
  if (removed.ok()) return kDone;
  if (!removed.Is(Errc::kPeerGone)) return Fail(removed.status());
  return Fail(removed.error().context + "; it has to tell the others that '" + Printable(name) +
                  "' is no longer a member",
              kNotRunning);
}

}  // namespace

void AddPeers(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<PeersOptions>();
  CLI::App* peers = AddCommand(app, "peers", "List, add or remove the other replicas");
  peers->add_flag("--json", options->json, "As JSON");
  peers->callback([&line, options, peers] {
    if (!peers->get_subcommands().empty()) return;
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  AddCommand(*peers, "list", "List them")->callback([&line, options] {
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  CLI::App* add = AddCommand(*peers, "add", "Add one by hand; needed on both sides");
  add->add_option("id", options->id, "Its id, as `atozsync id` prints it there")->required();
  add->add_option("address", options->addresses, "HOST:PORT where it listens")->required();
  add->add_option("--name", options->name, "What to call it");
  add->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Add(state, *options); };
  });
  CLI::App* remove = AddCommand(*peers, "remove", "Take one out of the cluster, on all replicas");
  remove->add_option("name", options->remove, "Its name or id")->required();
  remove->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Remove(state, options->remove); };
  });
}

}  // namespace atozsync
