// OsRandom: unpredictable bytes from the operating system, good for keys. Any thread. Without a
// working source there is nothing safe to go on with: the program stops.
#pragma once

#include "sync/base/random.h"

namespace atozsync {

class OsRandom final : public Random {
 public:
  void Fill(MutableByteSpan out) override;
};

}  // namespace atozsync
