// Damage at random places of the file and of the log: never a crash, never an endless loop. A log
// that is damaged is as good as one that ends earlier: the index is exactly as after some commit. A
// file that is damaged says kCorrupt, or the damage is in something that nobody read.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/power/index_rig.h"

namespace atozsync {
namespace {

constexpr uint64_t kSeed = 11;
constexpr size_t kBatches = 17;
constexpr const char* kFile = "index.db";
constexpr const char* kLog = "index.db-wal";

std::string Damage(Bytes& content, SimRandom& random) {
  size_t at = static_cast<size_t>(random.Below(content.size()));
  size_t end = std::min(content.size(), at + PowerDisk::kSectorBytes);
  auto from = content.begin() + static_cast<ptrdiff_t>(at);
  auto to = content.begin() + static_cast<ptrdiff_t>(end);
  std::string where = " at " + std::to_string(at) + " of " + std::to_string(content.size());
  switch (random.Below(6)) {
    case 0: content.resize(at); return "cut" + where;
    case 1: std::fill(from, to, uint8_t{0}); return "zeros" + where;
    case 2: {
      Bytes noise = random.SomeBytes(end - at);
      std::copy(noise.begin(), noise.end(), from);
      return "noise" + where;
    }
    case 3: {
      // A sector that belongs elsewhere.
      size_t other = static_cast<size_t>(random.Below(content.size() - (end - at) + 1));
      Bytes copy(content.begin() + static_cast<ptrdiff_t>(other),
                 content.begin() + static_cast<ptrdiff_t>(other + (end - at)));
      std::copy(copy.begin(), copy.end(), from);
      return "bytes from " + std::to_string(other) + where;
    }
    default:
      content[at] = static_cast<uint8_t>(content[at] ^ (1u << random.Below(8)));
      return "a bit" + where;
  }
}

class IndexDamage : public testing::Test {
 protected:
  void SetUp() override {
    IndexRun run = rig_.Run(0, {}, kSeed);
    ASSERT_TRUE(run.error.ok()) << run.error.ToString();
    PowerDisk disk;
    SimRandom random(kSeed);
    for (size_t i = 0; i < run.acked[kBatches - 1]; ++i) disk.Apply(run.log[i], random);
    left_ = disk.Files();
    in_file_ = StateWithoutLog(left_);
    ASSERT_GE(kBatches, in_file_ + 4) << "the log has nothing to lose";
  }

  size_t StateWithoutLog(Files files) {
    files.erase(kLog);
    WriteDirectory(rig_.dir(), files);
    rig_.vfs().Start({}, 1);
    return rig_.Look(0, kBatches).value_or(kBatches);
  }

  const IndexWorkload work_ = IndexWorkload::Make(kSeed, kBatches);
  IndexRig rig_{work_, 1000};  // pages: a whole session is in the log
  Files left_;                 // as a process leaves it that is killed after its last commit
  size_t in_file_ = 0;         // the state of the file without its log
  const int tries_ = FullRun() ? 5000 : 400;
};

TEST_F(IndexDamage, ADamagedLogIsAnEarlierCommit) {
  SimRandom random(kSeed);
  size_t lost = 0;
  for (int i = 0; i < tries_ && !HasFailure(); ++i) {
    Files files = left_;
    SCOPED_TRACE(Damage(files[kLog], random));
    WriteDirectory(rig_.dir(), files);
    rig_.vfs().Start({}, 1);
    std::optional<size_t> state = rig_.Look(in_file_, kBatches);
    lost += state && *state < kBatches ? 1 : 0;
  }
  EXPECT_GT(lost, static_cast<size_t>(tries_) / 2);
}

TEST_F(IndexDamage, ADamagedFileIsNeverWorseThanALostOne) {
  SimRandom random(kSeed);
  size_t noticed = 0;
  for (int i = 0; i < tries_ && !HasFailure(); ++i) {
    Files files = left_;
    // With the log, and as after a clean stop.
    if (i % 2 == 0) files.erase(kLog);
    SCOPED_TRACE(Damage(files[kFile], random));
    WriteDirectory(rig_.dir(), files);
    rig_.vfs().Start({}, 1);
    auto opened = rig_.Open();
    Status status = opened.status();
    if (opened.ok()) {
      SqliteIndex& index = **opened;
      StateOf(index);
      IndexBatch batch = work_.batches[static_cast<size_t>(i) % kBatches];
      status = index.Commit(batch);
      EXPECT_EQ(status.ok(), index.health().ok());
    }
    if (status.ok()) continue;
    ++noticed;
    EXPECT_TRUE(status.Is(Errc::kCorrupt) || status.Is(Errc::kUnsupported)) << status.ToString();
  }
  EXPECT_GT(noticed, static_cast<size_t>(tries_) / 4);
}

}  // namespace
}  // namespace atozsync
