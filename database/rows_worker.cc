#include "database/rows_worker.h"

#include <algorithm>
#include <utility>

#include "database/look_up.h"
#include "database/steady_clock.h"

namespace atozsync {
namespace {

// Every column that look-ups read, and no row: tells a missing right or table, and waits for a
// locked one. The order is that of use.
constexpr const char* kProbes[] = {
    "SELECT PatNum, ImageFolder FROM patient WHERE 1=0",
    "SELECT DocNum, PatNum, FileName, RawBase64, Note FROM document WHERE 1=0",
    "SELECT EobAttachNum, FileName, RawBase64 FROM eobattach WHERE 1=0",
    "SELECT EhrAmendmentNum, FileName, RawBase64 FROM ehramendment WHERE 1=0",
    "SELECT SecurityLogNum, PermType, PatNum FROM securitylog WHERE 1=0",
    "SELECT PrefName, ValueString FROM preference WHERE 1=0",
};

}  // namespace

RowsWorker::RowsWorker(MariaRowsOptions options)
    : options_(std::move(options)), folders_(options_.folders_pause_ms), poller_(options_) {
  health_.word = RowsWord::kConnecting;
}

RowsWorker::Turn RowsWorker::Do(const std::vector<RelPath>& question) {
  Turn turn;
  turn.states.assign(question.size(), RowState::kUnknown);
  const int64_t now_ms = SteadyNowMs();
  if (Ready(now_ms)) {
    Status status;
    if (!question.empty()) {
      auto states = AnswerLookUp(*connection_, folders_, question, now_ms);
      status = states.status();
      if (status.ok()) turn.states = std::move(states).value();
    } else {
      status = Housekeep(now_ms);
    }
    // Not before "not named" can be answered: who is hinted asks once.
    if (status.ok() && !basket_.empty() && folders_.walked()) {
      auto hints = basket_.Take(*connection_, folders_);
      status = hints.status();
      if (status.ok()) turn.hints = std::move(hints).value();
    }
    if (!status.ok()) Failed(status.error());
  }
  turn.health = health_;
  turn.next_ms = std::max<int64_t>(0, DueMs() - SteadyNowMs());
  return turn;
}

bool RowsWorker::Ready(int64_t now_ms) {
  if (health_.word == RowsWord::kConnected) return true;
  if (now_ms < retry_ms_) return false;
  Status status = Connect();
  if (status.ok()) status = poller_.Begin(*connection_, now_ms);
  if (status.ok()) status = WatchHealth(now_ms);
  if (!status.ok()) {
    Failed(status.error());
    return false;
  }
  health_.word = RowsWord::kConnected;
  pause_ms_ = kPauseMinMs;
  folders_.Doubt(now_ms);
  basket_.Anywhere();
  return true;
}

Status RowsWorker::Connect() {
  if (connection_ == nullptr) {
    ASSIGN_OR_RETURN(connection_, DatabaseConnection::Open(options_.settings, options_.limits));
  }
  for (const char* probe : kProbes) {
    TRY(connection_->Run(probe));
  }
  return Status::Ok();
}

void RowsWorker::Failed(const Error& error) {
  health_.word = WordOf(error);
  health_.problem = error.context;
  const bool slow =
      health_.word == RowsWord::kSlow && connection_ != nullptr && connection_->alive();
  if (!slow) connection_.reset();
  retry_ms_ = SteadyNowMs() + pause_ms_;
  pause_ms_ = std::min(2 * pause_ms_, slow ? kSlowPauseMaxMs : kPauseMaxMs);
}

int64_t RowsWorker::DueMs() const {
  if (health_.word != RowsWord::kConnected) return retry_ms_;
  if (!basket_.empty() && folders_.walked()) return 0;  // the rest of a full basket
  return std::min({folders_.due_ms(), poller_.due_ms(), health_due_ms_});
}

Status RowsWorker::Housekeep(int64_t now_ms) {
  if (health_due_ms_ <= now_ms) return WatchHealth(now_ms);
  if (folders_.due_ms() <= std::min(now_ms, poller_.due_ms())) {
    return folders_.Step(*connection_, now_ms);
  }
  if (poller_.due_ms() <= now_ms) return poller_.Step(*connection_, now_ms, basket_);
  return Status::Ok();
}

Status RowsWorker::WatchHealth(int64_t now_ms) {
  TRY(watch_.Step(*connection_));
  health_due_ms_ = now_ms + options_.health_ms;
  health_.frozen = watch_.frozen();
  health_.problem = watch_.problem().empty() ? poller_.urgency_problem() : watch_.problem();
  return Status::Ok();
}

}  // namespace atozsync
