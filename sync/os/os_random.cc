#include "sync/os/os_random.h"

#include <sys/random.h>

#include <cerrno>

#include "sync/base/check.h"

namespace atozsync {

void OsRandom::Fill(MutableByteSpan out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);
    out = out.subspan(static_cast<size_t>(got));
  }
}

}  // namespace atozsync
