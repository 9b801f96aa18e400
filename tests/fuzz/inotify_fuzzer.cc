// What the kernel says about directories: decoding is exact, a buffer that is cut off gives the
// events before the cut, and the reducer keeps its promises about names whatever the events are.
#include <sys/inotify.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tests/fuzz/input.h"
#include "watcher/event_reducer.h"
#include "watcher/inotify_decoder.h"
#include "watcher/watch_tree.h"

namespace atozsync {
namespace {

// As the kernel would write it, with as few NULs behind the name as may be.
Bytes EncodeEvents(const std::vector<InotifyEvent>& events) {
  Bytes bytes;
  for (const InotifyEvent& event : events) {
    struct inotify_event header = {};
    header.wd = event.wd;
    header.mask = event.mask;
    header.cookie = event.cookie;
    header.len = event.name.empty() ? 0 : static_cast<uint32_t>(event.name.size() + 1);
    const size_t at = bytes.size();
    bytes.resize(at + sizeof(header) + header.len);
    std::memcpy(bytes.data() + at, &header, sizeof(header));
    std::copy(event.name.begin(), event.name.end(),
              bytes.begin() + static_cast<ptrdiff_t>(at + sizeof(header)));
  }
  return bytes;
}

// Does the buffer end where an event ends?
bool IsWhole(ByteSpan bytes) {
  constexpr size_t kHeader = sizeof(struct inotify_event);
  while (bytes.size() >= kHeader) {
    struct inotify_event header = {};
    std::memcpy(&header, bytes.data(), kHeader);
    if (header.len > bytes.size() - kHeader) return false;
    bytes = bytes.subspan(kHeader + header.len);
  }
  return bytes.empty();
}

void CheckDecoded(ByteSpan bytes, const DecodedEvents& decoded) {
  CHECK(decoded.malformed || IsWhole(bytes));
  for (const InotifyEvent& event : decoded.events) {
    CHECK(event.name.empty() || RelPath::IsValidName(event.name));
  }
  const DecodedEvents again = DecodeInotify(EncodeEvents(decoded.events));
  CHECK(!again.malformed);
  CHECK(again.events == decoded.events);
}

// The events of a buffer's beginning are the beginning of the buffer's events.
void CheckCut(ByteSpan bytes, const DecodedEvents& whole) {
  const size_t step = std::max<size_t>(1, bytes.size() / 64);
  for (size_t length = 0; length < bytes.size(); length += step) {
    const DecodedEvents part = DecodeInotify(bytes.first(length));
    CHECK(part.events.size() <= whole.events.size());
    CHECK(std::equal(part.events.begin(), part.events.end(), whole.events.begin()));
    CHECK(part.malformed || IsWhole(bytes.first(length)));
  }
}

bool IsOurs(const RelPath& path) {
  const RelPath own = RelPath::Trusted(kOwnDirectory);
  return path == own || path.IsBelow(own);
}

// A tree of watches 1 … 8 in which the events mean something.
void CheckReduced(const DecodedEvents& decoded) {
  WatchTree tree;
  int wd = 1;
  for (const char* path : {"", "A", "A/AdamsJohn12", "A/AdamsJohn12/old", "B", "B/BakerEve3",
                           "EmailAttachments", "EmailAttachments/In"}) {
    tree.SetWatched(RelPath::Trusted(path), wd++);
  }
  const WatchEffects effects = ReduceEvents(decoded, tree);
  for (size_t i = 0; i < effects.hints.size(); ++i) {
    CHECK(!IsOurs(effects.hints[i].path));
    for (size_t j = 0; j < i && j < 64; ++j) CHECK(effects.hints[j].path != effects.hints[i].path);
  }
  for (const RelPath& path : effects.appeared) CHECK(!IsOurs(path));
  // Half a buffer is never trusted: everything is looked at again.
  if (decoded.malformed) CHECK(effects.lost);
  if (effects.lost) {
    CHECK(std::count(effects.hints.begin(), effects.hints.end(),
                     Hint{RelPath(), HintKind::kRecursive}) == 1);
  }
  CHECK(tree.watched() <= 8);
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const ByteSpan bytes(data, size);
  const DecodedEvents decoded = DecodeInotify(bytes);
  CheckDecoded(bytes, decoded);
  CheckCut(bytes, decoded);
  CheckReduced(decoded);
  return 0;
}
