#include "sync/engine/list_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

std::vector<std::string> NamesOf(const DirListing& listing) {
  std::vector<std::string> names;
  for (const DirEntry& entry : listing.entries) names.push_back(entry.name);
  return names;
}

TEST(ListJob, ListsEachDirectoryInOrderOfNames) {
  TestFolder folder;
  for (const char* path : {"B/z.jpg", "B/a.jpg", "B/M.jpg", "C/x.jpg"}) folder.User(path, "x");
  const uint64_t looks_before = folder.files.calls(FsCall::kStat);
  const ListAnswer answer = RunListJob(folder.files, {P("C"), P("none"), P("B")});
  EXPECT_EQ(folder.files.calls(FsCall::kStat), looks_before + 1) << "one look at the marker";
  EXPECT_TRUE(answer.root_present);
  ASSERT_EQ(answer.listings.size(), 3u);
  EXPECT_EQ(NamesOf(answer.listings[0]), std::vector<std::string>{"x.jpg"});
  EXPECT_TRUE(answer.listings[1].status.Is(Errc::kNotFound));
  EXPECT_EQ(NamesOf(answer.listings[2]), (std::vector<std::string>{"M.jpg", "a.jpg", "z.jpg"}));
  EXPECT_EQ(answer.listings[2].entries[1].stat, folder.Stat("B/a.jpg"));
}

TEST(ListJob, OneThatFailsSaysNothingOfTheOthers) {
  TestFolder folder;
  folder.User("B/b.jpg", "b");
  folder.files.FailCall(FsCall::kList, 1, EIO);
  const ListAnswer answer = RunListJob(folder.files, {P("A"), P("B")});
  EXPECT_TRUE(answer.root_present);
  ASSERT_EQ(answer.listings.size(), 2u);
  EXPECT_TRUE(answer.listings[0].status.Is(Errc::kIo));
  EXPECT_EQ(NamesOf(answer.listings[1]), std::vector<std::string>{"b.jpg"});
}

TEST(ListJob, WhatItDoesNotReachIsLeftForTheNext) {
  TestFolder folder;
  for (size_t i = 0; i < kEntriesPerListJob; ++i) {
    ASSERT_TRUE(folder.files.WriteFile("B/" + std::to_string(i), "x").ok());
  }
  const ListAnswer answer = RunListJob(folder.files, {P("A"), P("B"), P("A")});
  ASSERT_EQ(answer.listings.size(), 2u);
  EXPECT_EQ(answer.listings[1].entries.size(), kEntriesPerListJob);
}

TEST(ListJob, AVolumeThatGoesAwayMeanwhileIsNotAnEmptyFolder) {
  TestFolder folder;
  folder.files.SetHook([&, left = 2](FsCall call, const RelPath&, const RelPath&) mutable {
    if (call == FsCall::kList && --left == 0) folder.files.Unmount();
  });
  EXPECT_FALSE(RunListJob(folder.files, {P("A"), P("A")}).root_present);
}

}  // namespace
}  // namespace atozsync
