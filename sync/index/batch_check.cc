#include "sync/index/batch_check.h"

namespace atozsync {

Status CheckBatch(const IndexBatch& batch) {
  for (const IndexRow& row : batch.rows) {
    if (row.path.is_root()) return {Errc::kInvalid, "index: the root itself has no row"};
  }
  for (const KeptVersion& kept : batch.kept) {
    if (kept.id.empty()) {
      return {Errc::kInvalid, "index: kept version of " + Printable(kept.path) + " has no id"};
    }
  }
  return Status::Ok();
}

}  // namespace atozsync
