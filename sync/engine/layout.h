// Where the engine keeps its own things: ROOT/.atozsync/, on the same volume as the folder, never
// in a patient's folder, never synchronized.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/ids.h"
#include "sync/base/rel_path.h"

namespace atozsync {
class FileSystem;
}

namespace atozsync::layout {

RelPath Own();        // .atozsync
RelPath Marker();     // .atozsync/root-id
RelPath Staging();    // .atozsync/staging
RelPath Versions();   // .atozsync/versions
RelPath Conflicts();  // .atozsync/conflicts

// Is the marker there? Where it is not, the volume is away: what is seen says nothing.
bool RootPresent(FileSystem& files);

// A staged file that is whole. `number` is unique in this run.
RelPath Staged(uint64_t number, const ContentHash& hash);
// Is that a name which Staged() gives to such content?
bool IsStagedOf(std::string_view name, const ContentHash& hash);
// A large file on its way; survives a restart, its chunks are used again.
RelPath Partial(const ContentHash& hash);
bool IsPartial(std::string_view name);
// A whole content that waits for its row; survives a restart.
RelPath Held(const ContentHash& hash);
// kInvalid where it is another file of the staging folder.
Result<ContentHash> HashOfHeld(std::string_view name);
// The losing bytes of a conflict: its id, then something that makes the name new.
RelPath ConflictCopy(const ContentHash& conflict_id, uint64_t distinct);
// The id in such a name; kInvalid where it is another place.
Result<ContentHash> ConflictOfCopy(const RelPath& place);
// Where recovery puts a staged file that stood in the folder, or that a program has written to, and
// that cannot go to its path.
RelPath UsersBytes(const RelPath& staged);

// .atozsync/versions/<directory>/<name>~<UTC>-<content>: a person finds it in Explorer, and the
// index can be rebuilt from it. Long names are cut and get a hash, so that the whole stays a legal
// name.
RelPath KeptVersion(const RelPath& path, int64_t kept_ms, const ContentHash& hash,
                    uint64_t distinct);

struct KeptName {
  std::string name;  // of the file it was
  int64_t kept_ms = 0;
  std::string content;  // first 16 digits of the hash
};
// The parts of the last component of KeptVersion(); empty name where it is something else. A name
// that was cut comes back cut.
KeptName ParseKeptName(std::string_view name);

}  // namespace atozsync::layout
