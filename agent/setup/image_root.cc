#include "agent/setup/image_root.h"

#include <algorithm>

#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

bool SameWithoutCase(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool IsSlash(char c) {
  return c == '/' || c == '\\';
}

std::string_view TakePart(std::string_view* path) {
  size_t end = 0;
  while (end < path->size() && !IsSlash((*path)[end])) ++end;
  std::string_view part = path->substr(0, end);
  path->remove_prefix(std::min(end + 1, path->size()));
  return part;
}

// One setting, and what it names.
struct Setting {
  std::string source;
  std::vector<std::string> paths;
  // Open Dental takes a workstation's own path as it is, and looks for the folder A in others.
  bool as_it_is = false;
};

std::optional<Setting> DecidingSetting(const PracticeFacts& facts, const ThisMachine& machine) {
  for (const ComputerRow& computer : facts.computers) {
    bool own = std::any_of(machine.names.begin(), machine.names.end(),
                           [&](const auto& name) { return SameWithoutCase(name, computer.name); });
    if (own && !computer.image_path.empty()) {
      return Setting{"the workstation setting of " + computer.name, {computer.image_path}, true};
    }
  }
  const ServerRow* own = OwnServer(facts);
  const bool of_server = own != nullptr && !SplitPaths(own->image_path).empty();
  std::vector<std::string> paths = SitePaths(facts);
  if (paths.empty()) return std::nullopt;
  return Setting{of_server ? "the replication server's setting (server_id " +
                                 std::to_string(own->server_id) + ")"
                           : "Setup, Data Paths",
                 std::move(paths)};
}

}  // namespace

Status CheckFolderUsed(const PracticeFacts& facts) {
  static constexpr std::string_view kAdvice = ": there is no folder to keep the same";
  const std::string& used = facts.folder_used;
  if (used == "1") return Status::Ok();
  std::string what = used == "0"   ? "Open Dental keeps images inside the database"
                     : used == "2" ? "Open Dental keeps images in Dropbox"
                     : used == "3" ? "Open Dental keeps images on an SFTP server"
                     : used.empty()
                         ? "the database does not say where images are kept (AtoZfolderUsed)"
                         : "Open Dental keeps images in a way that is not known (AtoZfolderUsed " +
                               Printable(used) + ")";
  return {Errc::kUnsupported, what + std::string(kAdvice)};
}

bool IsOwnShare(std::string_view path, const ThisMachine& machine) {
  if (path.size() < 3 || !IsSlash(path[0]) || !IsSlash(path[1])) return false;
  path.remove_prefix(2);
  const std::string_view server = TakePart(&path);
  return std::any_of(machine.names.begin(), machine.names.end(),
                     [&](const auto& name) { return SameWithoutCase(name, server); });
}

std::vector<std::string> SitePaths(const PracticeFacts& facts) {
  const ServerRow* own = OwnServer(facts);
  std::vector<std::string> paths;
  if (own != nullptr) paths = SplitPaths(own->image_path);
  return paths.empty() ? SplitPaths(facts.doc_path) : paths;
}

std::optional<std::string> LocalPath(std::string_view path, const ThisMachine& machine) {
  const bool unc = path.size() > 2 && IsSlash(path[0]) && IsSlash(path[1]);
  if (!unc) {
    return IsAbsolute(std::string(path)) ? std::optional<std::string>(path) : std::nullopt;
  }
  if (!IsOwnShare(path, machine)) return std::nullopt;
  path.remove_prefix(2);
  TakePart(&path);
  const std::string_view share = TakePart(&path);
  for (const Share& known : machine.shares) {
    if (!SameWithoutCase(known.name, share)) continue;
    const char slash = known.local_path.find('\\') != std::string::npos ? '\\' : '/';
    std::string local = known.local_path;
    while (!path.empty()) {
      std::string_view part = TakePart(&path);
      if (part == "..") return std::nullopt;  // never out of the share
      if (part.empty() || part == ".") continue;
      if (!IsSlash(local.back())) local += slash;
      local += part;
    }
    return local;
  }
  return std::nullopt;
}

std::vector<std::string> SplitPaths(std::string_view list) {
  std::vector<std::string> paths;
  for (size_t start = 0; start <= list.size();) {
    size_t end = std::min(list.find(';', start), list.size());
    std::string_view path = list.substr(start, end - start);
    while (!path.empty() && path.front() == ' ') path.remove_prefix(1);
    while (!path.empty() && path.back() == ' ') path.remove_suffix(1);
    if (!path.empty()) paths.emplace_back(path);
    start = end + 1;
  }
  return paths;
}

const ServerRow* OwnServer(const PracticeFacts& facts) {
  if (facts.server_id == 0) return nullptr;
  for (const ServerRow& server : facts.servers) {
    if (server.server_id == facts.server_id) return &server;
  }
  return nullptr;
}

Result<ImageRoot> FindImageRoot(const PracticeFacts& facts, const ThisMachine& machine,
                                const std::function<bool(const std::string&)>& is_folder) {
  std::optional<Setting> setting = DecidingSetting(facts, machine);
  if (!setting) {
    return Status(Errc::kNotFound,
                  "the database names no A to Z folder: say where it is with --root");
  }
  std::string tried;
  for (const std::string& path : setting->paths) {
    std::optional<std::string> local = LocalPath(path, machine);
    if (local && is_folder(setting->as_it_is ? *local : *local + "/A")) {
      return ImageRoot{*local, setting->source};
    }
    tried += (tried.empty() ? "" : "; ") + Printable(path);
    if (local) tried += setting->as_it_is ? " (not a folder)" : " (no folder with A in it)";
  }
  return Status(Errc::kNotFound, setting->source + " names " + tried +
                                     ", which this machine does not know as a folder of its own: "
                                     "say where it is with --root");
}

std::string PeerSuggestions(const PracticeFacts& facts) {
  std::string lines;
  for (const ServerRow& server : facts.servers) {
    if (server.server_id == facts.server_id && facts.server_id != 0) continue;
    lines += "  " + Printable(server.description) + " (server_id " +
             std::to_string(server.server_id) + ")\n";
  }
  if (lines.empty()) return "";
  return "The practice's other replication servers, as the database names them:\n" + lines +
         "Nothing was added for them. For each: run `atozsync init` there, here `atozsync invite`, "
         "and there\n`atozsync join TOKEN` with what it printed.\n";
}

}  // namespace atozsync
