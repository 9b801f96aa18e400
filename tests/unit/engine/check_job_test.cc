#include "sync/engine/check_job.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

const std::shared_ptr<const Bytes> kSecret = std::make_shared<const Bytes>(TestSecret());

class CheckJob : public testing::Test {
 protected:
  explicit CheckJob(const SimFileSystemOptions& options = {}) : folder_(options) {}
  CheckLimits Limits() {
    CheckLimits limits;
    limits.wall_ns = folder_.clock.WallNs();
    limits.settle_ms = 2'000;
    limits.racy_window_ms = 100;
    return limits;
  }
  CheckAnswer Run(const std::vector<CheckItem>& items) {
    return RunCheckJob(folder_.files, kSecret, items, Limits());
  }
  CheckResult Check(const std::string& path, FileStamp known = {}, bool settled = false) {
    CheckAnswer answer = Run({{P(path), known, settled}});
    EXPECT_EQ(answer.results.size(), 1u);
    return answer.results.empty() ? CheckResult() : answer.results[0];
  }
  // Runs `change` before the nth call of this kind.
  void Before(FsCall call, int nth, std::function<void()> change) {
    folder_.files.SetHook(
        [=, left = nth, this](FsCall now, const RelPath&, const RelPath&) mutable {
          if (now != call || --left != 0) return;
          folder_.Tick();
          change();
        });
  }

  TestFolder folder_;
};

TEST_F(CheckJob, SaysWhatStandsThere) {
  ASSERT_TRUE(folder_.files.MakeOther("link").ok());
  folder_.Tick(10 * kSecond);
  CheckAnswer answer = Run({{P("A/keep.jpg"), {}, false},
                            {P("A"), {}, false},
                            {P("none"), {}, false},
                            {P("link"), {}, false}});
  ASSERT_EQ(answer.results.size(), 4u);
  EXPECT_EQ(answer.results[0].kind, CheckKind::kHashed);
  EXPECT_EQ(answer.results[0].hashed.hash, HashOf(*kSecret, AsBytes("keep")));
  EXPECT_EQ(answer.results[0].hashed.size, 4u);
  EXPECT_EQ(FileStamp::Of(answer.results[0].stat), folder_.Stamp("A/keep.jpg"));
  EXPECT_EQ(answer.results[1].kind, CheckKind::kDir);
  EXPECT_EQ(answer.results[2].kind, CheckKind::kAbsent);
  EXPECT_EQ(answer.results[3].kind, CheckKind::kOther);
  EXPECT_TRUE(answer.root_present);
}

TEST_F(CheckJob, AnEqualStampMeansThatNothingIsRead) {
  folder_.Tick(10 * kSecond);
  FileStamp known = folder_.Stamp("A/keep.jpg");
  EXPECT_EQ(Check("A/keep.jpg", known).kind, CheckKind::kUnchanged);
  EXPECT_EQ(folder_.files.bytes_read(), 0u);
  FileStamp racy = known;
  racy.inode = 0;
  EXPECT_EQ(Check("A/keep.jpg", racy).kind, CheckKind::kHashed) << "not to be trusted";
  for (int part = 0; part < 4; ++part) {
    FileStamp other = known;
    if (part == 0) ++other.size;
    if (part == 1) ++other.mtime_ns;
    if (part == 2) ++other.ctime_ns;
    if (part == 3) ++other.inode;
    EXPECT_EQ(Check("A/keep.jpg", other).kind, CheckKind::kHashed) << part;
  }
}

TEST_F(CheckJob, AFileThatWasJustWrittenIsLeftAloneUntilItIsClosedOrQuiet) {
  folder_.User("A/new.jpg", "half");
  EXPECT_EQ(Check("A/new.jpg").kind, CheckKind::kUnsettled);
  EXPECT_EQ(folder_.files.bytes_read(), 0u);
  EXPECT_EQ(Check("A/new.jpg", {}, true).kind, CheckKind::kHashed) << "its writer has closed it";
  folder_.Tick(2 * kSecond);
  EXPECT_EQ(Check("A/new.jpg").kind, CheckKind::kHashed);
}

SimFileSystemOptions ThatKnowsWriters() {
  SimFileSystemOptions options;
  options.knows_writers = true;
  return options;
}

class CheckJobWhereWritersAreKnown : public CheckJob {
 protected:
  CheckJobWhereWritersAreKnown() : CheckJob(ThatKnowsWriters()) {
    // Who writes to it is told of every second file.
    for (int i = 0; name_.empty() || folder_.Stat(name_).inode % 2 == 0; ++i) {
      name_ = "A/new" + std::to_string(i) + ".jpg";
      folder_.User(name_, "whole");
    }
    folder_.Tick(10 * kSecond);
  }
  CheckResult CheckAfter(int64_t ns) {
    folder_.Tick(ns);
    return Check(name_);
  }

  std::string name_;
};

TEST_F(CheckJobWhereWritersAreKnown, WhatNobodyHasOpenNeedsAShortPauseOnly) {
  ASSERT_TRUE(folder_.files.WriteFile(name_, "again").ok());
  const CheckResult at_once = CheckAfter(20 * kMs);
  EXPECT_EQ(at_once.kind, CheckKind::kUnsettled) << "it may be opened once more, or get its times";
  EXPECT_EQ(at_once.again_ms, 50);
  EXPECT_EQ(CheckAfter(at_once.again_ms * kMs).kind, CheckKind::kHashed);
}

TEST_F(CheckJobWhereWritersAreKnown, WhatAProgramHasOpenWaitsUntilItIsQuiet) {
  {
    const auto writer = folder_.files.OpenAsUser(name_).value();
    ASSERT_TRUE(writer->WriteAt(0, AsBytes("half")).ok());
    const CheckResult open = CheckAfter(100 * kMs);
    EXPECT_EQ(open.kind, CheckKind::kUnsettled);
    EXPECT_EQ(open.again_ms, 0) << "the usual pause";
    ASSERT_TRUE(writer->WriteAt(4, AsBytes("whole")).ok());
  }
  EXPECT_EQ(CheckAfter(100 * kMs).kind, CheckKind::kHashed);
}

TEST_F(CheckJobWhereWritersAreKnown, AProgramThatOpensItAfterTheQuestionIsSeenByWhatItWrites) {
  ASSERT_TRUE(folder_.files.WriteFile(name_, "again").ok());
  folder_.Tick(100 * kMs);
  std::unique_ptr<File> writer;
  Before(FsCall::kRead, 1, [&] {
    writer = folder_.files.OpenAsUser(name_).value();
    ASSERT_TRUE(writer->WriteAt(0, AsBytes("half")).ok());
  });
  EXPECT_EQ(Check(name_).kind, CheckKind::kUnsettled);
}

TEST_F(CheckJobWhereWritersAreKnown, AFileThatCannotBeOpenedIsNotTakenForOneThatNobodyWrites) {
  ASSERT_TRUE(folder_.files.WriteFile(name_, "again").ok());
  folder_.Tick(100 * kMs);
  folder_.files.FailCall(FsCall::kOpenRead, 1, EACCES);
  const CheckResult result = Check(name_);
  EXPECT_EQ(result.kind, CheckKind::kUnsettled);
  EXPECT_EQ(result.again_ms, 0);
}

// Copied with its old time: only the change time tells that it is new.
TEST_F(CheckJob, TheChangeTimeCountsAsMuchAsTheFilesOwn) {
  folder_.User("A/new.jpg", "copied");
  ASSERT_TRUE(folder_.files.SetUserMtime("A/new.jpg", kSecond).ok());
  EXPECT_EQ(Check("A/new.jpg").kind, CheckKind::kUnsettled);
}

TEST_F(CheckJob, ATimeFarAheadIsAWrongClockAndNoReasonToWait) {
  folder_.Tick(10 * kSecond);
  ASSERT_TRUE(
      folder_.files.SetUserMtime("A/keep.jpg", folder_.clock.WallNs() + 86'400 * kSecond).ok());
  folder_.Tick(10 * kSecond);
  CheckResult result = Check("A/keep.jpg");
  EXPECT_EQ(result.kind, CheckKind::kHashed);
  EXPECT_FALSE(result.racy);
}

// The clock of a job stands since the job was given: a stamp may be younger than that.
TEST_F(CheckJob, AFileWrittenSinceTheJobWasGivenIsBeingWritten) {
  CheckLimits limits = Limits();
  folder_.Tick(3 * kSecond);
  folder_.User("A/new.jpg", "half");
  CheckAnswer answer = RunCheckJob(folder_.files, kSecret, {{P("A/new.jpg"), {}, false}}, limits);
  EXPECT_EQ(answer.results.at(0).kind, CheckKind::kUnsettled);
}

TEST_F(CheckJob, AChangeInTheSameTickAsTheLookIsRacy) {
  ASSERT_TRUE(folder_.files.WriteFile("A/new.jpg", "now").ok());
  EXPECT_TRUE(Check("A/new.jpg", {}, true).racy);
  folder_.Tick(99 * kMs);
  EXPECT_TRUE(Check("A/new.jpg", {}, true).racy);
  folder_.Tick(kMs);
  EXPECT_FALSE(Check("A/new.jpg", {}, true).racy);
}

TEST_F(CheckJob, ALockedFileIsLaterNotGone) {
  folder_.Tick(10 * kSecond);
  for (int os_errno : {EBUSY, EACCES, EIO}) {
    ASSERT_TRUE(folder_.files.SetNodeError("A/keep.jpg", os_errno));
    CheckResult result = Check("A/keep.jpg");
    EXPECT_EQ(result.kind, CheckKind::kLocked) << os_errno;
    EXPECT_NE(result.problem.find("A/keep.jpg"), std::string::npos) << result.problem;
  }
  ASSERT_TRUE(folder_.files.SetNodeError("A/keep.jpg", 0));
  EXPECT_EQ(Check("A/keep.jpg").kind, CheckKind::kHashed);
}

TEST_F(CheckJob, AnErrorInTheMiddleOfReadingIsLaterToo) {
  folder_.Tick(10 * kSecond);
  for (FsCall call : {FsCall::kStat, FsCall::kOpenRead, FsCall::kRead}) {
    folder_.files.FailCall(call, 1, EIO);
    EXPECT_EQ(Check("A/keep.jpg").kind, CheckKind::kLocked) << FsCallName(call);
  }
}

TEST_F(CheckJob, WhatChangesWhileItIsReadHasNoHash) {
  const std::string big(3u << 20, 'x');
  using Change = std::function<void()>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"written",
       [&] { ASSERT_TRUE(folder_.files.WriteFile("A/big", std::string(3u << 20, 'y')).ok()); }},
      {"longer", [&] { ASSERT_TRUE(folder_.files.Append("A/big", "more").ok()); }},
      {"shorter", [&] { ASSERT_TRUE(folder_.files.WriteFile("A/big", "less").ok()); }},
      {"replaced", [&] { ASSERT_TRUE(folder_.files.ReplaceFile("A/big", big).ok()); }},
      {"touched", [&] { ASSERT_TRUE(folder_.files.SetUserMtime("A/big", 5).ok()); }}};
  for (const auto& [name, change] : changes) {
    for (int nth = 1; nth <= 4; ++nth) {
      folder_.User("A/big", big);
      folder_.Tick(10 * kSecond);
      Before(FsCall::kRead, nth, change);
      EXPECT_EQ(Check("A/big").kind, CheckKind::kUnsettled) << name << " before read " << nth;
      folder_.files.SetHook(nullptr);
      folder_.Tick(10 * kSecond);
      EXPECT_EQ(Check("A/big").kind, CheckKind::kHashed);
    }
  }
}

// It was quiet when it was looked at, and is no more.
TEST_F(CheckJob, AFileWrittenBetweenTheLookAndTheReadingIsBeingWritten) {
  folder_.Tick(10 * kSecond);
  Before(FsCall::kOpenRead, 1, [&] { ASSERT_TRUE(folder_.files.Append("A/keep.jpg", "x").ok()); });
  EXPECT_EQ(Check("A/keep.jpg").kind, CheckKind::kUnsettled);
}

TEST_F(CheckJob, WhatIsRemovedMeanwhileIsAbsent) {
  folder_.Tick(10 * kSecond);
  Before(FsCall::kOpenRead, 1, [&] { ASSERT_TRUE(folder_.files.Remove("A/keep.jpg").ok()); });
  EXPECT_EQ(Check("A/keep.jpg").kind, CheckKind::kAbsent);
  folder_.User("A/keep.jpg", "again");
  folder_.Tick(10 * kSecond);
  Before(FsCall::kRead, 1, [&] { ASSERT_TRUE(folder_.files.Remove("A/keep.jpg").ok()); });
  EXPECT_EQ(Check("A/keep.jpg").kind, CheckKind::kAbsent);
}

TEST_F(CheckJob, AJobThatHasReadEnoughGivesTheRestBack) {
  for (int i = 0; i < 5; ++i) folder_.User("A/" + std::to_string(i), std::string(1'000, 'x'));
  folder_.Tick(10 * kSecond);
  std::vector<CheckItem> items;
  for (int i = 0; i < 5; ++i) items.push_back({P("A/" + std::to_string(i)), {}, false});
  items.push_back({P("none"), {}, false});
  CheckLimits limits = Limits();
  limits.bytes_max = 1'500;
  CheckAnswer answer = RunCheckJob(folder_.files, kSecret, items, limits);
  ASSERT_EQ(answer.results.size(), 6u);
  EXPECT_EQ(answer.results[0].kind, CheckKind::kHashed);
  EXPECT_EQ(answer.results[1].kind, CheckKind::kHashed);
  for (size_t i = 2; i < 5; ++i) EXPECT_EQ(answer.results[i].kind, CheckKind::kNotReached);
  EXPECT_EQ(answer.results[5].kind, CheckKind::kAbsent) << "costs nothing to find out";
  EXPECT_EQ(folder_.files.bytes_read(), 2'000u);
}

// A volume that went away must not look like a thousand deletions.
TEST_F(CheckJob, AbsenceMeansNothingWithoutTheMarker) {
  folder_.files.Unmount();
  CheckAnswer answer = Run({{P("A/keep.jpg"), {}, false}});
  EXPECT_EQ(answer.results[0].kind, CheckKind::kAbsent);
  EXPECT_FALSE(answer.root_present);
  folder_.files.Mount();
  folder_.Tick(10 * kSecond);
  Before(FsCall::kStat, 1, [&] { folder_.files.Unmount(); });
  EXPECT_FALSE(Run({{P("A/keep.jpg"), {}, false}}).root_present) << "it went in between";
}

}  // namespace
}  // namespace atozsync
