// OldestHeld: gathers what waits, room by room, and keeps the oldest of it: a list that is cut must
// not hide what waits the longest. Bounded by its limit; knows no room. Loop thread only.
#pragma once

#include <vector>

#include "sync/engine/reports.h"

namespace atozsync {

class OldestHeld {
 public:
  explicit OldestHeld(size_t limit) : limit_(limit) {}

  // Would one that is held since then be kept, as far as is known? Spares making its words.
  bool Wants(int64_t since_ms) const;
  void Add(HeldFile file);
  // Oldest first, then by path; leaves nothing.
  std::vector<HeldFile> Take();

 private:
  const size_t limit_;
  std::vector<HeldFile> heap_;  // the youngest on top
};

}  // namespace atozsync
