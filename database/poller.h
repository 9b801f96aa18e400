// Poller: notices which patients' rows changed, without an index to ask. Every poll_ms one
// question that costs the server the same whatever it holds ("has anything been written?"), and
// only then the newest rows of document and of the log by primary key; beside that two slow walks
// over all documents (RowWalk), and every few minutes who has an appointment.
//
// One thread at a time. Step() is a few short statements. What it notices goes into the basket;
// nothing is a fact.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "database/connection.h"
#include "database/hint_basket.h"
#include "database/mariadb_rows.h"
#include "database/recent_keys.h"
#include "database/row_walk.h"

namespace atozsync {

class Poller {
 public:
  static constexpr int kNewRowsMax = 500;            // of one look; the rest at the next, at once
  static constexpr int64_t kLookAnywayMs = 5000;     // even if nothing seems to have changed
  static constexpr int64_t kAfterChangeMs = 2000;    // written is not yet committed: looks go on
  static constexpr int64_t kFirstWalkPauseMs = 100;  // until every row was seen once
  static constexpr size_t kAppointmentsMax = 2000;
  static constexpr int64_t kWatchMs = 10 * 1000;  // a patient of whom the log says "deleted"
  static constexpr int64_t kWatchedPollMs = 20;   // while there is one
  static constexpr size_t kWatchedMax = 50;       // more: found by the walks

  explicit Poller(const MariaRowsOptions& options);

  // The connection is new: what is in the tables now is not news, but what changed since the last
  // connection is found by the walks.
  Status Begin(DatabaseConnection& connection, int64_t now_ms);
  int64_t due_ms() const;
  // Does the piece that is due longest.
  Status Step(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket);

  // What keeps urgency from working; empty when it does.
  const std::string& urgency_problem() const { return urgency_problem_; }
  uint64_t walk_rounds() const { return walk_.rounds(); }

 private:
  Status Poll(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket);
  Result<bool> AnythingWritten(DatabaseConnection& connection);
  Status LookAtDocuments(DatabaseConnection& connection, HintBasket& basket);
  Status LookAtLog(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket);
  Status LookAtWatched(DatabaseConnection& connection, int64_t now_ms, HintBasket& basket);
  Status Walk(DatabaseConnection& connection, bool recent, HintBasket& basket);
  Status AskAppointments(DatabaseConnection& connection, HintBasket& basket);

  const int64_t poll_ms_;
  const int64_t urgent_ms_;
  const int64_t walk_pause_ms_;
  const int64_t recent_walk_pause_ms_;

  RecentKeys documents_;
  RecentKeys log_;
  // Who deletes a document writes to the log first and removes the row after that: these patients'
  // rows, old ones too, are compared until it is gone.
  struct Watched {
    int64_t until_ms = 0;
    std::string digest;  // empty: not looked at yet
  };
  std::map<int64_t, Watched> watched_;
  RowWalk walk_;
  std::string written_;  // the server's counters
  int64_t changed_ms_ = 0;
  int64_t looked_ms_ = 0;
  bool more_ = false;  // the last look was cut short
  std::string urgency_problem_;

  int64_t poll_due_ms_ = 0;
  int64_t walk_due_ms_ = 0;
  int64_t recent_walk_due_ms_ = 0;
  int64_t urgent_due_ms_ = 0;
};

}  // namespace atozsync
