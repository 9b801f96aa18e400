#include "agent/doctor/clock_checks.h"

#include <cstdlib>

#include "agent/format.h"
#include "sync/os/os_clock.h"

namespace atozsync {

namespace {

constexpr int64_t kServerSecondMs = 1000;  // what it says is cut to a whole one

// "3 seconds", "20 minutes", "5 hours", "400 days".
std::string LengthText(int64_t ms) {
  const auto seconds = static_cast<uint64_t>(ms / 1000);
  if (seconds < 120) return Count(seconds, "second", "seconds");
  if (seconds < 2 * 3600) return Count(seconds / 60, "minute", "minutes");
  if (seconds < 2 * 86400) return Count(seconds / 3600, "hour", "hours");
  return Count(seconds / 86400, "day", "days");
}

}  // namespace

Diagnosis CheckServerClock(DatabaseConnection& connection, const std::string& name) {
  const std::string check = "database clock";
  const int64_t asked_ms = SystemWallMs();
  // Seconds since 1970 in UTC: no time zone, no summer time in between.
  Result<Rows> rows = connection.Query("SELECT UNIX_TIMESTAMP()", 1);
  const int64_t answered_ms = SystemWallMs();
  if (!rows.ok()) return {Grade::kProblem, check, rows.error().context, ""};
  constexpr int64_t kSecondsMax = int64_t{1} << 40;
  std::optional<int64_t> seconds;
  if (!rows->empty()) seconds = NumberIn((*rows)[0][0]);
  if (!seconds || *seconds < 0 || *seconds > kSecondsMax) {
    return {Grade::kProblem, check, name + " does not say what time it is", ""};
  }
  // It was some time between the question and the answer, in some part of that second.
  const int64_t first_ms = *seconds * kServerSecondMs - answered_ms;
  const int64_t last_ms = *seconds * kServerSecondMs + kServerSecondMs - 1 - asked_ms;
  int64_t ahead_ms = 0;
  if (first_ms > 0) ahead_ms = first_ms;
  if (last_ms < 0) ahead_ms = last_ms;
  return JudgeClock(check, "the database server " + name, ahead_ms);
}

Diagnoses CheckPeerClocks(const Json& status) {
  Diagnoses diagnoses;
  for (const Json& peer : ListAt(status, "peers")) {
    const auto ahead = peer.find("clock_ahead_ms");
    if (ahead == peer.end() || !ahead->is_number_integer()) continue;
    diagnoses.push_back(JudgeClock("peer clock", "the replica " + Printable(TextAt(peer, "name")),
                                   ahead->get<int64_t>()));
  }
  return diagnoses;
}

Diagnosis JudgeClock(const std::string& check, const std::string& whose, int64_t ahead_ms) {
  const int64_t off_ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;
  if (off_ms <= kClockWarningMs) {
    return {Grade::kOk, check, "that of " + whose + " and that of this machine agree", ""};
  }
  return {off_ms > kClockProblemMs ? Grade::kProblem : Grade::kWarning, check,
          "that of " + whose + " is " + LengthText(off_ms) +
              (ahead_ms > 0 ? " ahead of" : " behind") + " that of this machine",
          "let both follow a time server (timedatectl set-ntp true; on Windows w32tm /resync), and "
          "look at which of them is wrong"};
}

}  // namespace atozsync
