#include "agent/verify_run.h"

#include <chrono>

#include "agent/format.h"
#include "agent/verify_files.h"
#include "agent/verify_report.h"
#include "database/database_rows.h"

namespace atozsync {

namespace {

int64_t MonoMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

constexpr int64_t kReaderWaitMs = 200;  // then it is looked whether somebody is still there

int HttpStatusOf(const Error& error) {
  // What passes by itself or outside of what was asked: the database is away, the disk is full.
  return error.code == Errc::kIo || error.code == Errc::kCorrupt ? 500 : 503;
}

}  // namespace

VerifyRun::VerifyRun(Agent& agent, VerifyRequest request, ControlHandler::Line line,
                     std::shared_ptr<StreamReader> reader, ControlHandler::Done done)
    : agent_(agent),
      request_(std::move(request)),
      line_(std::move(line)),
      reader_(std::move(reader)),
      done_(std::move(done)),
      began_ms_(agent.executor().clock().WallMs()) {
  lane_.Submit([this] { Work(); });
}

VerifyRun::~VerifyRun() {
  interrupt_.Set();
  lane_.Stop();
}

void VerifyRun::Work() {
  Result<ReportCounts> counts = Make();
  agent_.executor().PostFromAnyThread(
      [this, counts = std::move(counts), alive = std::weak_ptr<int>(alive_)]() mutable {
        if (!alive.expired()) Finish(std::move(counts));
      });
}

Result<ReportCounts> VerifyRun::Make() {
  AgentFiles files(agent_, interrupt_);
  DatabaseRows rows(request_.settings, interrupt_);
  ReportOptions options;
  options.scratch_file = agent_.state().path() + "/verify-db.tmp";
  options.cluster = request_.cluster;
  ASSIGN_OR_RETURN(ReportCounts counts, MakeReport(
                                            options, rows, files, interrupt_,
                                            [this](const Finding& finding) { Take(finding); },
                                            [this](const std::string& text) { Show(text); }));
  SendFindings();
  return counts;
}

void VerifyRun::Take(const Finding& finding) {
  if (reader_->gone()) return interrupt_.Set();
  if (request_.limit != 0 && listed_ >= request_.limit) return;
  ++listed_;
  findings_.push_back(FindingJson(finding));
  if (findings_.size() >= kFindingsPerLine) SendFindings();
}

void VerifyRun::SendFindings() {
  if (findings_.empty()) return;
  // A reader that is slow holds the report up; none of its lines may be dropped.
  while (!reader_->WaitForRoom(kReaderWaitMs) && !interrupt_.is_set()) {
  }
  if (reader_->gone()) interrupt_.Set();
  line_({{"findings", std::move(findings_)}});
  findings_ = Json::array();
}

void VerifyRun::Show(const std::string& text) {
  if (reader_->gone()) return interrupt_.Set();
  int64_t now_ms = MonoMs();
  if (now_ms - shown_ms_ < kProgressMs) return;
  shown_ms_ = now_ms;
  line_({{"progress", text}});
}

void VerifyRun::Finish(Result<ReportCounts> counts) {
  ControlHandler::Done done = std::move(done_);
  if (!counts.ok()) {
    agent_.Log(counts.Is(Errc::kCancelled) ? LogLevel::kInfo : LogLevel::kWarning,
               "verify-db: " + counts.status().ToString());
    return done(ErrorReply(HttpStatusOf(counts.error()), counts.error().context));
  }
  const int64_t now_ms = agent_.executor().clock().WallMs();
  DatabaseCounts summary;
  summary.counted_ms = now_ms;
  summary.rows = counts->rows;
  summary.missing_files = counts->findings[static_cast<size_t>(FindingKind::kMissing)];
  summary.orphan_files = counts->findings[static_cast<size_t>(FindingKind::kOrphan)];
  agent_.SetDatabaseCounts(summary);
  Json reply = CountsJson(*counts);
  reply["replica"] = agent_.config().name;
  reply["began"] = UtcTime(began_ms_);
  reply["ended"] = UtcTime(now_ms);
  reply["cluster"] = request_.cluster;
  done({200, std::move(reply)});
}

}  // namespace atozsync
