// The FileSystem contract on the simulated file system: what the simulation proves about the engine
// holds on a disk only as far as both keep the same promises.
#include "tests/sim/sim_file_system.h"

#include "tests/contract/file_system_contract.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {
namespace {

class SimUnderTest final : public FileSystemUnderTest {
 public:
  explicit SimUnderTest(const SimFileSystemOptions& options)
      : files_(clock_, SimRandom(1), options) {}
  FileSystem& fs() override { return files_; }
  bool MakeLink(const RelPath& at, const RelPath& /*target*/) override {
    return files_.MakeOther(at.str()).ok();
  }

 private:
  SimScheduler scheduler_{1};
  SimClock clock_{scheduler_};
  SimFileSystem files_;
};

FileSystemFactory Factory(bool reuse_inodes, bool windows = false) {
  return [reuse_inodes, windows] {
    SimFileSystemOptions options;
    options.reuse_inodes = reuse_inodes;
    options.knows_writers = reuse_inodes;
    options.windows = windows;
    return std::make_unique<SimUnderTest>(options);
  };
}

INSTANTIATE_TEST_SUITE_P(Sim, FileSystemContract, testing::Values(Factory(false)));
INSTANTIATE_TEST_SUITE_P(SimReusingInodes, FileSystemContract, testing::Values(Factory(true)));
INSTANTIATE_TEST_SUITE_P(SimAsOnWindows, FileSystemContract, testing::Values(Factory(false, true)));

}  // namespace
}  // namespace atozsync
