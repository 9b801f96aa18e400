// WatcherOptions: what a person or a test may set about watching. Plain value.
#pragma once

#include <cstdint>

namespace atozsync {

struct WatcherOptions {
  // How often directories that cannot be watched are looked at (and, with polling, everything).
  int64_t poll_interval_ms = 30'000;
  // How long the second half of a rename may take to show up before the directory counts as moved
  // out of the tree. Too short costs a second walk of that directory, nothing else.
  int64_t move_pair_wait_ms = 500;
  // At most so many directories are watched; 0 = as many as the system allows.
  uint64_t watches_max = 0;
};

}  // namespace atozsync
