// Test points: places in the real code where the tests may break it (planted_fault.h) or count how
// often it gets there (probe.h). Built in for development and simulation only (CMake option
// ATOZ_TEST_POINTS); a release is compiled as if they were not written.
#pragma once

namespace atozsync {

inline constexpr bool kTestPoints = ATOZ_TEST_POINTS != 0;

}  // namespace atozsync
