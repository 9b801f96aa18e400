// Files beside the synchronized folder – the state directory's above all – by name. (The folder
// itself is FileSystem.) Names are UTF-8, absolute or relative to the working directory, with '/'
// between components; on Windows '\\' is understood too. Blocking; any thread. Errors name the
// path.
//
// "Private" means: nobody but the account that the agent runs as – and whoever administers the
// machine – reads or writes it. POSIX: mode 0600 or 0700. Windows: an access list of its own that
// inherits nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/status.h"

namespace atozsync {

// kNotFound when it is not there, kInvalid when it is longer than `bytes_max`.
Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max);
// Private. After OK the new content is there also after a power loss; at any other moment the old
// or the new content is there, whole.
Status WriteSmallFile(const std::string& path, std::string_view content);
// A private, empty file where none is; one that is there becomes private. Never opens the latter.
Status MakePrivateFile(const std::string& path);
// With all parents that are missing; private. OK when it is there already.
Status MakePrivateDir(const std::string& path);
// Takes all rights of others to a directory that is there.
Status MakeDirPrivate(const std::string& path);
// Replaces what stands at `to`, in one step and durably.
Status RenameDurably(const std::string& from, const std::string& to);
// Whatever is not there counts as removed; other failures are not told.
void RemoveFileIfThere(const std::string& path);
void RemoveDirIfEmpty(const std::string& path);

// A name that a person gave, as this program writes it: without '/' at its end, and on Windows with
// '/' for '\\'. Asks the system nothing.
std::string CleanName(std::string path);
// Does it name the same place wherever it is read? "/srv/a"; on Windows "C:/a" and
// "//server/share".
bool IsAbsolute(const std::string& path);

bool PathExists(const std::string& path);
bool IsDirectory(const std::string& path);
// Absolute and without links, "." and "..". The path must exist.
Result<std::string> RealPath(const std::string& path);
// The names in a directory, without "." and ".."; none where it cannot be read.
std::vector<std::string> NamesIn(const std::string& dir);
// May this process read, write and list there? The error says why not.
Status CheckWritable(const std::string& dir);

enum class Closed { kToAll, kToAllButItsGroup };  // the latter: a group may read, not write
// Have others rights to it that this forbids? False where it cannot be asked.
bool IsOpenToOthers(const std::string& path, Closed wanted = Closed::kToAll);
// The command by which a person closes it.
std::string HowToClose(const std::string& path);

// For calls of the standard library, which takes narrow names for something else on Windows.
inline std::filesystem::path NativePath(const std::string& path) {
  return std::filesystem::path(std::u8string(path.begin(), path.end()));
}

}  // namespace atozsync
