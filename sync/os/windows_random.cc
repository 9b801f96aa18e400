#include <windows.h>

// Behind the header that it needs.
#include <bcrypt.h>

#include <algorithm>

#include "sync/base/check.h"
#include "sync/os/os_random.h"

namespace atozsync {

void OsRandom::Fill(MutableByteSpan out) {
  while (!out.empty()) {
    const size_t count = std::min<size_t>(out.size(), 1u << 20);
    const NTSTATUS status = ::BCryptGenRandom(nullptr, out.data(), static_cast<ULONG>(count),
                                              BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    CHECK(status >= 0);
    out = out.subspan(count);
  }
}

}  // namespace atozsync
