#include "agent/preview.h"

#include <algorithm>
#include <map>

#include "sync/engine/hasher.h"
#include "sync/engine/ignore.h"

namespace atozsync {

namespace {

constexpr size_t kPieceBytes = 1 << 20;
constexpr uint64_t kProgressEvery = 100;

class Comparer {
 public:
  Comparer(FileSystem& files, const std::vector<std::string>& ignore, ByteSpan secret,
           const std::function<void(uint64_t)>& progress)
      : files_(files), ignore_(ignore), secret_(secret), progress_(progress) {}

  Result<PreviewReport> Run(const std::vector<protocol::UpdateRow>& theirs) {
    // A path that changed while the pages came stands in the list twice: the later one counts.
    for (const protocol::UpdateRow& row : theirs) theirs_[row.path] = &row.version;
    std::vector<RelPath> waiting = {RelPath()};
    while (!waiting.empty()) {
      RelPath dir = std::move(waiting.back());
      waiting.pop_back();
      Result<std::vector<DirEntry>> entries = files_.List(dir);
      if (!entries.ok() && dir.is_root()) return entries.status();
      if (!entries.ok()) {
        report_.unreadable.push_back(entries.error().context);
        continue;
      }
      for (const DirEntry& entry : *entries) {
        if (!RelPath::IsValidName(entry.name)) continue;
        if (Compare(dir.Child(entry.name), entry.stat)) waiting.push_back(dir.Child(entry.name));
      }
    }
    for (const auto& [path, version] : theirs_) {
      if (version->exists()) report_.only_there.push_back(path);
    }
    std::sort(report_.only_here.begin(), report_.only_here.end());
    std::sort(report_.different.begin(), report_.different.end());
    std::sort(report_.unreadable.begin(), report_.unreadable.end());
    return std::move(report_);
  }

 private:
  // True for a directory to go into. Marks what was found here in theirs_.
  bool Compare(const RelPath& path, const FileStat& stat) {
    bool is_dir = stat.kind == NodeKind::kDir;
    if (stat.kind == NodeKind::kOther || ignore_.Ignored(path, is_dir)) return false;
    if (!is_dir && ++looked_at_ % kProgressEvery == 0) progress_(looked_at_);
    auto found = theirs_.find(path);
    bool there = found != theirs_.end() && found->second->exists();
    if (!there) {
      report_.only_here.push_back(path);
      return is_dir;
    }
    const FileVersion& version = *found->second;
    theirs_.erase(found);
    if (is_dir != (version.kind == VersionKind::kDir)) {
      report_.different.push_back(path);
    } else if (!is_dir) {
      CompareContent(path, stat, version);
    }
    return is_dir;
  }

  void CompareContent(const RelPath& path, const FileStat& stat, const FileVersion& version) {
    if (stat.size != version.size) {
      report_.different.push_back(path);
      return;
    }
    Result<ContentHash> hash = HashFile(path);
    if (!hash.ok()) {
      report_.unreadable.push_back(hash.error().context);
    } else if (*hash == version.hash) {
      ++report_.equal;
    } else {
      report_.different.push_back(path);
    }
  }

  Result<ContentHash> HashFile(const RelPath& path) {
    ASSIGN_OR_RETURN(std::unique_ptr<File> file, files_.OpenRead(path));
    ContentHasher hasher(secret_);
    buffer_.resize(kPieceBytes);
    for (uint64_t offset = 0;;) {
      ASSIGN_OR_RETURN(size_t count, file->ReadAt(offset, buffer_));
      if (count == 0) return hasher.Finish();
      hasher.Update(ByteSpan(buffer_).first(count));
      offset += count;
    }
  }

  FileSystem& files_;
  const IgnoreRules ignore_;
  const ByteSpan secret_;
  const std::function<void(uint64_t)>& progress_;
  std::map<RelPath, const FileVersion*> theirs_;
  PreviewReport report_;
  Bytes buffer_;
  uint64_t looked_at_ = 0;
};

}  // namespace

Result<PreviewReport> ComparePreview(FileSystem& files, const std::vector<std::string>& ignore,
                                     ByteSpan cluster_secret,
                                     const std::vector<protocol::UpdateRow>& theirs,
                                     const std::function<void(uint64_t)>& progress) {
  return Comparer(files, ignore, cluster_secret, progress).Run(theirs);
}

}  // namespace atozsync
