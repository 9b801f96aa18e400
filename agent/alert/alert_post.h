// One POST of an alert. Blocking, for PostLimits at most; any thread.
#pragma once

#include <string>

#include "agent/config.h"
#include "sync/base/status.h"

namespace atozsync {

// OK for any answer of the 2xx kind. Follows no redirection.
Status PostAlert(const AlertUrl& url, const std::string& json);

}  // namespace atozsync
