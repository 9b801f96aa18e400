#include "sync/os/worker_lane.h"

#include <utility>

#include "sync/base/check.h"
#include "sync/os/thread_setup.h"

namespace atozsync {

WorkerLane::WorkerLane(const std::string& name, int width) {
  CHECK(width > 0);
  WithoutSignals([&] {
    for (int i = 0; i < width; ++i) threads_.emplace_back([this, name] { Work(name); });
  });
}

void WorkerLane::Submit(Task job) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void WorkerLane::Stop() {
  std::deque<Task> dropped;  // destroyed without the lock: what a job owns may call back
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  dropped.clear();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerLane::Drain() {
  std::deque<Task> dropped;  // destroyed without the lock, as in Stop()
  {
    std::lock_guard<std::mutex> lock(mutex_);
    dropped.swap(queue_);
  }
  dropped.clear();
  std::unique_lock<std::mutex> lock(mutex_);
  rested_.wait(lock, [this] { return running_ == 0; });
}

void WorkerLane::Work(const std::string& name) {
  NameThisThread(name);
  while (true) {
    Task job;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
    }
    AsOneJob([&] { job(); });
    job = Task();  // what it owns goes before anybody may think that it is over
    std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) rested_.notify_all();
  }
}

}  // namespace atozsync
