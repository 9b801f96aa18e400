#include "agent/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>

#include "agent/config_reader.h"
#include "database/settings.h"
#include "protocol/address.h"
#include "sync/base/rel_path.h"
#include "sync/model/patient_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

using Reader = ConfigReader;
constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kGateWaitMaxMs = 30 * kDayMs;
constexpr const char* kNotAbsolute =
    "must be an absolute path, beginning with / (on Windows with a drive, as C:/)";

void ReadReplica(Reader& reader, Config& config) {
  if (!reader.Enter("replica", {"name", "root", "ignore"})) return;
  reader.Text("name", &config.name);
  reader.Text("root", &config.root);
  reader.Texts("ignore", &config.ignore);
  reader.Require("name", config.name);
  reader.Require("root", config.root);
  if (reader.failed()) return;
  if (Status name = CheckReplicaName(config.name); !name.ok()) {
    reader.Fail("name", name.error().context);
  }
  if (!IsAbsolute(config.root)) reader.Fail("root", kNotAbsolute);
  config.root = CleanName(config.root);
}

void ReadPeer(Reader& reader, const toml::table& table, Config& config) {
  reader.EnterTable(table, "[[peer]]", {"name", "id", "addresses"});
  PeerConfig peer;
  std::string id;
  reader.Text("name", &peer.name);
  reader.Text("id", &id);
  reader.Texts("addresses", &peer.addresses);
  reader.Require("id", id);
  if (reader.failed()) return;
  Result<ReplicaId> parsed = ReplicaId::Parse(id);
  if (!parsed.ok()) return reader.Fail("id", parsed.error().context);
  peer.id = *parsed;
  if (peer.name.empty()) peer.name = id.substr(0, 7);
  if (Status name = CheckReplicaName(peer.name); !name.ok()) {
    return reader.Fail("name", name.error().context);
  }
  for (const std::string& address : peer.addresses) {
    Result<protocol::HostPort> usable = protocol::ParseHostPort(address);
    if (!usable.ok()) return reader.Fail("addresses", usable.error().context);
  }
  for (const PeerConfig& other : config.peers) {
    if (other.id == peer.id) return reader.Fail("id", "stands in two [[peer]] blocks");
    if (other.name == peer.name) {
      return reader.Fail("name", "two peers have the name '" + peer.name + "'");
    }
  }
  config.peers.push_back(std::move(peer));
}

void ReadPeers(Reader& reader, const toml::table& document, Config& config) {
  const toml::node* node = document.get("peer");
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    return reader.Fail(*node, "peer", "must be written as [[peer]], with two brackets");
  }
  if (list->size() > Config::kListMax) return reader.Fail(*node, "peer", "more than 256 peers");
  for (const toml::node& entry : *list) {
    if (reader.failed()) return;
    // Peers are taken out of the file as whole lines (config_edit.h): each has its own.
    if (entry.as_table()->is_inline()) {
      return reader.Fail(entry, "peer", "must be written as [[peer]], with two brackets");
    }
    ReadPeer(reader, *entry.as_table(), config);
    reader.LeaveSection();
  }
}

void ReadKeeping(Reader& reader, Config& config) {
  if (reader.Enter("versions", {"keep_days"})) {
    int64_t days = config.keep_versions_ms / kDayMs;
    reader.Number("keep_days", &days);
    if (days >= 1 && days <= 3650) {
      config.keep_versions_ms = days * kDayMs;
    } else {
      reader.Fail("keep_days", "must lie between 1 and 3650");
    }
  }
  if (reader.Enter("scan", {"interval", "settle"})) {
    reader.Duration("interval", 1'000, 30 * kDayMs, &config.rescan_interval_ms);
    reader.Duration("settle", 0, 600'000, &config.settle_ms);
  }
}

void ReadLog(Reader& reader, Config& config) {
  static constexpr std::pair<const char*, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                                 {"info", LogLevel::kInfo},
                                                                 {"warning", LogLevel::kWarning},
                                                                 {"error", LogLevel::kError}};
  if (!reader.Enter("log", {"file", "level", "redact"})) return;
  reader.Text("file", &config.log.file);
  reader.Flag("redact", &config.log.redact);
  if (!config.log.file.empty() && !IsAbsolute(config.log.file)) reader.Fail("file", kNotAbsolute);
  std::string level = "info";
  reader.Text("level", &level);
  for (const auto& [name, value] : kLevels) {
    if (level != name) continue;
    config.log.level = value;
    return;
  }
  reader.Fail("level", "must be \"debug\", \"info\", \"warning\" or \"error\"");
}

// [database.gate_wait_of]: the names of folders at the top, each with its time.
void ReadGateWaits(Reader& reader, DatabaseConfig& database) {
  const toml::node* node = reader.Find("gate_wait_of");
  if (node == nullptr) return;
  const toml::table* waits = node->as_table();
  if (waits == nullptr) {
    return reader.Fail(*node, "gate_wait_of", "must be a table, like { \"S\" = \"10m\" }");
  }
  if (waits->size() > Config::kListMax) {
    return reader.Fail(*node, "gate_wait_of", "has more than 256 entries");
  }
  reader.EnterTable(*waits, "[database.gate_wait_of]");
  for (const auto& [key, wait] : *waits) {
    const std::string name(key.str());
    if (!HasFilesWithRows(name)) {
      return reader.Fail(wait, name,
                         "no folder at the top with files that have rows; known: the patients' "
                         "(\"A\" to \"Z\" and other single characters), EOBs, Amendments, "
                         "MedLabEmbeddedFiles");
    }
    int64_t wait_ms = 0;
    reader.Duration(name.c_str(), 100, kGateWaitMaxMs, &wait_ms);
    if (reader.failed()) return;
    database.gate_wait_of_ms.emplace(name, wait_ms);
  }
}

void ReadDatabase(Reader& reader, Config& config) {
  DatabaseConfig& database = config.database;
  if (!reader.Enter("database",
                    {"url", "password_file", "gate_wait", "gate_wait_of", "vanish_wait"})) {
    return;
  }
  reader.Text("url", &database.url);
  reader.Text("password_file", &database.password_file);
  reader.Duration("gate_wait", 100, kGateWaitMaxMs, &database.gate_wait_ms);
  reader.Duration("vanish_wait", 100, 3'600'000, &database.vanish_wait_ms);
  reader.Require("url", database.url);
  if (reader.failed()) return;
  Result<DatabaseSettings> settings = ParseDatabaseUrl(database.url);
  if (!settings.ok()) reader.Fail("url", settings.error().context);
  if (!database.password_file.empty() && !IsAbsolute(database.password_file)) {
    reader.Fail("password_file", kNotAbsolute);
  }
  ReadGateWaits(reader, database);
}

}  // namespace

Result<Config> ParseConfig(std::string_view text, const std::string& file_name) {
  // The library reports errors by exceptions: they end here.
  toml::table document;
  try {
    document = toml::parse(text, file_name);
  } catch (const toml::parse_error& error) {
    return Status(Errc::kInvalid, fmt::format("{}:{}: {}", file_name, error.source().begin.line,
                                              Printable(error.description())));
  }
  Config config;
  Reader reader(document, file_name);
  static const std::set<std::string_view> kSections = {
      "replica", "network",   "peer",  "versions", "scan",
      "log",     "dashboard", "alert", "database", "brake"};
  for (const auto& [key, node] : document) {
    if (kSections.contains(key.str())) continue;
    reader.Fail(node, "[" + std::string(key.str()) + "]",
                "unknown section; known: replica, network, peer, versions, scan, brake, log, "
                "dashboard, alert, database");
  }
  ReadReplica(reader, config);
  ReadNetworkSection(reader, config);
  ReadKeeping(reader, config);
  ReadBrakeSection(reader, config);
  ReadLog(reader, config);
  ReadDashboardSection(reader, config);
  ReadAlertSection(reader, config);
  ReadDatabase(reader, config);
  reader.LeaveSection();
  ReadPeers(reader, document, config);
  if (reader.failed()) return reader.status();
  if (config.root.empty()) {
    return Status(Errc::kInvalid,
                  file_name +
                      ":1: [replica] root: the section is missing: say which folder is "
                      "kept the same");
  }
  return config;
}

Result<Config> LoadConfig(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadSmallFile(file, Config::kFileBytesMax));
  return ParseConfig(text, file);
}

Status CheckListenAddress(const std::string& address, bool allow_public) {
  ASSIGN_OR_RETURN(protocol::HostPort parsed, protocol::ParseHostPort(address));
  return protocol::CheckListenHost(parsed.host, allow_public);
}

Status CheckReplicaName(const std::string& name) {
  if (name.empty() || name.size() > 64) {
    return Status(Errc::kInvalid, "a name has 1 to 64 bytes");
  }
  if (Printable(name) != name || name.front() == ' ' || name.back() == ' ') {
    return Status(Errc::kInvalid, "'" + Printable(name) +
                                      "' cannot be a name: no control characters, no spaces at "
                                      "its ends");
  }
  return Status::Ok();
}

}  // namespace atozsync
