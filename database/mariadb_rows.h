// MariaRows: the RowSource on the practice's local MariaDB or MySQL server. Look-ups by primary
// key or patient, the poller, the slow walks and the health questions are small jobs on lane
// kRows, one at a time over one connection; look-ups go first. Reads only, keeps nothing on disk.
//
// Loop thread only. Must be destroyed before the executor; a job that runs then ends by itself
// within the times of ConnectionLimits. Errors become RowsHealth and kUnknown, and it reconnects
// with pauses of 1 s growing to 60 s; while the server hangs or a table is locked, questions are
// answered kUnknown at once and it is asked again with the same pauses, up to 10 s.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "database/connection.h"
#include "database/settings.h"
#include "sync/base/executor.h"
#include "sync/base/row_source.h"

namespace atozsync {

struct MariaRowsOptions {
  DatabaseSettings settings;
  ConnectionLimits limits = {};
  // "Has anything changed?" What passes between a row's going and its file's is the time in which
  // opening the patient would bring the document back: this is most of it.
  int64_t poll_ms = 50;
  int64_t health_ms = 2000;            // replication, update under way
  int64_t urgent_ms = 5 * 60 * 1000;   // who has an appointment
  int64_t walk_pause_ms = 700;         // between chunks of 500 rows: 1,000,000 in 24 minutes
  int64_t recent_walk_pause_ms = 500;  // the same over the newest 20,000 keys: 20 s a round
  int64_t folders_pause_ms = 200;      // patients' folders, chunks of 500
};

class MariaRows final : public RowSource {
 public:
  static constexpr size_t kQuestionsMax = 64;  // that wait; one more is answered kUnknown

  MariaRows(Executor& executor, MariaRowsOptions options);
  ~MariaRows() override;
  MariaRows(const MariaRows&) = delete;
  MariaRows& operator=(const MariaRows&) = delete;

  void Start(Sink sink) override;
  void LookUp(std::vector<RelPath> paths, LookUpDone done) override;
  RowsHealth health() const override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace atozsync
