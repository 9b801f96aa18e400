// Where the practice keeps its A to Z folder: the rules by which an Open Dental workstation finds
// it, applied to what the database says (PracticeFacts). Pure functions but for the question
// whether a folder is there, which the caller answers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/status.h"

namespace atozsync {

struct ServerRow {  // of replicationserver
  std::string description;
  uint64_t server_id = 0;
  std::string image_path;  // may hold several, separated by ';'
};

struct ComputerRow {  // of computerpref
  std::string name;
  std::string image_path;
};

struct PracticeFacts {
  static constexpr size_t kRowsMax = 1000;  // servers, and computers, that are read

  std::string folder_used;  // preference AtoZfolderUsed; empty: there is none
  std::string doc_path;     // preference DocPath
  std::string update_on;    // preference UpdateInProgressOnComputerName
  std::string failed_at;    // preference ReplicationFailureAtServer_id
  uint64_t server_id = 0;   // @@server_id
  std::vector<ServerRow> servers;
  std::vector<ComputerRow> computers;  // those with a path of their own
};

// A folder of this machine that it shares under a name.
struct Share {
  std::string name;
  std::string local_path;
};
struct ThisMachine {
  std::vector<std::string> names;  // by which others know it; compared without case
  std::vector<Share> shares;
};

// OK: image files lie in a folder of the practice. kUnsupported: elsewhere, with the reason.
Status CheckFolderUsed(const PracticeFacts& facts);

// The path on this machine: `path` itself when it is one, the folder behind \\SERVER\Share\rest
// when this machine is SERVER and shares it. Nothing: it is another machine's, or of another
// system.
std::optional<std::string> LocalPath(std::string_view path, const ThisMachine& machine);

// "\\SERVER\Share…" where SERVER is this machine, whether it shares such a folder or not.
bool IsOwnShare(std::string_view path, const ThisMachine& machine);

// The parts of `list` between ';', without the empty ones.
std::vector<std::string> SplitPaths(std::string_view list);

const ServerRow* OwnServer(const PracticeFacts& facts);

// Where workstations of this site look that have no path of their own.
std::vector<std::string> SitePaths(const PracticeFacts& facts);

struct ImageRoot {
  std::string path;    // on this machine
  std::string source;  // which setting says so, for a person
};
// `is_folder`: is there a directory of this name? kNotFound: none of what the settings name is a
// folder here; the message says what they name and that --root decides.
Result<ImageRoot> FindImageRoot(const PracticeFacts& facts, const ThisMachine& machine,
                                const std::function<bool(const std::string&)>& is_folder);

// How to bring the practice's other servers into the cluster: lines for a person, empty when the
// database knows of none.
std::string PeerSuggestions(const PracticeFacts& facts);

}  // namespace atozsync
