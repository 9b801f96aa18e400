#include "tools/atoz_folder/folder_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;

class Writer {
 public:
  explicit Writer(std::filesystem::path root) : root_(std::move(root)), buffer_(kBufferBytes) {}

  Status MakeFolder(const std::filesystem::path& path);
  Status Write(const PlannedFile& file);
  uint64_t folders() const { return folders_; }

 private:
  Status WriteContent(int fd, const PlannedFile& file);

  const std::filesystem::path root_;
  Bytes buffer_;
  std::filesystem::path last_folder_;
  uint64_t folders_ = 0;
};

Status Writer::MakeFolder(const std::filesystem::path& path) {
  if (path.empty() || path == last_folder_) return Status::Ok();
  TRY(MakeFolder(path.parent_path()));
  std::string absolute = (root_ / path).string();
  if (mkdir(absolute.c_str(), 0755) == 0) {
    ++folders_;
  } else if (errno != EEXIST) {
    return ErrnoError(errno, "making the folder " + Printable(absolute));
  }
  last_folder_ = path;
  return Status::Ok();
}

Status Writer::Write(const PlannedFile& file) {
  std::filesystem::path path(file.path);
  if (file.directory) return MakeFolder(path);
  TRY(MakeFolder(path.parent_path()));
  std::string absolute = (root_ / path).string();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  int fd = open(absolute.c_str(), kFlags, 0644);
  if (fd < 0) return ErrnoError(errno, "creating " + Printable(absolute));
  Status written = WriteContent(fd, file);
  close(fd);
  return written.ok() ? written : written.WithContext("writing " + Printable(absolute));
}

Status Writer::WriteContent(int fd, const PlannedFile& file) {
  ContentStream content(file.content);
  while (size_t count = content.Read(buffer_)) {
    for (size_t done = 0; done < count;) {
      ssize_t wrote = write(fd, buffer_.data() + done, count - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return ErrnoError(errno, "write");
      done += static_cast<size_t>(wrote);
    }
  }
  timespec when = {};
  when.tv_sec = static_cast<time_t>(file.mtime_ns / 1'000'000'000);
  when.tv_nsec = static_cast<long>(file.mtime_ns % 1'000'000'000);
  const timespec times[2] = {when, when};
  if (futimens(fd, times) != 0) return ErrnoError(errno, "setting its time");
  return Status::Ok();
}

Status PrepareRoot(const GenerateOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.out, failed);
  if (failed) return ErrnoError(failed.value(), "making " + Printable(options.out));
  bool empty = std::filesystem::is_empty(options.out, failed);
  if (failed) return ErrnoError(failed.value(), "looking into " + Printable(options.out));
  if (empty || options.force) return Status::Ok();
  return Status(Errc::kExists, Printable(options.out) +
                                   " is not empty: choose another directory, or give --force to "
                                   "write into it all the same");
}

}  // namespace

Result<GenerateSummary> GenerateFolder(const GenerateOptions& options) {
  TRY(PrepareRoot(options));
  Writer writer(options.out);
  // Open Dental takes a root for valid only when "A" is there.
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    TRY(writer.MakeFolder(std::string(1, letter)));
  }
  GenerateSummary summary;
  FolderPlan plan(options.plan);
  while (std::optional<PlannedFile> file = plan.Next()) {
    TRY(writer.Write(*file));
    if (file->directory) continue;
    if (file->synchronized) {
      ++summary.files;
      summary.bytes += file->content.size;
    } else {
      ++summary.extras;
    }
  }
  summary.folders = writer.folders();
  return summary;
}

}  // namespace atozsync
