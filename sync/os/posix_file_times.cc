#include "sync/os/posix_file_times.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/os/unique_fd.h"

namespace atozsync {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kStepsNs[] = {1, 100, 1'000, 1'000'000, 10'000'000, kSecondNs, 2 * kSecondNs};
constexpr const char* kProbeFile = ".atozsync/staging/time-probe";

int64_t StepOf(int fd) {
  timespec wanted{kTriedTimeNs / kSecondNs, kTriedTimeNs % kSecondNs};
  const timespec times[2] = {wanted, wanted};
  struct stat kept {};
  if (::futimens(fd, times) != 0 || ::fstat(fd, &kept) != 0) return 1;
  return TimeStepNs(kTriedTimeNs, kept.st_mtim.tv_sec * kSecondNs + kept.st_mtim.tv_nsec);
}

}  // namespace

int64_t TimeStepNs(int64_t wanted_ns, int64_t got_ns) {
  for (int64_t step_ns : kStepsNs) {
    if (wanted_ns - wanted_ns % step_ns == got_ns) return step_ns;
  }
  return 1;  // not a step: taken as exact, so that no change is overlooked
}

int64_t ProbeTimeGranularityNs(int root_fd) {
  UniqueFd file(::openat(root_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) return StepOf(file.get());
  ::unlinkat(root_fd, kProbeFile, 0);  // of a process that died here
  file = UniqueFd(::openat(root_fd, kProbeFile, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) return 1;
  const int64_t step_ns = StepOf(file.get());
  ::unlinkat(root_fd, kProbeFile, 0);
  return step_ns;
}

}  // namespace atozsync
