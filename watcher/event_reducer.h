// ReduceEvents: what a buffer of inotify events means. Pure: changes the tree, says what is to be
// done in the kernel, and gives hints, one per path and buffer however often it was written to.
//
// Nothing below ROOT/.atozsync is ever mentioned: those are our own writes.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sync/base/hint.h"
#include "watcher/inotify_decoder.h"
#include "watcher/own_directory.h"
#include "watcher/watch_tree.h"

namespace atozsync {

struct WatchEffects {
  std::vector<Hint> hints;  // in the order in which the paths were first mentioned
  // Directories that appeared: watch them, then hint kRecursive, then look for more below.
  std::set<RelPath> appeared;
  // Directories that may be watched now and could not be before.
  std::set<RelPath> retry;
  std::vector<int> dropped;  // remove these watches from the kernel
  uint64_t overflows = 0;
  bool lost = false;  // events are missing: walk the whole tree again (the hint is in `hints`)
  bool root_moved = false;  // the root's name may stand for another directory now, or for none
};

WatchEffects ReduceEvents(const DecodedEvents& decoded, WatchTree& tree);

}  // namespace atozsync
