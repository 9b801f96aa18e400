// Bytes read from an inotify descriptor → events. Pure: no descriptor, no state.
//
// Any bytes are safe to give: what does not make sense ends the decoding and sets `malformed`, so
// that the caller looks at everything again instead of trusting half a buffer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sync/base/bytes.h"

namespace atozsync {

struct InotifyEvent {
  int32_t wd = -1;
  uint32_t mask = 0;    // IN_* bits
  uint32_t cookie = 0;  // the same in both halves of a rename; else 0
  std::string name;     // in the watched directory; empty: the directory itself
  bool operator==(const InotifyEvent&) const = default;
};

struct DecodedEvents {
  std::vector<InotifyEvent> events;
  bool malformed = false;
};

DecodedEvents DecodeInotify(ByteSpan bytes);

}  // namespace atozsync
