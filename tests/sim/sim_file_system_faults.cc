// Faults: calls that fail on demand, hooks, a volume that goes away, and power loss.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/sim_file_system.h"

namespace atozsync {
namespace {

// What a disk writes or loses as one.
constexpr size_t kBlockBytes = 4096;

size_t RoundToBlock(size_t size) {
  return (size + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

// A file whose last changes were not synced: each block is the new one, the old one or, where there
// was no old one, zeros; the length is the old one, the new one or something between.
Bytes TornContent(const SimInode& node, SimRandom& random) {
  const size_t low = std::min(node.durable_data.size(), node.data.size());
  const size_t high = std::max(node.durable_data.size(), node.data.size());
  const size_t lengths[] = {node.durable_data.size(), node.data.size(),
                            std::min(RoundToBlock(low + random.Below(high - low + 1)), high)};
  Bytes torn(lengths[random.Below(3)], 0);
  for (size_t start = 0; start < torn.size(); start += kBlockBytes) {
    const Bytes& source = random.Chance(500) ? node.data : node.durable_data;
    const size_t end = std::min({start + kBlockBytes, torn.size(), source.size()});
    if (start >= end) continue;
    std::copy(source.begin() + static_cast<ptrdiff_t>(start),
              source.begin() + static_cast<ptrdiff_t>(end),
              torn.begin() + static_cast<ptrdiff_t>(start));
  }
  return torn;
}

// What a restart finds of one file; without `random` what was synced.
void Settle(SimInode& node, SimRandom* random) {
  if (node.dirty) {
    const uint64_t taste = random == nullptr ? 0 : random->Below(3);
    const bool times_kept = taste == 1 || (taste == 2 && random->Chance(500));
    if (taste == 0) node.data = node.durable_data;
    if (taste == 2) node.data = TornContent(node, *random);
    if (!times_kept) {
      node.mtime_ns = node.durable_mtime_ns;
      node.ctime_ns = node.durable_ctime_ns;
    }
  } else {
    node.ctime_ns = node.durable_ctime_ns;
  }
  node.MakeContentDurable();
}

}  // namespace

const char* FsCallName(FsCall call) {
  switch (call) {
    case FsCall::kStat: return "stat";
    case FsCall::kList: return "list";
    case FsCall::kOpenRead: return "open";
    case FsCall::kRead: return "read";
    case FsCall::kSpace: return "ask free space of";
    case FsCall::kCreate: return "create";
    case FsCall::kOpenWrite: return "open for writing";
    case FsCall::kWrite: return "write";
    case FsCall::kTruncate: return "truncate";
    case FsCall::kMakeDir: return "mkdir";
    case FsCall::kRemoveFile: return "unlink";
    case FsCall::kRemoveDir: return "rmdir";
    case FsCall::kRename: return "rename";
    case FsCall::kExchange: return "exchange";
    case FsCall::kSetMtime: return "set times of";
    case FsCall::kSyncDir: return "sync directory";
    case FsCall::kSyncFiles: return "sync";
  }
  return "unknown call";
}

uint64_t SimFileSystem::mutating_calls() const {
  uint64_t sum = 0;
  for (size_t i = static_cast<size_t>(FsCall::kCreate); i < calls_.size(); ++i) sum += calls_[i];
  return sum;
}

Status SimFileSystem::CheckPower(const RelPath& path) const {
  if (powered_) return Status::Ok();
  return ErrnoError(EIO, "use of " + Printable(path) + " after the power went");
}

Status SimFileSystem::Enter(FsCall call, const RelPath& path, const RelPath& other) {
  TRY(CheckPower(path));
  ++calls_[static_cast<size_t>(call)];
  if (hook_ && !in_hook_) {
    in_hook_ = true;
    hook_(call, path, other);
    in_hook_ = false;
    TRY(CheckPower(path));
  }
  std::optional<Error> injected = InjectedError(call, path);
  return injected.has_value() ? Status(std::move(*injected)) : Status::Ok();
}

std::optional<Error> SimFileSystem::InjectedError(FsCall call, const RelPath& path) {
  int os_errno = 0;
  for (Failure& failure : failures_) {
    if (failure.calls_left == 0) continue;
    if (failure.call.has_value() ? *failure.call != call : !IsMutating(call)) continue;
    if (--failure.calls_left == 0) os_errno = failure.os_errno;
  }
  std::erase_if(failures_, [](const Failure& failure) { return failure.calls_left == 0; });
  if (os_errno == 0 && random_.Chance(random_failure_permille_)) os_errno = random_failure_errno_;
  if (os_errno == 0) return std::nullopt;
  Error error = ErrnoError(os_errno, std::string(FsCallName(call)) + " " + Printable(path));
  error.injected = true;
  return error;
}

void SimFileSystem::FailCall(FsCall call, uint64_t nth, int os_errno) {
  CHECK(nth > 0);
  failures_.push_back({call, nth, os_errno});
}

void SimFileSystem::FailMutation(uint64_t nth, int os_errno) {
  CHECK(nth > 0);
  failures_.push_back({std::nullopt, nth, os_errno});
}

void SimFileSystem::FailRandomly(uint32_t permille, int os_errno) {
  random_failure_permille_ = permille;
  random_failure_errno_ = os_errno;
}

void SimFileSystem::ClearFailures() {
  failures_.clear();
  random_failure_permille_ = 0;
  std::vector<SimInode*> left = {volume_root_.get()};
  while (!left.empty()) {
    SimInode* node = left.back();
    left.pop_back();
    node->os_errno = 0;
    for (const auto& [name, child] : node->entries) left.push_back(child.get());
  }
}

bool SimFileSystem::SetNodeError(std::string_view path, int os_errno) {
  const SimInodePtr node = FindOrNull(RelPath::Trusted(path));
  if (node == nullptr) return false;
  node->os_errno = os_errno;
  return true;
}

bool SimFileSystem::Corrupt(std::string_view path, uint64_t offset) {
  const SimInodePtr node = FindOrNull(RelPath::Trusted(path));
  if (node == nullptr || offset >= node->data.size()) return false;
  const size_t at = static_cast<size_t>(offset);
  node->data[at] ^= 0x40;
  if (at < node->durable_data.size()) node->durable_data[at] ^= 0x40;
  return true;
}

void SimFileSystem::Unmount() {
  if (root_ == volume_root_) root_ = NewInode(NodeKind::kDir);
}

void SimFileSystem::Mount() {
  root_ = volume_root_;
}

void SimFileSystem::SyncAll() {
  journal_.SyncAll();
  std::vector<SimInode*> left = {volume_root_.get()};
  while (!left.empty()) {
    SimInode* node = left.back();
    left.pop_back();
    node->MakeContentDurable();
    for (const auto& [name, child] : node->entries) left.push_back(child.get());
  }
}

void SimFileSystem::Crash(SimRandom& random) {
  journal_.Crash(random);
  Restart(&random);
}

void SimFileSystem::CrashKeepingNothing() {
  journal_.DropAll();
  Restart(nullptr);
}

void SimFileSystem::Restart(SimRandom* random) {
  ++generation_;
  powered_ = true;
  Mount();
  used_bytes_ = 0;
  std::set<uint64_t> numbers = {volume_root_->number};
  Rebuild(*volume_root_, random, numbers);
  // Numbers of what was lost are free again: a new file may get one that an index remembers.
  free_numbers_.clear();
  for (uint64_t number = 2; number < next_number_; ++number) {
    if (numbers.count(number) == 0) free_numbers_.insert(number);
  }
}

void SimFileSystem::Rebuild(SimInode& dir, SimRandom* random, std::set<uint64_t>& numbers) {
  dir.entries = dir.durable_entries;
  for (const auto& [name, node] : dir.entries) {
    node->parent = &dir;
    node->name = name;
    node->open_handles = 0;
    node->writers = 0;
    numbers.insert(node->number);
    if (node->kind == NodeKind::kDir) {
      Rebuild(*node, random, numbers);
      continue;
    }
    Settle(*node, random);
    used_bytes_ += node->data.size();
  }
}

}  // namespace atozsync
