#include "tests/fuzz/memory_meter.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace atozsync {
namespace {

size_t in_use_bytes = 0;
size_t peak_in_use_bytes = 0;

void* Take(size_t bytes) {
  void* memory = std::malloc(std::max<size_t>(bytes, 1));
  if (memory == nullptr) std::abort();
  in_use_bytes += ::malloc_usable_size(memory);
  peak_in_use_bytes = std::max(peak_in_use_bytes, in_use_bytes);
  return memory;
}

void Give(void* memory) {
  // Memory from before these functions stood in: none is lost by not counting below zero.
  in_use_bytes -= std::min(in_use_bytes, ::malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

MemoryMeter::MemoryMeter() : before_bytes_(in_use_bytes) {
  peak_in_use_bytes = in_use_bytes;
}

size_t MemoryMeter::peak_bytes() const {
  return peak_in_use_bytes - before_bytes_;
}

}  // namespace atozsync

void* operator new(size_t bytes) {
  return atozsync::Take(bytes);
}
void* operator new[](size_t bytes) {
  return atozsync::Take(bytes);
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return atozsync::Take(bytes);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return atozsync::Take(bytes);
}
void operator delete(void* memory) noexcept {
  atozsync::Give(memory);
}
void operator delete[](void* memory) noexcept {
  atozsync::Give(memory);
}
void operator delete(void* memory, size_t) noexcept {
  atozsync::Give(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  atozsync::Give(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  atozsync::Give(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  atozsync::Give(memory);
}
