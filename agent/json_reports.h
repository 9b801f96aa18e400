// The engine's reports as the JSON of the control API and of `--json`. Pure functions.
//
// Names of files are bytes, JSON is UTF-8: "path" is always printable text; where that is not the
// name itself (invalid UTF-8, control characters), "path_raw" holds the bytes in hexadecimal. Both
// forms are accepted back.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sync/engine/replica.h"

namespace atozsync {

using Json = nlohmann::json;

struct ReplicaFacts {
  ReplicaId id;
  std::string name;
  std::string root;
  std::string version;
};

// Who is who: replica prefix → name.
using ReplicaNames = std::map<uint32_t, std::string>;
std::string NameOf(const ReplicaNames& names, AuthorId author);

// What the last comparison of the database's rows with the folder's files counted.
struct DatabaseCounts {
  int64_t counted_ms = 0;  // wall time
  uint64_t rows = 0;
  uint64_t missing_files = 0;
  uint64_t orphan_files = 0;
};

// `counts`: nothing when rows and files were not compared yet.
Json StatusJson(const ReplicaFacts& facts, const ReplicaReport& report,
                const std::optional<DatabaseCounts>& counts = std::nullopt);
// "id" names the path (HeldId), for people who do not want to type it.
Json HeldJson(const HeldFile& held);
std::string HeldId(const RelPath& path);
Json ConflictJson(const ConflictRecord& record, const std::optional<RelPath>& kept_at,
                  const ReplicaNames& names);
Json HistoryJson(const RelPath& path, const std::vector<HistoryEntry>& entries);
Json ExplainJson(const ExplainReport& report, const ReplicaNames& names);
Json ResyncJson(const ResyncReport& report);
Json VersionJson(const FileVersion& version, const ReplicaNames& names);

// Sets "path" (and "path_raw") in `object`.
void PutPath(Json& object, const RelPath& path);
// From "path_raw" or "path": relative to the root, or absolute below `root`.
Result<RelPath> PathFrom(const Json& object, const std::string& root);
Result<RelPath> PathBelowRoot(std::string text, const std::string& root);

// As nlohmann's dump(), but never throws: what is not UTF-8 is replaced.
std::string Dump(const Json& json, int indent = -1);
// Lists and objects within each other that ParseJson() takes: far more than any request has.
inline constexpr size_t kJsonDepthMax = 64;
// Nothing when `text` is not JSON, or nested deeper than that.
std::optional<Json> ParseJson(const std::string& text);
// Null where there is none.
Json NullIfEmpty(const std::string& text);
Json TimeOrNull(int64_t wall_ms);  // 0 = none
// Text at `key`, or empty.
std::string TextAt(const Json& object, const char* key);
uint64_t NumberAt(const Json& object, const char* key);
bool FlagAt(const Json& object, const char* key);
// The list at `key`, or an empty one.
Json ListAt(const Json& object, const char* key);

}  // namespace atozsync
