#include "agent/service/systemd_manager.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/service/systemctl.h"
#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr const char* kUnit = "atozsync.service";
constexpr const char* kPackagedProgram = "/usr/bin/atozsync";
constexpr const char* kPackagedState = "/var/lib/atozsync";

// Units are read by everybody; WriteSmallFile() is for what is private.
Status WriteUnitFile(const std::string& file, const std::string& text) {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), failed);
  std::ofstream(file, std::ios::trunc) << text;
  Result<std::string> written = ReadSmallFile(file, 1 << 20);
  if (written.ok() && *written == text && ::chmod(file.c_str(), 0644) == 0) return Status::Ok();
  return {Errc::kPermission, Printable(file) + ": cannot be written: run this as root (sudo)"};
}

std::string WithoutSpecifiers(const std::string& path) {
  std::string text;
  for (char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
  return text;
}

std::string UserName(uid_t uid) {
  const passwd* entry = ::getpwuid(uid);
  return entry == nullptr ? std::to_string(uid) : entry->pw_name;
}

std::string GroupName(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry == nullptr ? std::to_string(gid) : entry->gr_name;
}

Result<ServiceRights> RightsOf(const ServiceSetup& setup) {
  struct stat state {};
  struct stat root {};
  if (::stat(setup.state.c_str(), &state) != 0) return Status(ErrnoError(errno, setup.state));
  if (::stat(setup.root.c_str(), &root) != 0) return Status(ErrnoError(errno, setup.root));
  ServiceRights rights;
  rights.user = UserName(state.st_uid);
  rights.group = GroupName(root.st_gid);
  // Owner and group always may: it is by the group that those who work in the folder change what
  // the agent wrote. Others may what they may in the folder itself.
  rights.umask = ~root.st_mode & 0007;
  return rights;
}

// The lines that `key` has in all files of the service, without the key.
std::vector<std::string> ValuesOf(const std::string& text, const std::string& key) {
  std::vector<std::string> values;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    if (line.rfind(key + "=", 0) == 0) values.push_back(line.substr(key.size() + 1));
    start = end + 1;
  }
  return values;
}

std::string ValueOf(const std::string& text, const std::string& key) {
  const std::vector<std::string> values = ValuesOf(text, key);
  return values.empty() ? "" : values.front();
}

bool LiesIn(const std::string& dir, const std::string& place) {
  return dir == place || dir.rfind(place + "/", 0) == 0;
}

}  // namespace

std::string UnitPath(const std::string& path) {
  return "\"" + WithoutSpecifiers(path) + "\"";
}

std::string DropInText(const ServiceSetup& setup, const ServiceRights& rights) {
  std::string unit = "RequiresMountsFor=" + UnitPath(setup.root) + "\n";
  std::string service =
      fmt::format("User={}\nGroup={}\nUMask={:04o}\n", rights.user, rights.group, rights.umask);
  service += "BindPaths=" + UnitPath(setup.root) + "\n";
  if (setup.state != kPackagedState) {
    unit += "ConditionPathExists=\nConditionPathExists=" + WithoutSpecifiers(setup.state) +
            "/atozsync.toml\n";
    // The list of directories that systemd makes begins anew, and so does that of what is seen.
    service += "StateDirectory=\nBindPaths=" + UnitPath(setup.state) + "\n";
  }
  if (setup.state != kPackagedState || setup.program != kPackagedProgram) {
    service += "ExecStart=\nExecStart=" + UnitPath(setup.program) + " --state " +
               UnitPath(setup.state) + " run\n";
    service += "BindReadOnlyPaths=" + UnitPath(setup.program) + "\n";
  }
  if (!setup.password_file.empty()) {
    service += "BindReadOnlyPaths=" + UnitPath("-" + setup.password_file) + "\n";
  }
  if (setup.public_network) service += "# [network] allow_public = true\nIPAddressDeny=\n";
  return "# Written by `atozsync service install`, and anew by the next one: settings of one's "
         "own\n"
         "# belong into another file (systemctl edit atozsync).\n[Unit]\n" +
         unit + "\n[Service]\n" + service;
}

std::string SystemdManager::DropInFile() const {
  return places_.own + "/" + kUnit + ".d/10-folder.conf";
}

std::string SystemdManager::OwnUnitFile() const {
  return places_.own + "/" + kUnit;
}

bool SystemdManager::IsPackaged() const {
  for (const std::string& place : places_.packaged) {
    if (PathExists(place + "/" + kUnit)) return true;
  }
  return false;
}

Result<std::vector<std::string>> SystemdManager::Install(const ServiceSetup& given) {
  ServiceSetup setup = given;
  if (setup.program.empty()) {
    ASSIGN_OR_RETURN(setup.program, RealPath("/proc/self/exe"));
  }
  for (const std::string* path : {&setup.program, &setup.state, &setup.root}) {
    if (Printable(*path) != *path || path->find_first_of(":\"'\\") != path->npos) {
      return Status(Errc::kInvalid, Printable(*path) +
                                        ": a unit file cannot name it: rename it without quotes, "
                                        "colons and backslashes");
    }
  }
  TRY(CheckSystemdRuns());
  ASSIGN_OR_RETURN(ServiceRights rights, RightsOf(setup));
  std::vector<std::string> written;
  if (!IsPackaged()) {
    TRY(WriteUnitFile(OwnUnitFile(), kPackagedUnit));
    written.push_back(OwnUnitFile());
  }
  TRY(WriteUnitFile(DropInFile(), DropInText(setup, rights)));
  written.push_back(DropInFile());
  TRY(MustSystemctl("daemon-reload"));
  TRY(MustSystemctl(std::string("enable ") + kUnit));
  return written;
}

Status SystemdManager::Uninstall() {
  TRY(CheckSystemdRuns());
  ASSIGN_OR_RETURN(ServiceState state, State());
  if (state.installed) TRY(MustSystemctl(std::string("disable --now ") + kUnit));
  for (const std::string& file : {DropInFile(), OwnUnitFile()}) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
      return {Errc::kPermission, Printable(file) + ": cannot be removed: run this as root (sudo)"};
    }
  }
  ::rmdir((places_.own + "/" + kUnit + ".d").c_str());  // stays where somebody's own file is in it
  return MustSystemctl("daemon-reload");
}

Status SystemdManager::Start() {
  TRY(CheckSystemdRuns());
  return MustSystemctl(std::string("start ") + kUnit);
}

Status SystemdManager::Stop() {
  TRY(CheckSystemdRuns());
  return MustSystemctl(std::string("stop ") + kUnit);
}

Result<ServiceState> SystemdManager::State() {
  TRY(CheckSystemdRuns());
  ASSIGN_OR_RETURN(SystemctlAnswer shown,
                   Systemctl(std::string("show ") + kUnit +
                             " --property=LoadState,ActiveState,SubState,UnitFileState,MainPID,"
                             "StatusText"));
  ServiceState state;
  const std::string active = ValueOf(shown.text, "ActiveState");
  state.installed = ValueOf(shown.text, "LoadState") == "loaded";
  state.enabled = ValueOf(shown.text, "UnitFileState") == "enabled";
  state.running = active == "active" || active == "reloading";
  state.pid = std::atoll(ValueOf(shown.text, "MainPID").c_str());
  state.word = Printable(active + " (" + ValueOf(shown.text, "SubState") + ")");
  state.status = Printable(ValueOf(shown.text, "StatusText"));
  return state;
}

std::vector<std::string> SystemdManager::OutOfReach(const std::vector<std::string>& dirs) {
  if (!CheckSystemdRuns().ok()) return {};
  Result<SystemctlAnswer> unit = Systemctl(std::string("cat ") + kUnit);
  if (!unit.ok() || unit->code != 0) return {};
  std::vector<std::string> missing;
  for (const std::string& dir : dirs) {
    bool reached = false;
    for (const char* key : {"BindPaths", "ReadWritePaths"}) {
      for (const std::string& value : ValuesOf(unit->text, key)) {
        const bool quoted = value.size() > 1 && value.front() == '"';
        if (quoted && value == UnitPath(dir)) reached = true;
        for (size_t start = 0; !quoted && start < value.size();) {
          const size_t end = std::min(value.find(' ', start), value.size());
          if (LiesIn(dir, value.substr(start, end - start))) reached = true;
          start = end + 1;
        }
      }
    }
    if (!reached) missing.push_back(dir);
  }
  return missing;
}

std::unique_ptr<ServiceManager> ServiceManager::OfThisSystem() {
  return std::make_unique<SystemdManager>();
}

}  // namespace atozsync
