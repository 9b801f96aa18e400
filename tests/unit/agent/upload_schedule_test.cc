#include "agent/upload_schedule.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "agent/bandwidth.h"
#include "agent/config.h"
#include "agent/config_edit.h"

namespace atozsync {
namespace {

constexpr int kMon = 0;
constexpr int kFri = 4;
constexpr int kSat = 5;
constexpr int kSun = 6;

LocalMoment At(int weekday, int hour, int minute = 0) {
  return {weekday, hour * 60 + minute};
}

UploadWindow Window(const std::string& days, int from_hour, int to_hour, uint64_t limit) {
  return {std::bitset<7>(days), from_hour * 60, to_hour * 60, limit};
}

// As a bitset is written: the last digit is Monday.
const std::string kWorkdays = "0011111";

TEST(UploadScheduleTest, HoldsInItsHoursAndNoLonger) {
  UploadSchedule schedule{100, {Window(kWorkdays, 8, 18, 7)}};
  EXPECT_EQ(schedule.LimitAt(At(kMon, 7, 59)), 100u);
  EXPECT_EQ(schedule.LimitAt(At(kMon, 8)), 7u);
  EXPECT_EQ(schedule.LimitAt(At(kFri, 17, 59)), 7u);
  EXPECT_EQ(schedule.LimitAt(At(kFri, 18)), 100u);
  EXPECT_EQ(schedule.LimitAt(At(kSat, 12)), 100u);
}

TEST(UploadScheduleTest, AWindowThatPassesMidnightBelongsToTheDayOnWhichItBegins) {
  UploadSchedule schedule{100, {Window("1000000", 22, 6, 7)}};  // Sunday
  EXPECT_EQ(schedule.LimitAt(At(kSun, 3)), 100u);
  EXPECT_EQ(schedule.LimitAt(At(kSun, 21, 59)), 100u);
  EXPECT_EQ(schedule.LimitAt(At(kSun, 22)), 7u);
  EXPECT_EQ(schedule.LimitAt(At(kMon, 0)), 7u) << "over the end of the week";
  EXPECT_EQ(schedule.LimitAt(At(kMon, 5, 59)), 7u);
  EXPECT_EQ(schedule.LimitAt(At(kMon, 6)), 100u);
  EXPECT_EQ(schedule.LimitAt(At(kMon, 22)), 100u);
}

TEST(UploadScheduleTest, TheFirstThatHoldsCounts) {
  UploadSchedule schedule{0, {Window("1111111", 12, 13, 1), Window(kWorkdays, 8, 18, 2)}};
  EXPECT_EQ(schedule.LimitAt(At(kMon, 12, 30)), 1u);
  EXPECT_EQ(schedule.LimitAt(At(kMon, 13)), 2u);
  EXPECT_EQ(schedule.LimitAt(At(kSun, 12, 30)), 1u);
  EXPECT_EQ(schedule.LimitAt(At(kSun, 13)), 0u);
}

// The zone of the whole process, put back at the end.
class LocalTimeTest : public testing::Test {
 protected:
  LocalTimeTest() {
    if (const char* zone = std::getenv("TZ")) before_ = zone;
    // New York, by the rule itself: needs no table of zones.
    ::setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
  }
  ~LocalTimeTest() override {
    before_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", before_.c_str(), 1);
    ::tzset();
  }
  static int64_t Utc(int month, int day, int hour, int minute) {
    std::tm utc{};
    utc.tm_year = 126;
    utc.tm_mon = month - 1;
    utc.tm_mday = day;
    utc.tm_hour = hour;
    utc.tm_min = minute;
    return static_cast<int64_t>(::timegm(&utc)) * 1'000;
  }

 private:
  std::string before_;
};

TEST_F(LocalTimeTest, IsThatOfTheMachine) {
  EXPECT_EQ(LocalMomentAt(Utc(1, 5, 4, 59)), At(kSun, 23, 59));
  EXPECT_EQ(LocalMomentAt(Utc(1, 5, 5, 0)), At(kMon, 0));
  ::setenv("TZ", "UTC0", 1);
  EXPECT_EQ(LocalMomentAt(Utc(1, 5, 5, 0)), At(kMon, 5));
}

// On 8 March 2026 there is no hour from 2 to 3; on 1 November there are two from 1 to 2.
TEST_F(LocalTimeTest, TheScheduleFollowsSummerTime) {
  UploadWindow night = Window("1111111", 22, 6, 7);
  auto limited_minutes = [&](const UploadWindow& window, int64_t from_ms, int64_t to_ms) {
    int minutes = 0;
    for (int64_t ms = from_ms; ms < to_ms; ms += 60'000) {
      minutes += window.Holds(LocalMomentAt(ms)) ? 1 : 0;
    }
    return minutes;
  };
  const auto noon_to_noon = [&](const UploadWindow& window, int month, int day) {
    return limited_minutes(window, Utc(month, day, 17, 0), Utc(month, day + 1, 17, 0));
  };
  EXPECT_EQ(noon_to_noon(night, 3, 3), 480);
  EXPECT_EQ(noon_to_noon(night, 3, 7), 420) << "one hour of the night is left out";
  EXPECT_EQ(limited_minutes(night, Utc(10, 31, 16, 0), Utc(11, 1, 17, 0)), 540);
  // A window that begins in the hour that is not there begins at its end.
  UploadWindow skipped{std::bitset<7>("1111111"), 150, 210, 7};
  EXPECT_FALSE(skipped.Holds(LocalMomentAt(Utc(3, 8, 6, 59))));
  EXPECT_TRUE(skipped.Holds(LocalMomentAt(Utc(3, 8, 7, 0)))) << "03:00 comes after 01:59";
  EXPECT_EQ(limited_minutes(skipped, Utc(3, 8, 5, 0), Utc(3, 8, 12, 0)), 30);
}

TEST(BandwidthTest, SpeedsAreReadAndWritten) {
  const std::pair<const char*, uint64_t> kSpeeds[] = {
      {"unlimited", 0},       {"64 kbit/s", 8'000},         {"20 Mbit/s", 2'500'000},
      {"1.5Mbit/s", 187'500}, {"10 Gbit/s", 1'250'000'000}, {"500 kB/s", 500'000},
      {"2 MB/s", 2'000'000},
  };
  for (const auto& [text, bytes] : kSpeeds) {
    Result<uint64_t> parsed = ParseBandwidth(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, bytes) << text;
    EXPECT_EQ(*ParseBandwidth(FormatBandwidth(bytes)), bytes) << FormatBandwidth(bytes);
  }
  EXPECT_EQ(FormatBandwidth(2'500'000), "20 Mbit/s");
  EXPECT_EQ(FormatBandwidth(187'500), "1.5 Mbit/s");
}

TEST(BandwidthTest, WhatIsNoSpeedIsRefused) {
  for (const char* text : {"", "20", "20 Mbit", "Mbit/s", "-5 Mbit/s", "1e3 Mbit/s", "nan Mbit/s",
                           "inf Mbit/s", "0 Mbit/s", "63 kbit/s", "101 Gbit/s", "20 mbit/s"}) {
    EXPECT_TRUE(ParseBandwidth(text).Is(Errc::kInvalid)) << text;
  }
}

TEST(UploadConfigTest, LimitAndScheduleAreRead) {
  Result<Config> config = ParseConfig(
      "[replica]\nname = \"a\"\nroot = \"/a\"\n[network]\nupload_limit = \"20 Mbit/s\"\n"
      "[[network.schedule]]\ndays = [\"mon\", \"sun\"]\nfrom = \"22:30\"\nto = \"06:00\"\n"
      "upload_limit = \"unlimited\"\n"
      "[[network.schedule]]\nupload_limit = \"250 kB/s\"\n",
      "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->upload, (UploadSchedule{2'500'000,
                                            {{std::bitset<7>("1000001"), 22 * 60 + 30, 6 * 60, 0},
                                             {std::bitset<7>("1111111"), 0, 24 * 60, 250'000}}}));
}

TEST(UploadConfigTest, TheCommentedScheduleIsRightOnceTheMarksAreGone) {
  std::string text = NewConfigText("a", "/a", {}, false);
  for (const char* line : {"#[[network", "#days", "#from", "#to", "#upload_limit"}) {
    const size_t at = text.find(std::string("\n") + line);
    ASSERT_NE(at, std::string::npos) << line;
    text.erase(at + 1, 1);
  }
  Result<Config> config = ParseConfig(text, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->upload, (UploadSchedule{0, {Window(kWorkdays, 8, 18, 250'000)}}));
}

TEST(UploadConfigTest, PeersComeAndGoBesideASchedule) {
  ReplicaId id;
  id.bytes[31] = 1;
  const std::string head = "[replica]\nname = \"a\"\nroot = \"/a\"\n";
  const std::string schedule = "\n[[network.schedule]]\nupload_limit = \"2 MB/s\"\n";
  const std::string with = WithPeer(head, {id, "b", {"10.0.0.2:1"}}) + schedule;
  ASSERT_TRUE(ParseConfig(with, "f").ok());
  Result<std::string> without = WithoutPeer(with, id);
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(*without, head + schedule);
}

}  // namespace
}  // namespace atozsync
