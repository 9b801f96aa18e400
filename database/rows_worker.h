// RowsWorker: everything that MariaRows does on lane kRows: the connection and when to try it
// again, answering questions, and the housekeeping that is due – one piece per turn, so that a
// question never waits long behind it.
//
// One thread at a time. A turn blocks for at most the times of ConnectionLimits, a few statements
// long.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "database/connection.h"
#include "database/folder_map.h"
#include "database/health_watch.h"
#include "database/hint_basket.h"
#include "database/mariadb_rows.h"
#include "database/poller.h"
#include "sync/base/row_source.h"

namespace atozsync {

class RowsWorker {
 public:
  static constexpr int64_t kPauseMinMs = 1000;
  static constexpr int64_t kPauseMaxMs = 60 * 1000;
  static constexpr int64_t kSlowPauseMaxMs = 10 * 1000;  // the connection stands: asking is cheap

  explicit RowsWorker(MariaRowsOptions options);

  struct Turn {
    std::vector<RowState> states;  // one per path of the question
    std::vector<RowHint> hints;
    RowsHealth health;
    int64_t next_ms = 0;  // from now: when there is more to do; 0: something is due already
  };
  // Answers the question, or, without one, does a piece of what is due.
  Turn Do(const std::vector<RelPath>& question);

 private:
  bool Ready(int64_t now_ms);
  Status Connect();
  void Failed(const Error& error);
  Status Housekeep(int64_t now_ms);
  Status WatchHealth(int64_t now_ms);
  int64_t DueMs() const;

  const MariaRowsOptions options_;
  std::unique_ptr<DatabaseConnection> connection_;
  RowsHealth health_;
  int64_t pause_ms_ = kPauseMinMs;
  int64_t retry_ms_ = 0;  // not before
  FolderMap folders_;
  HintBasket basket_;
  Poller poller_;
  HealthWatch watch_;
  int64_t health_due_ms_ = 0;
};

}  // namespace atozsync
