// The index is killed, or loses power, at every call that changes the disk: while it is made,
// within commits, while the log is moved into the file, on closing – and again while it recovers.
// What Commit() acknowledged is there; what it did not is there as a whole or not at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "tests/power/index_rig.h"

namespace atozsync {
namespace {

constexpr uint64_t kSeed = 20240611;
constexpr size_t kBatches = 30;
constexpr uint64_t kPlainLosses = 4;  // PowerDisk::LosePower's kinds 0 … 3

// Images are checked once, however many moments lead to them.
class Seen {
 public:
  bool Add(const Files& files, size_t low, size_t high) {
    size_t key = low * 1000 + high;
    for (const auto& [name, content] : files) {
      key = key * 31 + std::hash<std::string>()(name);
      key = key * 31 + std::hash<std::string_view>()(AsText(content));
    }
    return keys_.insert(key).second;
  }
  size_t size() const { return keys_.size(); }

 private:
  std::unordered_set<size_t> keys_;
};

class IndexCrash : public testing::Test {
 protected:
  void SetUp() override { Record({}); }
  // The whole workload, from a directory with these files in it.
  void Record(const Files& first) {
    first_ = PowerDisk::Of(first);
    WriteDirectory(rig_.dir(), first);
    run_ = rig_.Run(0, {}, kSeed);
    ASSERT_TRUE(run_.error.ok()) << run_.error.ToString();
    ASSERT_EQ(run_.acked.size(), kBatches);
  }
  void TearDown() override {
    RecordProperty("calls", static_cast<int>(run_.log.size()));
    RecordProperty("images", static_cast<int>(seen_.size()));
    std::printf("%zu calls, %zu different images\n", run_.log.size(), seen_.size());
  }

  // `calls` recorded calls have happened; the disk after them.
  template <typename Visit>
  void AtEveryMoment(size_t stride, Visit visit, size_t last = ~size_t{0}) {
    PowerDisk disk = first_;
    SimRandom random(kSeed);
    for (size_t calls = 0; calls <= std::min(last, run_.log.size()) && !HasFailure(); ++calls) {
      if (calls % stride == 0) visit(calls, disk);
      if (calls < run_.log.size()) disk.Apply(run_.log[calls], random);
    }
  }

  void Check(const PowerDisk& disk, size_t low, size_t high) {
    Files files = disk.Files();
    if (!seen_.Add(files, low, high)) return;
    rig_.ExpectRecovers(files, low, high, seen_.size() % 16 == 0);
  }

  // The disk after the loss of power number `kind` at this moment.
  static PowerDisk Lost(PowerDisk disk, size_t calls, uint64_t kind) {
    SimRandom random = SimRandom(kSeed + kind).Fork(std::to_string(calls));
    disk.LosePower(kind, random);
    return disk;
  }

  const IndexWorkload work_ = IndexWorkload::Make(kSeed, kBatches);
  IndexRig rig_{work_};
  PowerDisk first_;
  IndexRun run_;
  Seen seen_;
};

TEST_F(IndexCrash, KilledAtAnyCall) {
  SimRandom random(kSeed);
  AtEveryMoment(FullRun() ? 1 : 3, [&](size_t calls, const PowerDisk& disk) {
    SCOPED_TRACE("killed after call " + std::to_string(calls));
    Check(disk, run_.Low(calls), run_.High(calls));
    if (calls == run_.log.size()) return;
    PowerDisk part = disk;
    part.ApplyPart(run_.log[calls], random);
    Check(part, run_.Low(calls), run_.High(calls + 1));
  });
}

TEST_F(IndexCrash, LosesPowerAtAnyCall) {
  uint64_t draws = FullRun() ? 12 : 6;
  AtEveryMoment(FullRun() ? 1 : 7, [&](size_t calls, const PowerDisk& disk) {
    for (uint64_t kind = 0; kind < draws; ++kind) {
      if (kind > 0 && !disk.HasPending()) break;
      SCOPED_TRACE("power lost after call " + std::to_string(calls) + ", kind " +
                   std::to_string(kind));
      Check(Lost(disk, calls, kind), run_.Low(calls), run_.High(calls));
    }
  });
}

// A log whose file is gone, or was emptied, belongs to an index that is lost: also when the power
// fails while the new one is made, nothing of the old one may come back.
TEST_F(IndexCrash, NothingOfAnOldLogComesBackIntoANewIndex) {
  PowerDisk disk;
  SimRandom random(kSeed);
  for (size_t i = 0; i < run_.acked[8]; ++i) disk.Apply(run_.log[i], random);
  const Files old = disk.Files();
  ASSERT_GT(old.at("index.db-wal").size(), 10'000u);
  const Bytes& log = old.at("index.db-wal");
  for (const Files& first :
       {Files{{"index.db-wal", log}}, Files{{"index.db-wal", log}, {"index.db", {}}}}) {
    ASSERT_NO_FATAL_FAILURE(Record(first));
    auto visit = [&](size_t calls, const PowerDisk& at) {
      for (uint64_t kind = 0; kind < 6; ++kind) {
        SCOPED_TRACE("power lost after call " + std::to_string(calls) + ", kind " +
                     std::to_string(kind));
        Check(Lost(at, calls, kind), run_.Low(calls), run_.High(calls));
      }
      SCOPED_TRACE("killed after call " + std::to_string(calls));
      Check(at, run_.Low(calls), run_.High(calls));
    };
    AtEveryMoment(FullRun() ? 1 : 2, visit, run_.acked[0]);
  }
}

// The second crash: `first` is the disk that the first one left. What the index has shown after it
// was opened must not be taken back by a loss of power, however the first crash left it.
class IndexSecondCrash : public IndexCrash {
 protected:
  void CrashAgain(const PowerDisk& first, size_t low, size_t high) {
    WriteDirectory(rig_.dir(), first.Files());
    rig_.vfs().Start({}, kSeed);
    std::optional<size_t> state = rig_.Look(low, high);
    if (!state) return;
    const std::vector<DiskCall> log = rig_.vfs().log();
    size_t opened = rig_.calls_when_opened();
    PowerDisk disk = first;
    SimRandom random(kSeed);
    for (size_t calls = 0; calls <= log.size() && !HasFailure(); ++calls) {
      SCOPED_TRACE("again after call " + std::to_string(calls) + " of " +
                   std::to_string(log.size()) + ", opened after " + std::to_string(opened));
      size_t from = calls >= opened ? *state : low;
      size_t to = calls >= opened ? *state : high;
      Check(disk, from, to);
      for (uint64_t kind = 0; kind < kPlainLosses + 1 && disk.HasPending(); ++kind) {
        Check(Lost(disk, calls, kind), from, to);
      }
      if (calls < log.size()) disk.Apply(log[calls], random);
    }
  }
};

// Killed between the last write of a commit and its sync: the next start finds a commit that is
// whole. From then on it is told to peers and so must stay.
TEST_F(IndexSecondCrash, ACommitThatWasNeverSyncedIsShownOnlyWhenItWillStay) {
  size_t shown = 0;
  for (size_t batch = 0; batch < kBatches && !HasFailure(); ++batch) {
    PowerDisk disk;
    SimRandom random(kSeed);
    size_t calls = 0;
    while (calls < run_.begun[batch]) disk.Apply(run_.log[calls++], random);
    while (run_.log[calls].kind != DiskCall::Kind::kSync) {
      disk.Apply(run_.log[calls++], random);
      ASSERT_LT(calls, run_.acked[batch]) << "a commit without a sync";
    }
    WriteDirectory(rig_.dir(), disk.Files());
    rig_.vfs().Start({}, kSeed);
    std::optional<size_t> state = rig_.Look(batch, batch + 1);
    ASSERT_TRUE(state);
    shown += *state - batch;
    const std::vector<DiskCall> log = rig_.vfs().log();
    for (size_t i = 0; i < rig_.calls_when_opened(); ++i) disk.Apply(log[i], random);
    SCOPED_TRACE("batch " + std::to_string(batch));
    for (uint64_t kind = 0; kind < 8; ++kind) Check(Lost(disk, calls, kind), *state, *state);
  }
  EXPECT_GT(shown, kBatches / 2) << "not the moment that was meant";
}

TEST_F(IndexSecondCrash, AfterAKill) {
  AtEveryMoment(FullRun() ? 5 : 97, [&](size_t calls, const PowerDisk& disk) {
    SCOPED_TRACE("killed after call " + std::to_string(calls));
    CrashAgain(disk, run_.Low(calls), run_.High(calls));
  });
}

TEST_F(IndexSecondCrash, AfterALossOfPower) {
  AtEveryMoment(FullRun() ? 5 : 131, [&](size_t calls, const PowerDisk& disk) {
    uint64_t kind = 1 + calls % 7;
    SCOPED_TRACE("power lost after call " + std::to_string(calls) + ", kind " +
                 std::to_string(kind));
    CrashAgain(Lost(disk, calls, kind), run_.Low(calls), run_.High(calls));
  });
}

}  // namespace
}  // namespace atozsync
