// Reads from the practice's database what says where files lie and who takes part (PracticeFacts).
// Blocking; errors as of DatabaseConnection.
#pragma once

#include "agent/setup/image_root.h"
#include "database/connection.h"
#include "sync/base/status.h"

namespace atozsync {

Result<PracticeFacts> ReadPractice(DatabaseConnection& connection);

}  // namespace atozsync
