// CHECK stops the program when its own logic is wrong. Always on, also in release builds. Bytes
// from a disk, a peer or a person never reach a CHECK: those are Results.
#pragma once

namespace atozsync {

[[noreturn]] void CheckFailed(const char* expression, const char* file, int line) noexcept;

}  // namespace atozsync

#define CHECK(expression) \
  ((expression) ? (void)0 : ::atozsync::CheckFailed(#expression, __FILE__, __LINE__))
