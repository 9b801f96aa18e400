#include "sync/base/planted_fault.h"

#include <string>

namespace atozsync {

namespace {

struct PlantedFaultEntry {
  PlantedFault fault;
  const char* name;
  const char* text;
};

#define ATOZ_PLANTED_FAULT_ENTRY(constant, name, text) {PlantedFault::constant, name, text},
constexpr PlantedFaultEntry kFaults[] = {
    {PlantedFault::kNone, "none", "nothing is broken on purpose"},
    ATOZ_PLANTED_FAULTS(ATOZ_PLANTED_FAULT_ENTRY)};
#undef ATOZ_PLANTED_FAULT_ENTRY

const PlantedFaultEntry& EntryOf(PlantedFault fault) {
  return kFaults[static_cast<size_t>(fault)];
}

}  // namespace

void PlantFault(PlantedFault fault) {
  if constexpr (kTestPoints) internal::planted_fault = fault;
}

const std::vector<PlantedFault>& AllPlantedFaults() {
  static const std::vector<PlantedFault> all = [] {
    std::vector<PlantedFault> faults;
    for (const PlantedFaultEntry& entry : kFaults) {
      if (entry.fault != PlantedFault::kNone) faults.push_back(entry.fault);
    }
    return faults;
  }();
  return all;
}

const char* PlantedFaultName(PlantedFault fault) {
  return EntryOf(fault).name;
}

const char* PlantedFaultText(PlantedFault fault) {
  return EntryOf(fault).text;
}

Result<PlantedFault> PlantedFaultByName(std::string_view name) {
  for (const PlantedFaultEntry& entry : kFaults) {
    if (name == entry.name) return entry.fault;
  }
  return Status(Errc::kInvalid, "'" + std::string(name) + "' is not a planted fault");
}

}  // namespace atozsync
