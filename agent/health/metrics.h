// The same numbers for Prometheus, in its text format (version 0.0.4). No names of files in it.
// Pure.
#pragma once

#include <string>

#include "agent/health/overview.h"

namespace atozsync {

std::string MetricsText(const OverviewInputs& inputs);

}  // namespace atozsync
