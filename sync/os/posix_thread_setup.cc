#include <pthread.h>
#include <signal.h>

#include "sync/os/dir_handles.h"
#include "sync/os/thread_setup.h"

namespace atozsync {

void AsOneJob(const std::function<void()>& job) {
  DirHandles::Job handles;
  job();
}

void WithoutSignals(const std::function<void()>& start) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  start();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void NameThisThread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace atozsync
