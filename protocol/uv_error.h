// What libuv says when something fails, as a Status. The numbers differ between systems, libuv's
// names do not.
#pragma once

#include <string>

#include "sync/base/status.h"

namespace atozsync::protocol {

// REQUIRES: error < 0, as libuv returned it.
Status UvError(int error, const std::string& context);

}  // namespace atozsync::protocol
