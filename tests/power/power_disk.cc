#include "tests/power/power_disk.h"

#include <algorithm>

#include "sync/base/check.h"

namespace atozsync {

void PowerDisk::Write(const DiskCall& call, Bytes& content) {
  if (call.kind == DiskCall::Kind::kTruncate) {
    content.resize(static_cast<size_t>(call.offset));
    return;
  }
  size_t end = static_cast<size_t>(call.offset) + call.bytes.size();
  if (content.size() < end) content.resize(end);
  std::copy(call.bytes.begin(), call.bytes.end(),
            content.begin() + static_cast<ptrdiff_t>(call.offset));
}

void PowerDisk::WriteTorn(const DiskCall& call, Bytes& content, SimRandom& random) {
  uint64_t end = call.offset + call.bytes.size();
  if (content.size() < end && random.Chance(500)) content.resize(static_cast<size_t>(end));
  // Sectors of noise are rare on disks, but nothing may trust that they do not come.
  uint32_t noise_permille = random.Chance(100) ? 200 : 0;
  for (uint64_t at = call.offset; at < end;) {
    uint64_t next = std::min(end, (at / kSectorBytes + 1) * kSectorBytes);
    DiskCall part{DiskCall::Kind::kWrite, call.name, at, {}};
    auto from = call.bytes.begin() + static_cast<ptrdiff_t>(at - call.offset);
    part.bytes.assign(from, from + static_cast<ptrdiff_t>(next - at));
    if (random.Chance(noise_permille)) part.bytes = random.SomeBytes(part.bytes.size());
    if (random.Chance(500)) Write(part, content);
    at = next;
  }
}

void PowerDisk::Settle(const DiskCall& call, uint32_t keep_permille, Bytes& content,
                       SimRandom& random) {
  if (random.Chance(keep_permille)) {
    Write(call, content);
  } else if (call.kind == DiskCall::Kind::kWrite && random.Chance(300)) {
    WriteTorn(call, content, random);
  } else if (call.kind == DiskCall::Kind::kWrite && random.Chance(300)) {
    // The length without the bytes.
    uint64_t end = call.offset + call.bytes.size();
    if (content.size() < end) content.resize(static_cast<size_t>(end));
  }
}

Bytes PowerDisk::Survive(const File& file, uint64_t kind, SimRandom& random) {
  Bytes content = file.durable;
  size_t count = file.pending.size();
  if (count == 0 || kind == 0) return content;
  if (kind == 1) return file.now;
  size_t cut = static_cast<size_t>(random.Below(count));
  constexpr uint32_t kKeeps[] = {50, 250, 500, 750, 950};
  uint32_t keep = kKeeps[random.Below(std::size(kKeeps))];
  for (size_t i = 0; i < count; ++i) {
    const DiskCall& call = file.pending[i];
    bool torn = i == cut && call.kind == DiskCall::Kind::kWrite;
    if (kind > 3) {
      Settle(call, keep, content, random);
    } else if (torn) {
      WriteTorn(call, content, random);
    } else if (kind == 2 ? i < cut : i > cut) {
      Write(call, content);
    }
  }
  return content;
}

void PowerDisk::Change(const NameChange& change, Names& names) {
  if (change.create) {
    names[change.name] = change.file;
  } else {
    names.erase(change.name);
  }
}

void PowerDisk::Apply(const DiskCall& call, SimRandom& random) {
  if (call.kind == DiskCall::Kind::kSyncNames) {
    durable_names_ = names_;
    pending_names_.clear();
    return;
  }
  auto found = names_.find(call.name);
  if (call.kind == DiskCall::Kind::kCreate) {
    CHECK(found == names_.end());
    pending_names_.push_back({call.name, files_.size(), true});
    files_.emplace_back();
    Change(pending_names_.back(), names_);
    return;
  }
  CHECK(found != names_.end());
  File& file = files_[found->second];
  if (call.kind == DiskCall::Kind::kDelete) {
    pending_names_.push_back({call.name, found->second, false});
    Change(pending_names_.back(), names_);
  } else if (call.kind == DiskCall::Kind::kSync) {
    for (const DiskCall& pending : file.pending) Write(pending, file.durable);
    file.pending.clear();
  } else if (call.kind == DiskCall::Kind::kSyncFailed) {
    file.durable = Survive(file, random.Below(8), random);
    file.pending.clear();
  } else {
    Write(call, file.now);
    file.pending.push_back(call);
  }
}

void PowerDisk::ApplyPart(const DiskCall& call, SimRandom& random) {
  if (call.kind != DiskCall::Kind::kWrite || call.bytes.empty()) return;
  DiskCall part = call;
  uint64_t bytes = random.Below(call.bytes.size());
  part.bytes.resize(static_cast<size_t>(bytes - bytes % kSectorBytes));
  if (!part.bytes.empty()) Apply(part, random);
}

void PowerDisk::LosePower(uint64_t kind, SimRandom& random) {
  if (kind != 0) {
    // Per name: a later change without an earlier one of the same name makes no sense.
    std::map<std::string, bool> stopped;
    for (const NameChange& change : pending_names_) {
      bool& stop = stopped[change.name];
      stop = stop || (kind != 1 && random.Chance(500));
      if (!stop) Change(change, durable_names_);
    }
  }
  std::map<std::string, Bytes> left;
  for (const auto& [name, file] : durable_names_) left[name] = Survive(files_[file], kind, random);
  *this = Of(left);
}

std::map<std::string, Bytes> PowerDisk::Files() const {
  std::map<std::string, Bytes> files;
  for (const auto& [name, file] : names_) files[name] = files_[file].now;
  return files;
}

PowerDisk PowerDisk::Of(const std::map<std::string, Bytes>& files) {
  PowerDisk disk;
  for (const auto& [name, content] : files) {
    disk.names_[name] = disk.files_.size();
    disk.files_.push_back({content, content, {}});
  }
  disk.durable_names_ = disk.names_;
  return disk;
}

bool PowerDisk::HasPending() const {
  return !pending_names_.empty() || std::any_of(files_.begin(), files_.end(), [](const File& file) {
    return !file.pending.empty();
  });
}

}  // namespace atozsync
