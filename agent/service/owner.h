// Root acting as another user. An administrator gives commands as root (sudo) to an agent that has
// a user of its own: what a command then writes into the state directory has to be that user's, or
// the agent could not read it. Main thread only, before there are others.
#pragma once

#include <string>

#include "sync/base/status.h"

namespace atozsync {

// Root becomes the user whom `dir` belongs to, for good. Does nothing for others, nor where the
// directory is missing or root's own.
Status ActAsOwnerOf(const std::string& dir);
// Where root runs this: `path` and all below becomes the property of the user whom `owner_of`
// belongs to; groups stay as they are. Follows no links. Does nothing for others.
Status GiveToOwnerOf(const std::string& owner_of, const std::string& path);

}  // namespace atozsync
