#include "sync/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <set>

namespace atozsync {
namespace {

Status Half(int number, int* out) {
  if (number % 2 != 0) return {Errc::kInvalid, std::to_string(number) + " is odd"};
  *out = number / 2;
  return Status::Ok();
}

Status Quarter(int number, int* out) {
  TRY(Half(number, out));
  TRY(Half(*out, out));
  return Status::Ok();
}

Result<std::unique_ptr<int>> Box(int number) {
  int half = 0;
  TRY(Half(number, &half));
  return std::make_unique<int>(half);
}

Result<int> Unboxed(int number) {
  ASSIGN_OR_RETURN(auto box, Box(number));
  ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Box(*box));
  return *second;
}

TEST(Status, OkHasNoError) {
  Status ok;
  EXPECT_TRUE(ok.ok());
  EXPECT_FALSE(ok.Is(Errc::kIo));
  EXPECT_EQ(ok.ToString(), "OK");
  EXPECT_TRUE(ok.WithContext("x").ok());
}

TEST(Status, ContextGrowsInFrontAndTheRestStays) {
  Status status = Status(ErrnoError(ENOSPC, "write")).WithContext("staging a/b.jpg");
  EXPECT_EQ(status.ToString(), "staging a/b.jpg: write: No space left on device");
  EXPECT_TRUE(status.Is(Errc::kNoSpace));
  EXPECT_EQ(status.error().os_errno, ENOSPC);
}

TEST(Status, TryStopsAtTheFirstError) {
  int out = 0;
  EXPECT_TRUE(Quarter(8, &out).ok());
  EXPECT_EQ(out, 2);
  EXPECT_EQ(Quarter(6, &out).ToString(), "3 is odd");
  EXPECT_TRUE(Quarter(7, &out).Is(Errc::kInvalid));
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_TRUE(good.status().ok());
  EXPECT_EQ(*good, 7);
  Result<int> bad = Status(Errc::kBusy, "locked");
  EXPECT_FALSE(bad.ok());
  EXPECT_TRUE(bad.Is(Errc::kBusy));
  EXPECT_EQ(bad.status().ToString(), "locked");
}

TEST(Result, CarriesWhatCannotBeCopied) {
  Result<int> value = Unboxed(12);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, 3);
  EXPECT_EQ(Unboxed(6).status().ToString(), "3 is odd");
}

TEST(ResultDeathTest, AskingForWhatIsNotThereIsAProgrammersError) {
  Result<int> bad = Status(Errc::kBusy, "locked");
  EXPECT_DEATH(static_cast<void>(bad.value()), "ok");
  EXPECT_DEATH(static_cast<void>(Result<int>(Status::Ok())), "ok");
  EXPECT_DEATH(static_cast<void>(Status::Ok().code()), "has_value");
}

TEST(Status, ErrnosBecomeWhatTheCallerCanDo) {
  EXPECT_EQ(ErrnoError(ENOENT, "x").code, Errc::kNotFound);
  EXPECT_EQ(ErrnoError(ENOTDIR, "x").code, Errc::kNotFound);
  EXPECT_EQ(ErrnoError(EEXIST, "x").code, Errc::kExists);
  EXPECT_EQ(ErrnoError(ENOTEMPTY, "x").code, Errc::kExists);
  EXPECT_EQ(ErrnoError(EDQUOT, "x").code, Errc::kNoSpace);
  EXPECT_EQ(ErrnoError(EROFS, "x").code, Errc::kPermission);
  EXPECT_EQ(ErrnoError(EBUSY, "x").code, Errc::kBusy);
  EXPECT_EQ(ErrnoError(ENOSYS, "x").code, Errc::kUnsupported);
  EXPECT_EQ(ErrnoError(ENAMETOOLONG, "x").code, Errc::kInvalid);
  EXPECT_EQ(ErrnoError(EIO, "x").code, Errc::kIo);
  EXPECT_FALSE(ErrnoError(EIO, "x").injected);
}

TEST(Status, EveryCodeHasAName) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(Errc::kUnsupported); ++code) {
    names.insert(ErrcName(static_cast<Errc>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Errc::kUnsupported) + 1);
  EXPECT_EQ(names.count("unknown"), 0u);
}

}  // namespace
}  // namespace atozsync
