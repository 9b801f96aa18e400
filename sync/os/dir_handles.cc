#include "sync/os/dir_handles.h"

#include <array>
#include <utility>

#include "sync/base/check.h"

namespace atozsync {
namespace {

// A move has two directories, and staging is one of them most of the time.
constexpr size_t kHandlesMax = 4;
// Then the way is gone again: a job may be long.
constexpr int kUsesMax = 64;

struct Slot {
  const void* owner = nullptr;
  RelPath dir;
  std::shared_ptr<const DirHandle> handle;
  int uses = 0;
};

struct Slots {
  bool in_job = false;
  size_t next = 0;
  std::array<Slot, kHandlesMax> all;
};

thread_local Slots slots;

}  // namespace

DirHandles::Job::Job() {
  CHECK(!slots.in_job);
  slots.in_job = true;
}

DirHandles::Job::~Job() {
  ForgetAll();
  slots.in_job = false;
}

std::shared_ptr<const DirHandle> DirHandles::Find(const void* owner, const RelPath& dir) {
  for (Slot& slot : slots.all) {
    if (slot.handle == nullptr || slot.owner != owner || slot.dir != dir) continue;
    if (++slot.uses < kUsesMax) return slot.handle;
    return std::exchange(slot, Slot()).handle;
  }
  return nullptr;
}

void DirHandles::Keep(const void* owner, const RelPath& dir,
                      std::shared_ptr<const DirHandle> handle) {
  if (!slots.in_job) return;
  slots.all[slots.next] = {owner, dir, std::move(handle), 0};
  slots.next = (slots.next + 1) % kHandlesMax;
}

void DirHandles::ForgetFrom(const RelPath& path) {
  for (Slot& slot : slots.all) {
    if (slot.handle != nullptr && slot.dir.IsAtOrBelow(path)) slot = Slot();
  }
}

void DirHandles::ForgetAll() {
  for (Slot& slot : slots.all) slot = Slot();
}

}  // namespace atozsync
