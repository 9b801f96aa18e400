#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "sync/base/check.h"
#include "sync/os/os_random.h"

namespace atozsync {

namespace {

void FillFromSystem(MutableByteSpan out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);
    out = out.subspan(static_cast<size_t>(got));
  }
}

// Numbers are drawn one by one, for each file that comes: they share a call. A byte that was given
// out is in here no longer.
struct Stock {
  std::array<uint8_t, 256> bytes;
  size_t left = 0;
};

}  // namespace

void OsRandom::Fill(MutableByteSpan out) {
  thread_local Stock stock;
  if (out.size() > sizeof(uint64_t)) {
    FillFromSystem(out);
    return;
  }
  if (stock.left < out.size()) {
    FillFromSystem(stock.bytes);
    stock.left = stock.bytes.size();
  }
  const auto taken = MutableByteSpan(stock.bytes).subspan(stock.left - out.size(), out.size());
  std::copy(taken.begin(), taken.end(), out.begin());
  std::fill(taken.begin(), taken.end(), uint8_t{0});
  stock.left -= out.size();
}

}  // namespace atozsync
