// Does a file hold what its name says? Told by the first bytes of the kinds of file that an A to Z
// folder has, as their formats define them. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "sync/base/bytes.h"

namespace atozsync {

// So many bytes from the beginning are enough to tell.
inline constexpr size_t kTypeHeadBytes = 1024;

// Is anything known of files with such a name ("x.JPG")? Letter case does not matter.
bool HasKnownType(std::string_view name);
// REQUIRES: HasKnownType(name). `head`: the file's first kTypeHeadBytes, or all of a shorter one.
// An empty file holds nothing that its name says.
bool FitsType(std::string_view name, ByteSpan head);

}  // namespace atozsync
