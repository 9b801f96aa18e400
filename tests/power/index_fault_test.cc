// Calls that fail: the error comes back as a value and sticks, it is never taken for damage (the
// agent would throw the index away), and nothing is half there after the next start – also when the
// power goes as well.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/power/index_rig.h"

namespace atozsync {
namespace {

constexpr uint64_t kSeed = 7;
constexpr size_t kBatches = 12;
constexpr VfsFault kVariants[] = {
    {0, false, false}, {0, true, false}, {0, false, true}, {0, true, true}};

class IndexFault : public testing::Test {
 protected:
  // Calls visit(fault) for every n-th call with every variant, or for every stride-th with one
  // variant, in turn.
  template <typename Visit>
  void AtEveryCall(uint64_t calls, uint64_t stride, Visit visit) {
    for (uint64_t call = 1; call <= calls && !HasFailure(); call += stride) {
      for (size_t i = 0; i < std::size(kVariants); ++i) {
        if (stride > 1 && i != call / stride % std::size(kVariants)) continue;
        VfsFault fault = kVariants[i];
        fault.call = call;
        SCOPED_TRACE("call " + std::to_string(call) + " fails" +
                     (fault.lasting ? ", and all after it" : "") + (fault.full ? ", full" : ""));
        visit(fault);
      }
    }
  }

  void ExpectNotTakenForDamage(const Status& error) {
    if (error.ok()) return;
    ++errors_;
    EXPECT_TRUE(error.Is(Errc::kIo) || error.Is(Errc::kNoSpace) || error.Is(Errc::kPermission))
        << ErrcName(error.code()) << ": " << error.ToString();
  }

  const IndexWorkload work_ = IndexWorkload::Make(kSeed, kBatches);
  IndexRig rig_{work_};
  size_t errors_ = 0;
};

TEST_F(IndexFault, AnyCallOfALife) {
  ASSERT_TRUE(rig_.Run(0, {}, kSeed).error.ok());
  uint64_t calls = rig_.vfs().calls();
  size_t kinds[kVfsCallKinds] = {};
  AtEveryCall(calls, FullRun() ? 1 : 5, [&](const VfsFault& fault) {
    WriteDirectory(rig_.dir(), {});
    IndexRun run = rig_.Run(0, fault, kSeed);
    if (rig_.vfs().failed()) ++kinds[static_cast<size_t>(*rig_.vfs().failed())];
    ExpectNotTakenForDamage(run.error);
    PowerDisk disk;
    SimRandom random = SimRandom(kSeed).Fork(std::to_string(fault.call));
    for (const DiskCall& call : run.log) disk.Apply(call, random);
    EXPECT_EQ(disk.Files(), ReadDirectory(rig_.dir())) << "the record is not what happened";
    rig_.ExpectRecovers(disk.Files(), run.acked.size(), run.begun.size(), false);
    disk.LosePower(fault.call % 6, random);
    SCOPED_TRACE("and the power is lost");
    rig_.ExpectRecovers(disk.Files(), run.acked.size(), run.begun.size(), false);
  });
  std::printf("%zu calls, %zu errors\n", static_cast<size_t>(calls), errors_);
  EXPECT_GT(errors_, 50u);
  for (VfsCall call :
       {VfsCall::kOpen, VfsCall::kRead, VfsCall::kWrite, VfsCall::kSync, VfsCall::kFileSize}) {
    EXPECT_GT(kinds[static_cast<size_t>(call)], 0u) << VfsCallName(call) << " never failed";
  }
}

TEST_F(IndexFault, AnyCallOfARecovery) {
  IndexRun run = rig_.Run(0, {}, kSeed);
  // A log with several commits in it: just after the one before the last.
  size_t moment = run.acked[kBatches - 2];
  PowerDisk disk;
  SimRandom random(kSeed);
  for (size_t i = 0; i < moment; ++i) disk.Apply(run.log[i], random);
  const Files left = disk.Files();
  rig_.ExpectRecovers(left, kBatches - 1, kBatches - 1, false);

  WriteDirectory(rig_.dir(), left);
  rig_.vfs().Start({}, kSeed);
  ASSERT_TRUE(rig_.Look(kBatches - 1, kBatches - 1));
  AtEveryCall(rig_.vfs().calls(), 1, [&](const VfsFault& fault) {
    WriteDirectory(rig_.dir(), left);
    IndexRun again = rig_.Run(kBatches - 1, fault, kSeed);
    ExpectNotTakenForDamage(again.error);
    size_t low = kBatches - 1 + again.acked.size();
    size_t high = kBatches - 1 + again.begun.size();
    rig_.ExpectRecovers(ReadDirectory(rig_.dir()), low, high, false);
  });
  EXPECT_GT(errors_, 20u);
}

}  // namespace
}  // namespace atozsync
