// How the brake is tied to the rooms that see what happens to files here.
#include "sync/engine/replica_impl.h"

namespace atozsync {

void Replica::Impl::WireBrake() {
  scanner.on_gone = [this](const std::vector<RelPath>& gone, size_t missing) {
    brake.ExpectGone(gone, missing);
  };
  scanner.may_change = [this](const IndexRow& row, const CheckResult& found) {
    return brake.MayChange(row, found);
  };
  scanner.on_stands = [this](const RelPath& path, const FileStat& stat) {
    brake.OnStands(path, stat);
  };
  scanner.held_stamp = [this](const RelPath& path) { return brake.StampOf(path); };
  brake.unsure = [this](const RelPath& path) { return scanner.Unsure(path); };
  brake.look_again = [this](const RelPath& path, bool gone) {
    gone ? scanner.LookForGone(path) : scanner.CheckSoon(path);
  };
  brake.scan_all = [this] { scanner.ScanTree(RelPath()); };
  brake.take_back = [this](const IndexRow& row, const std::optional<Standing>& stands) {
    return puller.TakeBack(row, stands);
  };
  brake.on_progress = [this] { Progress(); };
}

}  // namespace atozsync
