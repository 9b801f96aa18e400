// CheckBatch: what no index accepts, whoever asks. Pure.
#pragma once

#include "sync/engine/index.h"

namespace atozsync {

// kInvalid where a row names the root (which has no row), or a kept version has no id.
Status CheckBatch(const IndexBatch& batch);

}  // namespace atozsync
