// Writes the files of a FolderPlan below a directory. Blocking. Nothing is synced to the disk: what
// is generated can be generated again.
#pragma once

#include <cstdint>
#include <string>

#include "sync/base/status.h"
#include "tools/atoz_folder/folder_plan.h"

namespace atozsync {

struct GenerateOptions {
  std::string out;
  PlanOptions plan;
  bool force = false;  // also into a directory that is not empty; replaces files of equal names
};

struct GenerateSummary {
  uint64_t files = 0;    // synchronized ones
  uint64_t bytes = 0;    // in them
  uint64_t extras = 0;   // thumbnails and the like
  uint64_t folders = 0;  // made, at any depth, without the root
};

Result<GenerateSummary> GenerateFolder(const GenerateOptions& options);

}  // namespace atozsync
