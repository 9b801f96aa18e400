#include "sync/base/unique_function.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace atozsync {
namespace {

TEST(UniqueFunction, OwnsWhatCannotBeCopied) {
  auto counter = std::make_shared<int>(0);
  UniqueFunction<int(int)> add = [box = std::make_unique<int>(5), counter](int more) {
    ++*counter;
    return *box + more;
  };
  EXPECT_EQ(add(1), 6);
  EXPECT_EQ(counter.use_count(), 2);
  add = nullptr;
  EXPECT_EQ(counter.use_count(), 1) << "what it held is gone with it";
  EXPECT_FALSE(add);
}

TEST(UniqueFunction, MovingEmptiesTheSource) {
  UniqueFunction<int()> first = [] { return 7; };
  UniqueFunction<int()> second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is what is tested
  ASSERT_TRUE(second);
  EXPECT_EQ(second(), 7);
}

TEST(UniqueFunction, ArgumentsThatCannotBeCopiedPassThrough) {
  UniqueFunction<std::unique_ptr<int>(std::unique_ptr<int>)> pass = [](std::unique_ptr<int> value) {
    return value;
  };
  EXPECT_EQ(*pass(std::make_unique<int>(3)), 3);
  int number = 1;
  UniqueFunction<void(int&)> increment = [](int& value) { ++value; };
  increment(number);
  EXPECT_EQ(number, 2);
}

TEST(UniqueFunction, KeepsStateBetweenCalls) {
  UniqueFunction<int()> next = [n = 0]() mutable { return ++n; };
  next();
  EXPECT_EQ(next(), 2);
}

TEST(UniqueFunctionDeathTest, AnEmptyOneCannotBeCalled) {
  UniqueFunction<void()> empty;
  EXPECT_FALSE(empty);
  EXPECT_DEATH(empty(), "holder_");
}

}  // namespace
}  // namespace atozsync
