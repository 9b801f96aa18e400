// Hint: "look here". What a watcher says; never a fact – the disk is asked again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sync/base/rel_path.h"
#include "sync/base/unique_function.h"

namespace atozsync {

enum class HintKind : uint8_t {
  kClosed,     // a writer has closed this file: it is probably complete
  kTouched,    // something happened to this name (made, written to, moved, removed)
  kDir,        // list this directory again (not below it)
  kRecursive,  // look at everything from here down (new directory, lost events)
};

struct Hint {
  RelPath path;
  HintKind kind = HintKind::kTouched;
  bool operator==(const Hint&) const = default;
};

struct WatchStatus {
  std::string mode = "none";  // inotify, polling, mixed, none
  uint64_t directories = 0;   // watched
  uint64_t unwatched = 0;     // directories that could not be watched and are polled
  uint64_t overflows = 0;     // times the system dropped events
  std::string problem;        // for a person; empty when all is well
};

// HintSource: part of the seam. Loop thread only.
class HintSource {
 public:
  virtual ~HintSource() = default;
  using Sink = std::function<void(Hint)>;
  // Begins to watch the whole tree; must be called before the first scan, so that nothing falls
  // between. `sink` is called on the loop thread, not inside Start().
  virtual Status Start(Sink sink) = 0;
  // Everything that happened before this call has been given to the sink when it returns (where the
  // system can say so: inotify yes, polling no).
  virtual void Flush() = 0;
  virtual WatchStatus status() const = 0;
};

}  // namespace atozsync
