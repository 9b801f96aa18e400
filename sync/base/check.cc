#include "sync/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace atozsync {

void CheckFailed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "atozsync: internal error: %s failed at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace atozsync
