#include "agent/doctor/machine_checks.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "agent/format.h"
#include "protocol/address.h"
#include "sync/os/network.h"
#include "sync/os/system_files.h"
#include "sync/os/volume.h"

namespace atozsync {

namespace {

constexpr const char* kWatchLimitFile = "/proc/sys/fs/inotify/max_user_watches";
constexpr uint64_t kEntriesMax = 20'000'000;  // looked at to count directories
constexpr uint64_t kSpareWatches = 1000;      // for folders to come, and other programs
constexpr uint64_t kLittleSpaceShare = 20;    // less than one part in so many is little

uint64_t CountDirectories(const std::string& root) {
  using std::filesystem::directory_options;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(
      NativePath(root), directory_options::skip_permission_denied, error);
  uint64_t directories = 1;
  for (uint64_t seen = 0; !error && entries != end(entries) && seen < kEntriesMax; ++seen) {
    std::error_code gone;
    if (entries->is_directory(gone) && !entries->is_symlink(gone)) ++directories;
    entries.increment(error);
  }
  return directories;
}

std::optional<uint64_t> WatchLimit() {
  Result<std::string> text = ReadSmallFile(kWatchLimitFile, 64);
  if (!text.ok()) return std::nullopt;
  uint64_t limit = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  return error == std::errc() ? std::optional<uint64_t>(limit) : std::nullopt;
}

}  // namespace

Diagnosis CheckFolder(const std::string& root) {
  const std::string shown = Printable(root);
  if (!IsDirectory(root)) {
    return {Grade::kProblem, "folder", shown + " is not there",
            "is its volume mounted? If the folder has moved, correct [replica] root"};
  }
  if (!PathExists(root + "/" + Replica::MarkerPath().str())) {
    return {Grade::kProblem, "folder", shown + " has no mark of this program in it",
            "is its volume mounted, and [replica] root right? Nothing is done without the mark"};
  }
  if (Status writable = CheckWritable(root); !writable.ok()) {
    return {Grade::kProblem, "folder", "cannot be written to: " + writable.ToString(),
            "give the user that runs the agent the right to read and write all of it"};
  }
  if (IsNetworkFileSystem(root)) {
    return {Grade::kWarning, "folder",
            shown + " lies on another machine or in a program's file system",
            "changes made elsewhere are found by the regular scan only: run the agent where the "
            "disk is"};
  }
  return {Grade::kOk, "folder", shown + " is there and can be written to", ""};
}

Diagnosis JudgeSpace(const std::string& root, uint64_t free_bytes, uint64_t total_bytes) {
  const std::string text = HumanBytes(free_bytes) + " of " + HumanBytes(total_bytes) +
                           " are free on the volume of " + Printable(root);
  if (free_bytes < ReplicaOptions().free_bytes_min) {
    return {Grade::kProblem, "space", text, "make room: nothing is received before"};
  }
  if (free_bytes < total_bytes / kLittleSpaceShare) {
    return {Grade::kWarning, "space", text, "make room, or keep versions for fewer days"};
  }
  return {Grade::kOk, "space", text, ""};
}

Diagnosis CheckSpace(const std::string& root) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(NativePath(root), error);
  if (!error) return JudgeSpace(root, space.available, space.capacity);
  return {Grade::kProblem, "space", Printable(root) + ": " + error.message(),
          "the volume does not say how much is free"};
}

Diagnosis CheckStateDir(const StateDir& state) {
  for (const char* key : {"", "/identity.key", "/cluster.key", "/atozsync.toml"}) {
    const std::string path = state.path() + key;
    if (IsOpenToOthers(path)) {
      return {Grade::kProblem, "state", Printable(path) + " is open to other users",
              HowToClose(path)};
    }
  }
  return {Grade::kOk, "state", Printable(state.path()) + " is closed to other users", ""};
}

Diagnosis JudgeWatches(uint64_t directories, uint64_t watches_max) {
  const std::string text = Count(directories, "directory", "directories") +
                           " to watch, and the system allows " + std::to_string(watches_max) +
                           " watches for each user";
  const uint64_t needed = directories + kSpareWatches;
  if (needed <= watches_max) return {Grade::kOk, "watching", text, ""};
  return {directories > watches_max ? Grade::kProblem : Grade::kWarning, "watching", text,
          fmt::format("echo fs.inotify.max_user_watches={} > /etc/sysctl.d/60-atozsync.conf && "
                      "sysctl --system",
                      std::max<uint64_t>(2 * needed, 65'536))};
}

std::optional<Diagnosis> CheckWatches(const std::string& root,
                                      std::optional<uint64_t> directories) {
  std::optional<uint64_t> limit = WatchLimit();
  if (!limit) return std::nullopt;
  return JudgeWatches(directories ? *directories : CountDirectories(root), *limit);
}

Diagnoses CheckListening(const Config& config) {
  if (config.listen.empty()) {
    return {{Grade::kWarning, "address", "this replica listens nowhere: it can only call others",
             "set [network] listen to this machine's address inside the VPN"}};
  }
  Diagnoses diagnoses;
  for (const std::string& address : config.listen) {
    Result<protocol::HostPort> parsed = protocol::ParseHostPort(address);
    if (!parsed.ok()) continue;  // the configuration was refused before
    using protocol::AddressClass;
    const AddressClass kind = protocol::ClassifyAddress(parsed->host);
    if (!IsOwnAddress(parsed->host)) {
      diagnoses.push_back({Grade::kProblem, "address",
                           address + " is no address of this machine at the moment",
                           "is the VPN up? Else correct [network] listen"});
    } else if (kind == AddressClass::kLoopback) {
      diagnoses.push_back({Grade::kWarning, "address",
                           address + " is reached from this machine only",
                           "set [network] listen to this machine's address inside the VPN"});
    } else if (kind != AddressClass::kPrivate) {
      diagnoses.push_back({Grade::kWarning, "address", address + " is open to the outside",
                           "set [network] listen to this machine's address inside the VPN, and "
                           "allow_public = false"});
    } else {
      diagnoses.push_back({Grade::kOk, "address", address + " is private and of this machine", ""});
    }
  }
  return diagnoses;
}

Diagnoses CheckMachine(const StateDir& state, const Config& config,
                       std::optional<uint64_t> directories) {
  Diagnoses diagnoses = {CheckFolder(config.root)};
  if (IsDirectory(config.root)) {
    diagnoses.push_back(CheckSpace(config.root));
    if (std::optional<Diagnosis> watches = CheckWatches(config.root, directories)) {
      diagnoses.push_back(std::move(*watches));
    }
  }
  diagnoses.push_back(CheckStateDir(state));
  for (Diagnosis& diagnosis : CheckListening(config)) diagnoses.push_back(std::move(diagnosis));
  return diagnoses;
}

}  // namespace atozsync
