#include "sync/engine/row_questions.h"

#include <algorithm>

namespace atozsync {

namespace {

constexpr int64_t kBehindMs = 500;

}  // namespace

RowQuestions::~RowQuestions() {
  core_.executor.CancelTimer(timer_);
}

void RowQuestions::Ask(const RelPath& path, int64_t delay_ms) {
  int64_t due_ms = core_.clock.MonoMs() + delay_ms;
  auto [at, fresh] = due_.emplace(path, due_ms);
  if (!fresh) {
    if (at->second <= due_ms) return;
    queue_.erase({at->second, path});
    at->second = due_ms;
  }
  queue_.insert({due_ms, path});
  PumpAt(due_ms);
}

bool RowQuestions::AskIfRoom(const RelPath& path, int64_t delay_ms) {
  if (due_.size() >= kWaitingMax && !due_.contains(path)) return false;
  Ask(path, delay_ms);
  return true;
}

bool RowQuestions::behind() const {
  return !queue_.empty() && queue_.begin()->first + kBehindMs <= core_.clock.MonoMs();
}

void RowQuestions::PumpAt(int64_t due_ms) {
  if (under_way_ || posted_) return;
  int64_t delay_ms = due_ms - core_.clock.MonoMs();
  if (delay_ms <= 0) {  // a timer takes a millisecond at least
    posted_ = true;
    core_.Post([this] {
      posted_ = false;
      Pump();
    });
    return;
  }
  if (timer_ != 0 && timer_due_ms_ <= due_ms) return;
  core_.executor.CancelTimer(timer_);
  timer_due_ms_ = due_ms;
  timer_ = core_.PostAfter(delay_ms, [this] {
    timer_ = 0;
    Pump();
  });
}

void RowQuestions::Pump() {
  if (under_way_ || core_.failed()) return;
  std::vector<RelPath> paths;
  int64_t now_ms = core_.clock.MonoMs();
  while (paths.size() < RowSource::kLookUpMax && !queue_.empty() &&
         queue_.begin()->first <= now_ms) {
    paths.push_back(queue_.begin()->second);
    due_.erase(paths.back());
    queue_.erase(queue_.begin());
  }
  if (paths.empty()) {
    if (!queue_.empty()) PumpAt(queue_.begin()->first);
    return;
  }
  under_way_ = true;
  rows_.LookUp(paths,
               core_.GuardWith<std::vector<RowState>>(
                   [this, paths](std::vector<RowState> states) { OnAnswer(paths, states); }));
}

void RowQuestions::OnAnswer(const std::vector<RelPath>& paths,
                            const std::vector<RowState>& states) {
  under_way_ = false;
  Answers answers;
  for (size_t i = 0; i < paths.size() && i < states.size(); ++i) {
    answers.emplace_back(paths[i], states[i]);
  }
  if (on_answers) on_answers(answers);
  Pump();
}

}  // namespace atozsync
