// The numbered files of sync/index/sql, compiled in; the build writes the .cc.
#pragma once

#include <string_view>
#include <vector>

namespace atozsync {

// In order: element n-1 leads from version n-1 to version n.
const std::vector<std::string_view>& SchemaSteps();

}  // namespace atozsync
