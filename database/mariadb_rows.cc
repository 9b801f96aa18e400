#include "database/mariadb_rows.h"

#include <deque>
#include <utility>
#include <vector>

#include "database/rows_worker.h"
#include "sync/base/check.h"

namespace atozsync {

// Lives on while a turn is under way, with nobody to tell.
class MariaRows::Impl : public std::enable_shared_from_this<MariaRows::Impl> {
 public:
  Impl(Executor& executor, MariaRowsOptions options)
      : executor_(executor), worker_(std::make_shared<RowsWorker>(std::move(options))) {
    health_.word = RowsWord::kConnecting;
  }

  void Start(Sink sink) {
    sink_ = std::move(sink);
    started_ = true;
    Step();
  }

  void LookUp(std::vector<RelPath> paths, LookUpDone done) {
    CHECK(paths.size() <= kLookUpMax);
    if (!started_ || questions_.size() >= kQuestionsMax) {
      executor_.Post(
          [self = shared_from_this(), count = paths.size(), done = std::move(done)]() mutable {
            if (!self->stopped_) done(std::vector<RowState>(count, RowState::kUnknown));
          });
      return;
    }
    questions_.push_back({std::move(paths), std::move(done)});
    Step();
  }

  void Stop() {
    stopped_ = true;
    executor_.CancelTimer(timer_);
    questions_.clear();
    asked_ = Question();
    sink_ = nullptr;
  }

  const RowsHealth& health() const { return health_; }

 private:
  struct Question {
    std::vector<RelPath> paths;
    LookUpDone done;
  };

  // Hands the next question, or none, to the worker, unless it is at work. A question's answer does
  // not wait for what else is due; but that has a turn after each, however many there are.
  void Step() {
    if (busy_ || stopped_) return;
    busy_ = true;
    executor_.CancelTimer(std::exchange(timer_, 0));
    asked_ = Question();
    if (!questions_.empty() && !std::exchange(work_due_, false)) {
      asked_ = std::move(questions_.front());
      questions_.pop_front();
    }
    auto turn = std::make_shared<RowsWorker::Turn>();
    executor_.Run(
        Lane::kRows, [worker = worker_, turn, paths = asked_.paths] { *turn = worker->Do(paths); },
        [self = shared_from_this(), turn] { self->Done(std::move(*turn)); });
  }

  void Done(RowsWorker::Turn turn) {
    busy_ = false;
    if (stopped_) return;
    health_ = std::move(turn.health);
    work_due_ = !asked_.paths.empty() && turn.next_ms == 0;
    // What is told of may ask again, or destroy the source.
    LookUpDone done = std::move(asked_.done);
    const Sink sink = sink_;
    asked_ = Question();
    if (done) done(std::move(turn.states));
    for (RowHint& hint : turn.hints) {
      if (stopped_) return;
      sink(std::move(hint));
    }
    if (busy_ || stopped_) return;
    if (!questions_.empty()) return Step();
    timer_ = executor_.PostAfter(turn.next_ms, [this] {
      timer_ = 0;
      Step();
    });
  }

  Executor& executor_;
  std::shared_ptr<RowsWorker> worker_;
  Sink sink_;
  RowsHealth health_;
  bool started_ = false;
  bool stopped_ = false;
  bool busy_ = false;
  bool work_due_ = false;  // beside questions, and the last turn was one
  TimerId timer_ = 0;
  std::deque<Question> questions_;
  Question asked_;  // what the worker has
};

MariaRows::MariaRows(Executor& executor, MariaRowsOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {}

MariaRows::~MariaRows() {
  impl_->Stop();
}

void MariaRows::Start(Sink sink) {
  impl_->Start(std::move(sink));
}

void MariaRows::LookUp(std::vector<RelPath> paths, LookUpDone done) {
  impl_->LookUp(std::move(paths), std::move(done));
}

RowsHealth MariaRows::health() const {
  return impl_->health();
}

}  // namespace atozsync
