#include "database/poller.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "database/look_up.h"

namespace atozsync {
namespace {

// What a row of document says about a file, in few bytes. Archives of signed plans are named: the
// program offers to make them anew while they are missing.
std::string DocumentColumns() {
  return std::string("DocNum, PatNum, CRC32(CONCAT_WS('/',") + kDocumentIsAFile +
         ",FileName)), IF(FileName LIKE 'TPArchive%' OR FileName LIKE 'PayPlanArchive%',"
         "FileName,'') FROM document WHERE ";
}
constexpr size_t kDocumentColumnCount = 4;

// Nothing of the log but who it is about: deletions (44), imports and renames found (89), new
// images (202).
constexpr const char* kLogColumns =
    "SecurityLogNum, IF(PermType IN (44,89,202),PatNum,0) FROM securitylog WHERE ";
constexpr size_t kLogColumnCount = 2;

Result<std::vector<KeyedRow>> Ask(DatabaseConnection& connection, const std::string& sql,
                                  size_t columns) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query("SELECT " + sql, columns));
  std::vector<KeyedRow> keyed;
  keyed.reserve(rows.size());
  for (const Row& row : rows) {
    KeyedRow one;
    one.key = NumberIn(row[0]).value_or(0);
    one.pat_num = NumberIn(row[1]).value_or(0);
    if (columns == kDocumentColumnCount) {
      one.digest = static_cast<uint32_t>(NumberIn(row[2]).value_or(0));
      one.urgent_name = TextIn(row[3]);
    }
    keyed.push_back(std::move(one));
  }
  return keyed;
}

std::string NewestFirst(int64_t floor, const std::string& key) {
  return key + " > " + std::to_string(floor) + " ORDER BY " + key + " LIMIT " +
         std::to_string(Poller::kNewRowsMax);
}

Result<int64_t> OneNumber(DatabaseConnection& connection, const std::string& sql) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, 1));
  return rows.empty() ? 0 : NumberIn(rows[0][0]).value_or(0);
}

}  // namespace

Poller::Poller(const MariaRowsOptions& options)
    : poll_ms_(options.poll_ms),
      urgent_ms_(options.urgent_ms),
      walk_pause_ms_(options.walk_pause_ms),
      recent_walk_pause_ms_(options.recent_walk_pause_ms) {}

Status Poller::Begin(DatabaseConnection& connection, int64_t now_ms) {
  ASSIGN_OR_RETURN(const int64_t increment,
                   OneNumber(connection, "SELECT @@GLOBAL.auto_increment_increment"));
  ASSIGN_OR_RETURN(const int64_t document,
                   OneNumber(connection, "SELECT MAX(DocNum) FROM document"));
  ASSIGN_OR_RETURN(const int64_t log,
                   OneNumber(connection, "SELECT MAX(SecurityLogNum) FROM securitylog"));
  documents_.Begin(document, increment);
  log_.Begin(log, increment);
  watched_.clear();
  // Now, not at the first poll: what comes in between is news.
  HintBasket no_news;
  TRY(AnythingWritten(connection).status());
  TRY(LookAtLog(connection, now_ms, no_news));
  TRY(LookAtDocuments(connection, no_news));
  looked_ms_ = now_ms;
  poll_due_ms_ = walk_due_ms_ = urgent_due_ms_ = now_ms;
  recent_walk_due_ms_ = now_ms + recent_walk_pause_ms_;
  return Status::Ok();
}

int64_t Poller::due_ms() const {
  return std::min({poll_due_ms_, walk_due_ms_, recent_walk_due_ms_, urgent_due_ms_});
}

Status Poller::Step(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket) {
  if (poll_due_ms_ <= now_ms) {
    TRY(Poll(connection, now_ms, basket));
    int64_t pause_ms = watched_.empty() ? poll_ms_ : std::min(poll_ms_, kWatchedPollMs);
    poll_due_ms_ = more_ ? now_ms : now_ms + pause_ms;
    return Status::Ok();
  }
  const int64_t due = due_ms();
  if (urgent_due_ms_ == due) {
    urgent_due_ms_ = now_ms + urgent_ms_;
    return AskAppointments(connection, basket);
  }
  if (recent_walk_due_ms_ == due) {
    recent_walk_due_ms_ = now_ms + recent_walk_pause_ms_;
    // Before every row was seen once there is nothing to compare with.
    return walk_.rounds() == 0 ? Status::Ok() : Walk(connection, true, basket);
  }
  TRY(Walk(connection, false, basket));
  walk_due_ms_ =
      now_ms + (walk_.rounds() == 0 ? std::min(kFirstWalkPauseMs, walk_pause_ms_) : walk_pause_ms_);
  return Status::Ok();
}

Status Poller::Poll(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket) {
  ASSIGN_OR_RETURN(const bool written, AnythingWritten(connection));
  if (written) changed_ms_ = now_ms;
  const bool look =
      more_ || now_ms - changed_ms_ <= kAfterChangeMs || now_ms - looked_ms_ >= kLookAnywayMs;
  if (!look) return Status::Ok();
  looked_ms_ = now_ms;
  more_ = false;
  TRY(LookAtLog(connection, now_ms, basket));
  TRY(LookAtWatched(connection, now_ms, basket));
  return LookAtDocuments(connection, basket);
}

Result<bool> Poller::AnythingWritten(DatabaseConnection& connection) {
  // Every user may ask this; it is a sum over the sessions, and questions do not count.
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SHOW GLOBAL STATUS WHERE Variable_name IN "
                                    "('Handler_write','Handler_update','Handler_delete')",
                                    2));
  std::string now;
  for (const Row& row : rows) now += TextIn(row[1]) + "/";
  return std::exchange(written_, now) != now;
}

Status Poller::LookAtDocuments(DatabaseConnection& connection, HintBasket& basket) {
  const auto noticed = [&](const KeyedRow& row) {
    if (!row.urgent_name.empty()) basket.UrgentFile(row.pat_num, row.urgent_name);
    basket.Changed(row.pat_num);
  };
  ASSIGN_OR_RETURN(const std::vector<KeyedRow> rows,
                   Ask(connection, DocumentColumns() + NewestFirst(documents_.floor(), "DocNum"),
                       kDocumentColumnCount));
  const bool cut = rows.size() >= static_cast<size_t>(kNewRowsMax);
  documents_.Take(rows, cut, noticed);
  more_ = more_ || cut;
  const std::vector<int64_t> expected = documents_.Expected();
  if (expected.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(
      const std::vector<KeyedRow> late,
      Ask(connection, DocumentColumns() + "DocNum IN (" + SqlList(expected) + ") ORDER BY DocNum",
          kDocumentColumnCount));
  documents_.TakeExpected(late, noticed);
  more_ = more_ || !late.empty();
  return Status::Ok();
}

Status Poller::LookAtLog(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket) {
  ASSIGN_OR_RETURN(
      const std::vector<KeyedRow> rows,
      Ask(connection, kLogColumns + NewestFirst(log_.floor(), "SecurityLogNum"), kLogColumnCount));
  const bool cut = rows.size() >= static_cast<size_t>(kNewRowsMax);
  log_.Take(rows, cut, [&](const KeyedRow& row) {
    if (row.pat_num <= 0) return;
    basket.Changed(row.pat_num);
    if (watched_.size() < kWatchedMax || watched_.count(row.pat_num) > 0) {
      watched_[row.pat_num].until_ms = now_ms + kWatchMs;
    }
  });
  more_ = more_ || cut;
  return Status::Ok();
}

Status Poller::LookAtWatched(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket) {
  if (watched_.empty()) return Status::Ok();
  std::vector<int64_t> pat_nums;
  for (const auto& [pat_num, watched] : watched_) pat_nums.push_back(pat_num);
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query("SELECT PatNum, CONCAT(COUNT(*),'/',SUM(CRC32(CONCAT_WS('/',DocNum,"
                       "FileName)))) FROM document WHERE PatNum IN (" +
                           SqlList(pat_nums) + ") GROUP BY PatNum",
                       2));
  std::map<int64_t, std::string> digests;
  for (const Row& row : rows) digests[NumberIn(row[0]).value_or(0)] = TextIn(row[1]);
  for (auto at = watched_.begin(); at != watched_.end();) {
    auto& [pat_num, watched] = *at;
    std::string now = "=" + digests[pat_num];
    if (!watched.digest.empty() && watched.digest != now) basket.Changed(pat_num);
    watched.digest = std::move(now);
    at = watched.until_ms <= now_ms ? watched_.erase(at) : std::next(at);
  }
  return Status::Ok();
}

Status Poller::Walk(DatabaseConnection& connection, bool recent, HintBasket& basket) {
  const RowWalk::Range range = recent ? walk_.NextOfRecent() : walk_.NextOfAll();
  std::string where = "DocNum > " + std::to_string(range.after);
  if (range.through) where += " AND DocNum <= " + std::to_string(*range.through);
  ASSIGN_OR_RETURN(
      const std::vector<KeyedRow> rows,
      Ask(connection,
          DocumentColumns() + where + " ORDER BY DocNum LIMIT " + std::to_string(range.limit),
          kDocumentColumnCount));
  const auto noticed = [&](const KeyedRow& row, bool is_new) {
    if (!row.urgent_name.empty()) basket.UrgentFile(row.pat_num, row.urgent_name);
    basket.Changed(row.pat_num);
    if (is_new) documents_.FoundLate(row.key);
  };
  if (recent) {
    walk_.TakeOfRecent(range, rows, noticed);
  } else {
    walk_.TakeOfAll(range, rows, noticed);
  }
  return Status::Ok();
}

Status Poller::AskAppointments(DatabaseConnection& connection, HintBasket& basket) {
  // Scheduled, complete or wanted soon; today and tomorrow by the server's clock, which is the
  // office's.
  Result<Rows> rows = connection.Query(
      "SELECT DISTINCT PatNum FROM appointment WHERE AptDateTime >= CURDATE() AND AptDateTime < "
      "CURDATE() + INTERVAL 2 DAY AND AptStatus IN (1,2,4) LIMIT " +
          std::to_string(kAppointmentsMax),
      1);
  urgency_problem_.clear();
  if (!rows.ok()) {
    const RowsWord word = WordOf(rows.error());
    if (word != RowsWord::kForbidden && word != RowsWord::kNoRows) return rows.status();
    urgency_problem_ =
        "patients with an appointment cannot be put first: " + rows.status().ToString();
    return Status::Ok();
  }
  for (const Row& row : *rows) basket.Urgent(NumberIn(row[0]).value_or(0));
  return Status::Ok();
}

}  // namespace atozsync
