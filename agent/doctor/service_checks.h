// Whether the agent runs as a service, and whether the service can reach what it needs. Blocking.
#pragma once

#include "agent/config.h"
#include "agent/doctor/diagnosis.h"
#include "agent/service/service_manager.h"
#include "agent/state_dir.h"

namespace atozsync {

// Nothing where this machine has no service manager that is known here. `agent_answers`: one runs
// for this state, by whatever started it.
Diagnoses CheckService(ServiceManager& manager, const StateDir& state, const Config& config,
                       bool agent_answers);

}  // namespace atozsync
