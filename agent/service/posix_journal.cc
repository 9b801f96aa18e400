#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "agent/service/journal.h"

namespace atozsync {

// JOURNAL_STREAM names device and inode of the stream that systemd gave (systemd.exec(5)); stderr
// may have been led elsewhere since.
bool StderrIsJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

}  // namespace atozsync
