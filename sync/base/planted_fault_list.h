// The list of planted faults (planted_fault.h): constant, name, what is broken. Adding one here and
// using it once in the code is all it takes. The words after the colon name the promise that
// breaks.
#pragma once

#define ATOZ_PLANTED_FAULTS(X)                                                                     \
  /* Bringing a version into the folder. */                                                        \
  X(kSkipDirectorySync, "skip-directory-sync",                                                     \
    "directories are not synced after swaps: a power loss takes back what the index says is done") \
  X(kSkipStagedSync, "skip-staged-sync",                                                           \
    "staged content is not synced before its swap: half a file after a power loss")                \
  X(kSkipTouchSync, "skip-touch-sync",                                                             \
    "a carried file time is not synced: the old time comes back and spreads as a change")          \
  X(kSkipCheckBeforeSwap, "skip-check-before-swap",                                                \
    "what stands at the path is taken as expected: a change not seen yet is replaced")             \
  X(kSkipCheckAfterSwap, "skip-check-after-swap",                                                  \
    "what came out of the swap is not looked at: a write in that instant is replaced")             \
  X(kSkipExchangeBack, "skip-exchange-back",                                                       \
    "what came out unexpectedly is not put back: a write in that instant is lost")
