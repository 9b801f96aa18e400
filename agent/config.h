// Config: what STATE/atozsync.toml says, checked.
//
// Strict: an unknown key, a wrong type or an impossible value is an error that names file, line and
// key ("atozsync.toml:12: [network] upload_limit: …"). Plain value; parsing touches no disk but the
// file itself. Editing the file is config_edit.h's business.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/upload_schedule.h"
#include "sync/base/status.h"
#include "sync/engine/replica.h"

namespace atozsync {

struct LogConfig {
  std::string file;  // empty: STATE/log/atozsync.log
  LogLevel level = LogLevel::kInfo;
  bool redact = false;  // leave names out (agent/logging.h)
  bool operator==(const LogConfig&) const = default;
};

// The practice's database on this machine: what decides when a patient's file appears and goes.
struct DatabaseConfig {
  std::string url;            // "mariadb://USER@HOST[:PORT]/DATABASE"; empty: no database
  std::string password_file;  // absolute; empty: no password
  int64_t gate_wait_ms = 3'600'000;
  int64_t vanish_wait_ms = 10'000;
  // Instead of gate_wait_ms, of single folders at the top.
  std::map<std::string, int64_t> gate_wait_of_ms = {};
  bool configured() const { return !url.empty(); }
  bool operator==(const DatabaseConfig&) const = default;
};

// The front end and the control API for browsers of this machine (docs/dashboard.md).
struct DashboardConfig {
  std::string listen;     // "HOST:PORT" on loopback; empty: none
  int64_t canary_ms = 0;  // how often the way through all replicas is measured; 0: never
  bool metrics = false;   // /metrics, without a session
  bool operator==(const DashboardConfig&) const = default;
};

// Who is told when something begins to need a person, and when that is over.
struct AlertConfig {
  std::vector<std::string> command;  // a program and its arguments; empty: none
  std::string url;                   // "http://HOST:PORT/PATH" on loopback or private; empty: none
  int64_t silent_ms = 3'600'000;     // a peer that was not seen so long needs a person
  bool details = false;              // paths and names, too
  bool operator==(const AlertConfig&) const = default;
};

struct Config {
  static constexpr size_t kFileBytesMax = 1 << 20;
  static constexpr size_t kListMax = 256;  // entries of any list, and peers

  std::string name;
  std::string root;  // absolute
  std::vector<std::string> ignore;
  std::vector<std::string> listen;  // "HOST:PORT"
  bool allow_public = false;
  UploadSchedule upload;
  std::vector<PeerConfig> peers;
  DashboardConfig dashboard;
  AlertConfig alert;
  int64_t keep_versions_ms = int64_t{90} * 24 * 3'600'000;
  int64_t rescan_interval_ms = 3'600'000;
  int64_t settle_ms = 1'000;
  BrakeOptions brake = {.share = 500};
  LogConfig log;
  DatabaseConfig database;
  bool operator==(const Config&) const = default;
};

// `file_name` stands in front of every error.
Result<Config> ParseConfig(std::string_view text, const std::string& file_name);
Result<Config> LoadConfig(const std::string& file);

// The commented file that `init` writes.
std::string NewConfigText(const std::string& name, const std::string& root,
                          const std::vector<std::string>& listen, bool allow_public,
                          const std::string& dashboard = "", const DatabaseConfig& database = {});

// "HOST:PORT" with a loopback or private number as host (or a public one, where `allow_public`).
Status CheckListenAddress(const std::string& address, bool allow_public);
// "HOST:PORT" with a loopback number as host.
Status CheckDashboardAddress(const std::string& address);

// "http://HOST[:PORT][/PATH]" with a loopback or private number as host.
struct AlertUrl {
  std::string host;
  uint16_t port = 80;
  std::string path = "/";
};
Result<AlertUrl> ParseAlertUrl(const std::string& url);
// Names are shown everywhere: 1 … 64 printable UTF-8 bytes without spaces at the ends.
Status CheckReplicaName(const std::string& name);

}  // namespace atozsync
