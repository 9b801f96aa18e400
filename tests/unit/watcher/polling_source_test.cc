#include "watcher/polling_source.h"

#include <gtest/gtest.h>

#include <vector>

#include "sync/os/uv_executor.h"
#include "watcher/inotify_watcher.h"
#include "watcher/make_hint_source.h"

namespace atozsync {
namespace {

TEST(PollingSource, LooksAtEverythingAgainAndAgain) {
  UvExecutor executor(1);
  PollingSource source(executor, 1);
  std::vector<Hint> hints;
  ASSERT_TRUE(source.Start([&](Hint hint) { hints.push_back(hint); }).ok());
  EXPECT_TRUE(hints.empty());
  while (hints.size() < 3) uv_run(executor.raw(), UV_RUN_ONCE);
  for (const Hint& hint : hints) EXPECT_EQ(hint, (Hint{RelPath(), HintKind::kRecursive}));
  EXPECT_EQ(source.status().mode, "polling");
}

TEST(PollingSource, SaysNothingOnceItIsGone) {
  UvExecutor executor(1);
  int hints = 0;
  auto source = std::make_unique<PollingSource>(executor, 1);
  ASSERT_TRUE(source->Start([&](const Hint&) { ++hints; }).ok());
  source.reset();
  bool later = false;
  executor.PostAfter(5, [&] { later = true; });
  while (!later) uv_run(executor.raw(), UV_RUN_ONCE);
  EXPECT_EQ(hints, 0);
}

TEST(MakeHintSource, PollsNetworkFileSystems) {
  UvExecutor executor(1);
  auto polled = MakeHintSource(executor.raw(), executor, testing::TempDir(), true, {});
  auto watched = MakeHintSource(executor.raw(), executor, testing::TempDir(), false, {});
  EXPECT_EQ(polled->status().mode, "polling");
  EXPECT_EQ(watched->status().mode, "inotify");
}

}  // namespace
}  // namespace atozsync
