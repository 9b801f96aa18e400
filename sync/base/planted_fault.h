// Planted faults: one bug each, put into the real code on purpose and asleep until a test plants
// it, so that the tests can be tested – a suite that does not find it would not find such a bug of
// our own either. Not a way to inject errors of the system: the simulated parts do that.
//
// Each stands at the place of a promise as `if (Planted(PlantedFault::kX))`; none does anything
// unless planted, and none crashes by itself. Without test points (test_points.h) Planted() is
// false at compile time. One fault at a time, set before any other thread starts.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sync/base/planted_fault_list.h"
#include "sync/base/status.h"
#include "sync/base/test_points.h"

namespace atozsync {

#define ATOZ_PLANTED_FAULT_CONSTANT(constant, name, text) constant,
enum class PlantedFault : uint8_t { kNone, ATOZ_PLANTED_FAULTS(ATOZ_PLANTED_FAULT_CONSTANT) };
#undef ATOZ_PLANTED_FAULT_CONSTANT

namespace internal {
inline PlantedFault planted_fault = PlantedFault::kNone;
}  // namespace internal

inline bool Planted([[maybe_unused]] PlantedFault fault) {
  if constexpr (kTestPoints) {
    return internal::planted_fault == fault;
  } else {
    return false;
  }
}

// From now on the program has this bug; kNone mends it. Does nothing without test points.
void PlantFault(PlantedFault fault);

// All but kNone, in the order of the list.
const std::vector<PlantedFault>& AllPlantedFaults();
const char* PlantedFaultName(PlantedFault fault);  // "skip-directory-sync"; "none"
const char* PlantedFaultText(PlantedFault fault);  // what is broken – which promise with it
// Accepts "none", too. kInvalid: no such fault.
Result<PlantedFault> PlantedFaultByName(std::string_view name);

}  // namespace atozsync
