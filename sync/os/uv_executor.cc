#include "sync/os/uv_executor.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "sync/base/check.h"

namespace atozsync {
namespace {

constexpr int kWriteWidth = 1;  // effects in the order given
constexpr int kWalkWidth = 2;   // one may wait for a slow directory
constexpr int kRowsWidth = 1;   // one connection
constexpr int kStageWidth = 2;  // one hashes while the other waits for the system
constexpr int64_t kDelayMaxMs = int64_t{366} * 24 * 3600 * 1000;

int HashWidth(int asked) {
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

uv_loop_t* Initialized(uv_loop_t* loop) {
  CHECK(uv_loop_init(loop) == 0);
  return loop;
}

template <typename Handle>
uv_handle_t* Base(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

}  // namespace

UvExecutor::UvExecutor(int hash_width) : clock_(Initialized(&loop_)) {
  CHECK(uv_async_init(&loop_, &async_, &UvExecutor::OnAsync) == 0);
  CHECK(uv_idle_init(&loop_, &idle_) == 0);
  CHECK(uv_check_init(&loop_, &check_) == 0);
  CHECK(uv_timer_init(&loop_, &timer_) == 0);
  async_.data = idle_.data = check_.data = timer_.data = this;
  CHECK(uv_check_start(&check_, &UvExecutor::OnCheck) == 0);
  const auto lane = [this](Lane which) -> std::unique_ptr<WorkerLane>& {
    return lanes_[static_cast<size_t>(which)];
  };
  lane(Lane::kHash) = std::make_unique<WorkerLane>("hash", HashWidth(hash_width));
  lane(Lane::kWrite) = std::make_unique<WorkerLane>("write", kWriteWidth);
  lane(Lane::kWalk) = std::make_unique<WorkerLane>("walk", kWalkWidth);
  lane(Lane::kRows) = std::make_unique<WorkerLane>("rows", kRowsWidth);
  lane(Lane::kStage) = std::make_unique<WorkerLane>("stage", kStageWidth);
}

UvExecutor::~UvExecutor() {
  closing_ = true;
  for (auto& lane : lanes_) lane->Stop();
  DropAll();
  CloseLoop();
}

// --- Tasks ---

void UvExecutor::Post(Task task) {
  Enqueue(std::move(task));
}

void UvExecutor::Enqueue(Task task) {
  if (closing_) return;
  tasks_.push_back(std::move(task));
  // Without an idle handle the loop would wait for I/O before it gets to the check handle.
  uv_idle_start(&idle_, [](uv_idle_t*) {});
}

void UvExecutor::PostFromAnyThread(Task task) {
  {
    std::lock_guard<std::mutex> lock(inbox_mutex_);
    inbox_.push_back(std::move(task));
  }
  uv_async_send(&async_);
}

void UvExecutor::TakeInbox() {
  std::vector<Task> arrived;
  {
    std::lock_guard<std::mutex> lock(inbox_mutex_);
    arrived.swap(inbox_);
  }
  for (Task& task : arrived) Enqueue(std::move(task));
}

void UvExecutor::RunTasks() {
  // What these tasks post is for a later turn.
  size_t budget = std::min(tasks_.size(), kTasksPerTurnMax);
  for (; budget > 0 && !stop_requested_; --budget) {
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }
  if (tasks_.empty()) uv_idle_stop(&idle_);
}

void UvExecutor::Run(Lane lane, Task work, Task done) {
  lanes_[static_cast<size_t>(lane)]->Submit(
      [this, work = std::move(work), done = std::move(done)]() mutable {
        work();
        work = Task();
        PostFromAnyThread(std::move(done));
      });
}

void UvExecutor::DropJobs() {
  for (auto& lane : lanes_) lane->Drain();
}

// --- Timers ---

TimerId UvExecutor::PostAfter(int64_t delay_ms, Task task) {
  if (closing_) return 0;
  const TimerId id = ++last_timer_id_;
  const int64_t due_ms = clock_.MonoMs() + std::clamp<int64_t>(delay_ms, 0, kDelayMaxMs);
  timers_.emplace(TimerKey{due_ms, id}, std::move(task));
  timer_due_ms_.emplace(id, due_ms);
  ArmTimer();
  return id;
}

void UvExecutor::CancelTimer(TimerId id) {
  const auto due = timer_due_ms_.find(id);
  if (due == timer_due_ms_.end()) return;
  auto cancelled = timers_.extract(TimerKey{due->second, id});  // destroyed last: it may call back
  timer_due_ms_.erase(due);
  ArmTimer();
}

void UvExecutor::ArmTimer() {
  if (timers_.empty()) {
    uv_timer_stop(&timer_);
    return;
  }
  // At least 1: libuv 1.44 runs what is due now in the same turn, over and over.
  const int64_t delay_ms = std::max<int64_t>(1, timers_.begin()->first.due_ms - clock_.MonoMs());
  uv_timer_start(&timer_, &UvExecutor::OnTimer, static_cast<uint64_t>(delay_ms), 0);
}

void UvExecutor::RunDueTimers() {
  const int64_t now_ms = clock_.MonoMs();
  const TimerId newest = last_timer_id_;  // what these tasks start is for a later turn
  for (size_t budget = kTasksPerTurnMax; budget > 0 && !stop_requested_; --budget) {
    const auto next = std::find_if(timers_.begin(), timers_.end(),
                                   [&](const auto& timer) { return timer.first.id <= newest; });
    if (next == timers_.end() || next->first.due_ms > now_ms) break;
    auto timer = timers_.extract(next);
    timer_due_ms_.erase(timer.key().id);
    timer.mapped()();
  }
  ArmTimer();
}

// --- Loop ---

void UvExecutor::OnSignal(int signum, std::function<void()> handler) {
  std::unique_ptr<SignalWatch>& watch = signals_[signum];
  if (watch != nullptr) {
    watch->handler = std::move(handler);
    return;
  }
  watch = std::make_unique<SignalWatch>();
  watch->handler = std::move(handler);
  CHECK(uv_signal_init(&loop_, &watch->handle) == 0);
  watch->handle.data = watch.get();
  CHECK(uv_signal_start(&watch->handle, &UvExecutor::OnSignalArrived, signum) == 0);
}

void UvExecutor::Run() {
  // A timer or I/O callback of others that calls uv_stop() is no reason to end.
  while (!stop_requested_) uv_run(&loop_, UV_RUN_DEFAULT);
  stop_requested_ = false;
}

void UvExecutor::Stop() {
  stop_requested_ = true;
  uv_stop(&loop_);
}

void UvExecutor::OnAsync(uv_async_t* handle) noexcept {
  static_cast<UvExecutor*>(handle->data)->TakeInbox();
}

void UvExecutor::OnCheck(uv_check_t* handle) noexcept {
  static_cast<UvExecutor*>(handle->data)->RunTasks();
}

void UvExecutor::OnTimer(uv_timer_t* handle) noexcept {
  static_cast<UvExecutor*>(handle->data)->RunDueTimers();
}

void UvExecutor::OnSignalArrived(uv_signal_t* handle, int) noexcept {
  // A copy: the handler may replace itself.
  const std::function<void()> handler = static_cast<SignalWatch*>(handle->data)->handler;
  handler();
}

// --- End ---

void UvExecutor::DropAll() {
  // Moved out first: what a task owns may call CancelTimer() or Post() from its destructor.
  std::deque<Task> tasks = std::move(tasks_);
  std::map<TimerKey, Task> timers = std::move(timers_);
  tasks_.clear();
  timers_.clear();
  timer_due_ms_.clear();
  std::vector<Task> inbox;
  std::lock_guard<std::mutex> lock(inbox_mutex_);
  inbox.swap(inbox_);
}

void UvExecutor::CloseLoop() {
  uv_close(Base(&async_), nullptr);
  uv_close(Base(&idle_), nullptr);
  uv_close(Base(&check_), nullptr);
  uv_close(Base(&timer_), nullptr);
  for (auto& [signum, watch] : signals_) uv_close(Base(&watch->handle), nullptr);
  uv_walk(
      &loop_, [](uv_handle_t* handle, void*) { CHECK(uv_is_closing(handle)); }, nullptr);
  // Until the close callbacks have run; a forgotten uv_stop() ends the first round at once.
  while (uv_loop_alive(&loop_)) uv_run(&loop_, UV_RUN_DEFAULT);
  CHECK(uv_loop_close(&loop_) == 0);
}

}  // namespace atozsync
