// The list of probes (probe.h): constant, name, what happened. Grouped by the file that holds them.
#pragma once

#define ATOZ_PROBES(X)                                                                         \
  /* swap.cc */                                                                                \
  X(kSwapChangedBefore, "swap-changed-before", "another file stood at the path than expected") \
  X(kSwapChangedInside, "swap-changed-inside", "a program wrote in the instant of an exchange")
