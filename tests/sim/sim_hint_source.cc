#include "tests/sim/sim_hint_source.h"

#include <utility>

namespace atozsync {
namespace {

HintKind KindOf(const FsChange& change) {
  switch (change.kind) {
    case FsChange::Kind::kMade:
    case FsChange::Kind::kMovedTo:
      // What was put into a new directory before it was watched brought no hints of its own.
      return change.is_dir ? HintKind::kRecursive : HintKind::kTouched;
    case FsChange::Kind::kClosed: return HintKind::kClosed;
    case FsChange::Kind::kWritten:
    case FsChange::Kind::kRemoved:
    case FsChange::Kind::kMovedFrom: return HintKind::kTouched;
  }
  return HintKind::kTouched;
}

bool IsAgents(const RelPath& path) {
  const RelPath agents = RelPath::Trusted(".atozsync");
  return path == agents || path.IsBelow(agents);
}

}  // namespace

SimHintSource::SimHintSource(SimScheduler& scheduler, SimFileSystem& files, const std::string& name,
                             SimHintOptions options)
    : scheduler_(scheduler),
      files_(files),
      random_(scheduler.random().Fork(name + "/hints")),
      options_(options),
      label_(name + "/hints") {}

SimHintSource::~SimHintSource() {
  Stop();
}

Status SimHintSource::Start(Sink sink) {
  CHECK(listener_ == 0);
  sink_ = std::move(sink);
  listener_ = files_.AddListener([this](const FsChange& change) { OnChange(change); });
  return Status::Ok();
}

void SimHintSource::Stop() {
  files_.RemoveListener(std::exchange(listener_, 0));
  scheduler_.Cancel(std::exchange(delivery_, 0));
  waiting_.clear();
  sink_ = nullptr;
}

void SimHintSource::Flush() {
  scheduler_.Cancel(std::exchange(delivery_, 0));
  DeliverAll();
}

WatchStatus SimHintSource::status() const {
  WatchStatus status;
  status.mode = "inotify";
  status.overflows = overflows_;
  return status;
}

void SimHintSource::OnChange(const FsChange& change) {
  if (IsAgents(change.path)) return;
  if (random_.Chance(options_.silent_loss_permille)) return;
  if (random_.Chance(options_.overflow_permille) || waiting_.size() >= options_.queue_max) {
    Overflow();
    return;
  }
  const Hint hint{change.path, KindOf(change)};
  if (random_.Chance(options_.duplicate_permille)) Enqueue(hint);
  Enqueue(hint);
}

void SimHintSource::Overflow() {
  if (listener_ == 0) return;
  waiting_.clear();
  ++overflows_;
  Enqueue({RelPath(), HintKind::kRecursive});
}

void SimHintSource::Enqueue(Hint hint) {
  waiting_.push_back(std::move(hint));
  if (delivery_ == 0) ScheduleDelivery();
}

void SimHintSource::ScheduleDelivery() {
  delivery_ = scheduler_.After(random_.Between(kUs, options_.delay_max_ns), label_, [this] {
    delivery_ = 0;
    DeliverAll();
  });
}

void SimHintSource::DeliverAll() {
  // Only what waits now: a sink that changes files gets the hints for that later.
  const Sink sink = sink_;  // a sink may stop this source
  for (size_t left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
    const Hint hint = std::move(waiting_.front());
    waiting_.pop_front();
    ++delivered_;
    scheduler_.Trace(label_, Fnv1a(AsBytes(hint.path.str())));
    sink(hint);
  }
}

}  // namespace atozsync
