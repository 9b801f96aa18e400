#include "sync/os/windows_file.h"

#include <algorithm>

#include "sync/os/windows_error.h"
#include "sync/os/windows_node.h"

namespace atozsync {
namespace {

constexpr size_t kBytesPerCall = 1u << 30;

// Offsets come from peers, too: what the system's signed ones cannot hold is refused here.
bool FitsOffset(uint64_t offset, size_t length) {
  constexpr auto kMax = static_cast<uint64_t>(INT64_MAX);
  return offset <= kMax && length <= kMax - offset;
}

OVERLAPPED At(uint64_t offset) {
  OVERLAPPED place{};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return place;
}

}  // namespace

Result<size_t> WindowsFile::ReadAt(uint64_t offset, MutableByteSpan out) {
  if (!FitsOffset(offset, out.size())) {
    return PathError(ERROR_INVALID_PARAMETER, "reading", path_);
  }
  size_t done = 0;
  while (done < out.size()) {
    OVERLAPPED place = At(offset + done);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>(std::min(out.size() - done, kBytesPerCall));
    if (!::ReadFile(handle_.get(), out.data() + done, wanted, &got, &place)) {
      const DWORD code = ::GetLastError();
      if (code == ERROR_HANDLE_EOF) break;
      return PathError(code, "reading", path_);
    }
    if (got == 0) break;
    done += got;
  }
  return done;
}

Status WindowsFile::WriteAt(uint64_t offset, ByteSpan data) {
  if (!FitsOffset(offset, data.size())) {
    return PathError(ERROR_INVALID_PARAMETER, "writing", path_);
  }
  size_t done = 0;
  while (done < data.size()) {
    OVERLAPPED place = At(offset + done);
    DWORD put = 0;
    const auto wanted = static_cast<DWORD>(std::min(data.size() - done, kBytesPerCall));
    if (!::WriteFile(handle_.get(), data.data() + done, wanted, &put, &place)) {
      return PathError(::GetLastError(), "writing", path_);
    }
    if (put == 0) return PathError(ERROR_WRITE_FAULT, "writing", path_);
    done += put;
  }
  return Status::Ok();
}

Status WindowsFile::Truncate(uint64_t size) {
  if (!FitsOffset(size, 0)) return PathError(ERROR_INVALID_PARAMETER, "resizing", path_);
  FILE_END_OF_FILE_INFO end{};
  end.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
  if (::SetFileInformationByHandle(handle_.get(), FileEndOfFileInfo, &end, sizeof end)) {
    return Status::Ok();
  }
  return PathError(::GetLastError(), "resizing", path_);
}

Status WindowsFile::SetMtime(int64_t mtime_ns) {
  const uint32_t code = SetNodeMtime(handle_.get(), mtime_ns);
  return code == 0 ? Status::Ok() : Status(PathError(code, "setting the time of", path_));
}

// Bytes, length and the names that lead to the file: NTFS writes its journal up to here, too.
Status WindowsFile::Sync() {
  if (::FlushFileBuffers(handle_.get())) return Status::Ok();
  return PathError(::GetLastError(), "syncing", path_);
}

Result<FileStat> WindowsFile::Stat() {
  FileStat stat;
  uint32_t code = 0;
  if (!StatNode(handle_.get(), &stat, &code)) return PathError(code, "looking at", path_);
  return stat;
}

uint32_t SetNodeMtime(HANDLE node, int64_t mtime_ns) {
  FILE_BASIC_INFO basic{};  // 0: stays as it is
  basic.LastWriteTime.QuadPart = ToFileTime(mtime_ns);
  if (basic.LastWriteTime.QuadPart <= 0) return ERROR_INVALID_PARAMETER;
  const BOOL done = ::SetFileInformationByHandle(node, FileBasicInfo, &basic, sizeof basic);
  return done ? 0 : ::GetLastError();
}

}  // namespace atozsync
