// The configuration file: what parses keeps every bound that agent/config.h states, errors name the
// file and stay on one line, and peers can be added and taken out without touching anything else.
#include <algorithm>
#include <cstdint>
#include <string>

#include "agent/config.h"
#include "agent/config_edit.h"
#include "database/settings.h"
#include "protocol/address.h"
#include "sync/base/bytes.h"
#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

const char kFileName[] = "atozsync.toml";

void CheckError(const Error& error) {
  CHECK(error.code == Errc::kInvalid);
  CHECK(error.context.starts_with(std::string(kFileName) + ":"));
  // A log line that the file's author did not write must not come out of it.
  CHECK(error.context.find_first_of("\r\n") == std::string::npos);
}

void CheckConfig(const Config& config) {
  CHECK(CheckReplicaName(config.name).ok());
  CHECK(config.root.starts_with('/'));
  CHECK(config.ignore.size() <= Config::kListMax && config.listen.size() <= Config::kListMax &&
        config.peers.size() <= Config::kListMax);
  for (const std::string& address : config.listen) {
    CHECK(CheckListenAddress(address, config.allow_public).ok());
  }
  CHECK(config.dashboard.listen.empty() || CheckDashboardAddress(config.dashboard.listen).ok());
  CHECK(config.keep_versions_ms >= 86'400'000 && config.keep_versions_ms <= 3650 * 86'400'000LL);
  CHECK(config.rescan_interval_ms >= 1000 && config.rescan_interval_ms <= 30 * 86'400'000LL);
  CHECK(config.settle_ms >= 0 && config.settle_ms <= 600'000);
  CHECK(config.brake.share <= BrakeOptions::kShareWhole && config.brake.files_min >= 1);
  CHECK(config.brake.window_ms >= 60'000 && config.brake.window_ms <= 30 * 86'400'000LL);
  const DatabaseConfig& database = config.database;
  CHECK(!database.configured() || ParseDatabaseUrl(database.url).ok());
  CHECK(database.password_file.empty() || database.password_file.starts_with('/'));
  CHECK(database.gate_wait_ms >= 100 && database.gate_wait_ms <= 30 * 86'400'000LL);
  CHECK(database.vanish_wait_ms >= 100 && database.vanish_wait_ms <= 3'600'000);
  CHECK(config.log.file.empty() || config.log.file.starts_with('/'));
  for (size_t i = 0; i < config.peers.size(); ++i) {
    const PeerConfig& peer = config.peers[i];
    CHECK(CheckReplicaName(peer.name).ok());
    for (const std::string& address : peer.addresses) {
      CHECK(protocol::ParseHostPort(address).ok());
    }
    for (size_t j = 0; j < i; ++j) {
      CHECK(config.peers[j].id != peer.id && config.peers[j].name != peer.name);
    }
  }
}

Config Parsed(const std::string& text) {
  const Result<Config> config = ParseConfig(text, kFileName);
  CHECK(config.ok());
  return *config;
}

// One more, then that one gone again: the rest of the file means the same as before.
void CheckPeerAdded(const std::string& text, const Config& config) {
  if (config.peers.size() == Config::kListMax) return;
  PeerConfig peer;
  peer.id.bytes.fill(0xA5);
  peer.name = "a name \"with\" \\ marks";
  peer.addresses = {"10.8.0.2:22067", "[fd00::2]:22067"};
  const bool taken = std::any_of(
      config.peers.begin(), config.peers.end(),
      [&](const PeerConfig& other) { return other.id == peer.id || other.name == peer.name; });
  if (taken) return;
  const std::string with = WithPeer(text, peer);
  Config expected = config;
  expected.peers.push_back(peer);
  CHECK(Parsed(with) == expected);
  const Result<std::string> without = WithoutPeer(with, peer.id);
  CHECK(without.ok());
  CHECK(Parsed(*without) == config);
}

void CheckPeersRemoved(const std::string& text, const Config& config) {
  for (const PeerConfig& peer : config.peers) {
    const Result<std::string> without = WithoutPeer(text, peer.id);
    CHECK(without.ok());
    Config expected = config;
    std::erase(expected.peers, peer);
    CHECK(Parsed(*without) == expected);
  }
}

// What `init` would write for these values reads back as them.
void CheckWritten(const Config& config) {
  const std::string text =
      NewConfigText(config.name, config.root, config.listen, config.allow_public,
                    config.dashboard.listen, config.database);
  const Config again = Parsed(text);
  CHECK(again.name == config.name && again.root == config.root && again.listen == config.listen &&
        again.allow_public == config.allow_public &&
        again.dashboard.listen == config.dashboard.listen &&
        again.database.url == config.database.url &&
        again.database.password_file == config.database.password_file);
  CHECK(again.peers.empty());
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string text(AsText({data, size}));
  const Result<Config> config = ParseConfig(text, kFileName);
  if (!config.ok()) {
    CheckError(config.error());
    return 0;
  }
  CheckConfig(*config);
  CheckWritten(*config);
  CheckPeerAdded(text, *config);
  CheckPeersRemoved(text, *config);
  return 0;
}
