// WorkerLane: a queue of jobs and the threads that run them, in the order given, at most `width` at
// once. Not a thread pool for everybody: each lane has its own threads, so that lanes never wait
// for each other.
//
// Submit() from one thread (the loop). The queue has no limit of its own: whoever submits keeps
// count of what is under way. The threads take no signals.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sync/base/executor.h"

namespace atozsync {

class WorkerLane {
 public:
  // `name` is what debuggers and `ps -L` show; 15 bytes at most. REQUIRES: width > 0.
  WorkerLane(const std::string& name, int width);
  ~WorkerLane() { Stop(); }
  WorkerLane(const WorkerLane&) = delete;
  WorkerLane& operator=(const WorkerLane&) = delete;

  // Dropped when the lane has stopped.
  void Submit(Task job);
  // Destroys the jobs that have not begun and waits for those that run; the lane goes on after
  // that.
  void Drain();
  // Destroys the jobs that have not begun – here, on the calling thread –, then waits for those
  // that run and joins the threads.
  void Stop();

 private:
  void Work(const std::string& name);

  std::mutex mutex_;  // guards queue_, running_ and stopped_
  std::condition_variable changed_;
  std::condition_variable rested_;  // running_ became 0
  int running_ = 0;
  std::deque<Task> queue_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace atozsync
