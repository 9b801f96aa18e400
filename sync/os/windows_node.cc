#include "sync/os/windows_node.h"

// Before the header that leaves out what it defines.
#include <winternl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include "sync/os/windows_error.h"

namespace atozsync {

namespace {

constexpr auto kDeletePending = static_cast<NTSTATUS>(0xC0000056);
// The name comes with newer headers than Debian 12 has.
constexpr auto kDispositionInfoEx = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
constexpr int kTriesMax = 10;  // 1 + 2 + … + 256 ms of waiting
constexpr int64_t kTicksPerSecond = 10'000'000;
constexpr int64_t kSecondsTo1970 = 11'644'473'600;

struct Way {
  ACCESS_MASK access;
  ULONG disposition;
  ULONG options;
};

Way WayOf(Opening opening) {
  constexpr ACCESS_MASK kLook = FILE_READ_ATTRIBUTES | SYNCHRONIZE;
  constexpr ACCESS_MASK kBytes = FILE_READ_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE;
  constexpr ACCESS_MASK kChange =
      kBytes | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES;
  switch (opening) {
    case Opening::kLook: return {kLook, FILE_OPEN, 0};
    case Opening::kRead: return {kBytes, FILE_OPEN, FILE_NON_DIRECTORY_FILE};
    case Opening::kWrite: return {kChange, FILE_OPEN, FILE_NON_DIRECTORY_FILE};
    case Opening::kCreate: return {kChange, FILE_CREATE, FILE_NON_DIRECTORY_FILE};
    case Opening::kMove: return {kLook | DELETE, FILE_OPEN, 0};
    case Opening::kTime: return {kLook | FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0};
    case Opening::kPass: return {kLook | FILE_TRAVERSE, FILE_OPEN, FILE_DIRECTORY_FILE};
    case Opening::kList: return {kLook | FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE};
    case Opening::kMakeDir: return {kLook | FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE};
    case Opening::kFlush: break;
  }
  return {kLook | FILE_LIST_DIRECTORY | FILE_ADD_FILE, FILE_OPEN, FILE_DIRECTORY_FILE};
}

UNICODE_STRING Counted(std::wstring_view text) {
  UNICODE_STRING counted;
  counted.Buffer = const_cast<wchar_t*>(text.data());
  counted.Length = static_cast<USHORT>(text.size() * sizeof(wchar_t));
  counted.MaximumLength = counted.Length;
  return counted;
}

// Calls until it is done (0) or fails for another reason than that somebody is in the way.
template <typename Call>
uint32_t Patiently(Call call) {
  uint32_t code = call();
  for (int tried = 1; tried < kTriesMax && IsSharingTrouble(code); ++tried) {
    ::Sleep(1u << (tried - 1));
    code = call();
  }
  return code;
}

}  // namespace

WindowsHandle OpenNode(HANDLE directory, std::wstring_view name, Opening opening, uint32_t* code) {
  const Way way = WayOf(opening);
  UNICODE_STRING counted = Counted(name);
  OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, &counted, OBJ_CASE_INSENSITIVE, directory, nullptr);
  IO_STATUS_BLOCK block{};
  HANDLE handle = INVALID_HANDLE_VALUE;
  const NTSTATUS status =
      ::NtCreateFile(&handle, way.access, &attributes, &block, nullptr, FILE_ATTRIBUTE_NORMAL,
                     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, way.disposition,
                     way.options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_REPARSE_POINT |
                         FILE_OPEN_FOR_BACKUP_INTENT,
                     nullptr, 0);
  if (status >= 0) {
    *code = 0;
    return WindowsHandle(handle);
  }
  // The usual translation of "is being deleted" would read as missing rights.
  *code = status == kDeletePending ? ERROR_DELETE_PENDING : ::RtlNtStatusToDosError(status);
  return WindowsHandle();
}

WindowsHandle OpenNodePatiently(HANDLE directory, std::wstring_view name, Opening opening,
                                uint32_t* code) {
  WindowsHandle handle;
  *code = Patiently([&] {
    uint32_t failed = 0;
    handle = OpenNode(directory, name, opening, &failed);
    return failed;
  });
  return handle;
}

uint32_t RenameNode(HANDLE node, HANDLE directory, std::wstring_view name) {
  constexpr size_t kNameAt = offsetof(FILE_RENAME_INFORMATION, FileName);
  std::vector<unsigned char> request(
      std::max(sizeof(FILE_RENAME_INFORMATION), kNameAt + name.size() * sizeof(wchar_t)));
  FILE_RENAME_INFORMATION front{};  // ReplaceIfExists is FALSE
  front.RootDirectory = directory;
  front.FileNameLength = static_cast<ULONG>(name.size() * sizeof(wchar_t));
  std::memcpy(request.data(), &front, kNameAt);
  std::memcpy(request.data() + kNameAt, name.data(), front.FileNameLength);
  return Patiently([&]() -> uint32_t {
    IO_STATUS_BLOCK block{};
    const NTSTATUS status = ::NtSetInformationFile(
        node, &block, request.data(), static_cast<ULONG>(request.size()), FileRenameInformation);
    return status >= 0 ? 0 : ::RtlNtStatusToDosError(status);
  });
}

uint32_t RemoveNode(HANDLE node) {
  return Patiently([&]() -> uint32_t {
    FILE_DISPOSITION_INFO_EX at_once{};
    at_once.Flags = FILE_DISPOSITION_FLAG_DELETE | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS |
                    FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE;
    if (::SetFileInformationByHandle(node, kDispositionInfoEx, &at_once, sizeof at_once)) {
      return 0;
    }
    const DWORD failed = ::GetLastError();
    const bool unknown = failed == ERROR_INVALID_PARAMETER || failed == ERROR_NOT_SUPPORTED ||
                         failed == ERROR_INVALID_FUNCTION || failed == ERROR_CALL_NOT_IMPLEMENTED;
    if (!unknown) return failed;
    FILE_DISPOSITION_INFO with_last_handle{TRUE};
    return ::SetFileInformationByHandle(node, FileDispositionInfo, &with_last_handle,
                                        sizeof with_last_handle)
               ? 0
               : ::GetLastError();
  });
}

bool StatNode(HANDLE node, FileStat* stat, uint32_t* code) {
  BY_HANDLE_FILE_INFORMATION by_handle{};
  FILE_BASIC_INFO basic{};
  if (!::GetFileInformationByHandle(node, &by_handle) ||
      !::GetFileInformationByHandleEx(node, FileBasicInfo, &basic, sizeof basic)) {
    *code = ::GetLastError();
    return false;
  }
  const bool is_dir = (basic.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  stat->kind = is_dir ? NodeKind::kDir : NodeKind::kFile;
  if ((basic.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    // Only what stands for another name is a link; a file whose bytes the system keeps elsewhere
    // (deduplicated, compressed by the system) is a file.
    FILE_ATTRIBUTE_TAG_INFO tag{};
    const bool told =
        ::GetFileInformationByHandleEx(node, FileAttributeTagInfo, &tag, sizeof tag) != 0;
    if (!told || IsReparseTagNameSurrogate(tag.ReparseTag)) stat->kind = NodeKind::kOther;
  }
  const uint64_t size = uint64_t{by_handle.nFileSizeHigh} << 32 | by_handle.nFileSizeLow;
  stat->size = stat->kind == NodeKind::kFile ? size : 0;
  stat->mtime_ns = FromFileTime(basic.LastWriteTime.QuadPart);
  stat->ctime_ns = FromFileTime(basic.ChangeTime.QuadPart);
  stat->inode = uint64_t{by_handle.nFileIndexHigh} << 32 | by_handle.nFileIndexLow;
  return true;
}

int64_t FromFileTime(int64_t ticks) {
  constexpr int64_t kTicksTo1970 = kSecondsTo1970 * kTicksPerSecond;
  constexpr int64_t kTicksMax = INT64_MAX / 100;  // from the year 1677 to the year 2262
  return std::clamp(ticks - kTicksTo1970, -kTicksMax, kTicksMax) * 100;
}

int64_t ToFileTime(int64_t time_ns) {
  const int64_t rest = (time_ns % 100 + 100) % 100;  // 100 ns steps, downwards
  return (time_ns - rest) / 100 + kSecondsTo1970 * kTicksPerSecond;
}

}  // namespace atozsync
