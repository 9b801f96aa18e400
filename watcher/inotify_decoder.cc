#include "watcher/inotify_decoder.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cstring>

#include "sync/base/rel_path.h"

namespace atozsync {

DecodedEvents DecodeInotify(ByteSpan bytes) {
  DecodedEvents decoded;
  while (!bytes.empty()) {
    struct inotify_event header;
    if (bytes.size() < sizeof(header)) {
      decoded.malformed = true;
      break;
    }
    // Copied out: the buffer need not be aligned.
    std::memcpy(&header, bytes.data(), sizeof(header));
    ByteSpan rest = bytes.subspan(sizeof(header));
    if (header.len > rest.size()) {
      decoded.malformed = true;
      break;
    }
    // The kernel pads names with NULs.
    ByteSpan padded = rest.first(header.len);
    auto end = std::find(padded.begin(), padded.end(), uint8_t{0});
    std::string name(padded.begin(), end);
    if (!name.empty() && !RelPath::IsValidName(name)) {
      decoded.malformed = true;
      break;
    }
    decoded.events.push_back({header.wd, header.mask, header.cookie, std::move(name)});
    bytes = rest.subspan(header.len);
  }
  return decoded;
}

}  // namespace atozsync
