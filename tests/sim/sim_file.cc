// Open handles. A handle holds the node, not the name: it stays good after a rename or removal, and
// dies with the machine.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/sim_file_system.h"

namespace atozsync {

class SimFile final : public File {
 public:
  SimFile(SimFileSystem& files, SimInodePtr node, RelPath path, bool writable,
          SimFileSystem::Actor actor)
      : files_(files),
        node_(std::move(node)),
        path_(std::move(path)),
        writable_(writable),
        actor_(actor),
        generation_(files.generation_) {
    ++node_->open_handles;
    if (writable_) ++node_->writers;
  }

  ~SimFile() override {
    if (generation_ != files_.generation_) return;
    --node_->open_handles;
    if (writable_) --node_->writers;
    if (writable_ && files_.powered_) ReportChange(FsChange::Kind::kClosed);
    files_.ReleaseIfUnused(*node_);
  }

  Result<size_t> ReadAt(uint64_t offset, MutableByteSpan out) override {
    TRY(Begin(FsCall::kRead, false));
    const Bytes& data = node_->data;
    if (offset >= data.size()) return size_t{0};
    const size_t count = std::min(out.size(), data.size() - static_cast<size_t>(offset));
    std::copy_n(data.begin() + static_cast<ptrdiff_t>(offset), count, out.begin());
    if (actor_ == SimFileSystem::Actor::kAgent) files_.bytes_read_ += count;
    return count;
  }

  Status WriteAt(uint64_t offset, ByteSpan data) override {
    const Status begun = Begin(FsCall::kWrite, true);
    if (!begun.ok()) {
      // A write that fails may have written a part.
      if (begun.error().injected && !data.empty()) {
        Store(offset, data.first(static_cast<size_t>(files_.random_.Below(data.size()))));
      }
      return begun;
    }
    const uint64_t end_max = node_->data.size() + files_.FreeBytes();
    if (offset + data.size() <= end_max) {
      Store(offset, data);
      return Status::Ok();
    }
    if (offset < end_max) Store(offset, data.first(static_cast<size_t>(end_max - offset)));
    return Failed("write", ENOSPC);
  }

  Status Truncate(uint64_t size) override {
    TRY(Begin(FsCall::kTruncate, true));
    if (size > node_->data.size() + files_.FreeBytes()) return Failed("truncate", ENOSPC);
    Resize(static_cast<size_t>(size));
    Changed();
    return Status::Ok();
  }

  Status SetMtime(int64_t mtime_ns) override {
    TRY(Begin(FsCall::kSetMtime, false));
    files_.SetTimes(*node_, mtime_ns, actor_);
    return Status::Ok();
  }

  Status Sync() override {
    TRY(Begin(FsCall::kSyncFiles, false));
    node_->MakeContentDurable();
    return Status::Ok();
  }

  Result<FileStat> Stat() override {
    TRY(Begin(FsCall::kStat, false));
    return files_.StatOf(*node_);
  }

 private:
  Error Failed(const char* what, int os_errno) const {
    return ErrnoError(os_errno, std::string(what) + " " + Printable(path_));
  }

  Status Begin(FsCall call, bool writes) {
    TRY(actor_ == SimFileSystem::Actor::kAgent ? files_.Enter(call, path_)
                                               : files_.CheckPower(path_));
    if (generation_ != files_.generation_) return Failed("use after a restart", EIO);
    if (writes && !writable_) return Failed("write", EBADF);
    return Status::Ok();
  }

  void Resize(size_t size) {
    files_.used_bytes_ += size;
    files_.used_bytes_ -= node_->data.size();
    node_->data.resize(size, 0);
  }

  void Store(uint64_t offset, ByteSpan data) {
    if (data.empty()) return;
    const size_t end = static_cast<size_t>(offset) + data.size();
    if (end > node_->data.size()) Resize(end);
    std::copy(data.begin(), data.end(), node_->data.begin() + static_cast<ptrdiff_t>(offset));
    if (actor_ == SimFileSystem::Actor::kAgent) files_.bytes_written_ += data.size();
    Changed();
  }

  void Changed() {
    files_.ContentChanged(*node_, actor_);
    ReportChange(FsChange::Kind::kWritten);
  }

  void ReportChange(FsChange::Kind kind) {
    const std::optional<RelPath> path = files_.PathOf(*node_);
    if (path.has_value()) files_.Report(kind, *path, false, actor_);
  }

  SimFileSystem& files_;
  SimInodePtr node_;
  RelPath path_;  // when it was opened
  bool writable_;
  SimFileSystem::Actor actor_;
  uint64_t generation_;
};

std::unique_ptr<File> SimFileSystem::OpenHandle(const SimInodePtr& node, const RelPath& path,
                                                bool writable, Actor actor) {
  return std::make_unique<SimFile>(*this, node, path, writable, actor);
}

}  // namespace atozsync
