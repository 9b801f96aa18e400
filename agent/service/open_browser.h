// The desktop's browser. POSIX and Windows differ in the .cc.
#pragma once

#include <string>

#include "sync/base/status.h"

namespace atozsync {

// Starts it and does not wait for it. `url` is seen by other programs of this user at most.
// kNotFound: there is no desktop, or nothing that opens addresses.
Status OpenInBrowser(const std::string& url);

}  // namespace atozsync
