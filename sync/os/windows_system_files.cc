#include <windows.h>

#include <algorithm>

#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"
#include "sync/os/windows_error.h"
#include "sync/os/windows_handle.h"
#include "sync/os/windows_names.h"
#include "sync/os/windows_private.h"

namespace atozsync {

namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr int kTriesMax = 10;  // 1 + 2 + … + 256 ms of waiting

Status SystemError(const std::string& path, const char* what) {
  return WindowsError(::GetLastError(), Printable(path) + ": " + what);
}

WindowsHandle Open(const std::string& path, DWORD access, DWORD disposition) {
  return WindowsHandle(::CreateFileW(NativeName(path).c_str(), access, kShareAll, nullptr,
                                     disposition, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
}

DWORD AttributesOf(const std::string& path) {
  return ::GetFileAttributesW(NativeName(path).c_str());
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

Status WriteAll(HANDLE file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    DWORD written = 0;
    const auto wanted = static_cast<DWORD>(std::min<size_t>(content.size(), 1u << 20));
    if (!::WriteFile(file, content.data(), wanted, &written, nullptr)) {
      return SystemError(path, "write");
    }
    content.remove_prefix(written);
  }
  return ::FlushFileBuffers(file) ? Status::Ok() : SystemError(path, "flush");
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  const WindowsHandle file = Open(path, GENERIC_READ, OPEN_EXISTING);
  if (!file.valid()) return SystemError(path, "open");
  std::string content;
  char buffer[16384];
  for (;;) {
    DWORD count = 0;
    if (!::ReadFile(file.get(), buffer, sizeof buffer, &count, nullptr)) {
      return SystemError(path, "read");
    }
    if (count == 0) return content;
    content.append(buffer, count);
    if (content.size() > bytes_max) {
      return Status(Errc::kInvalid,
                    Printable(path) + ": longer than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

// Files inherit the list of their directory, which is private: an administrator's command and the
// service's account write here in turn, and each must be able to read what the other wrote.
Status WriteSmallFile(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".new-" + std::to_string(::GetCurrentProcessId());
  RemoveFileIfThere(temporary);
  Status written = [&]() -> Status {
    const WindowsHandle file = Open(temporary, GENERIC_WRITE, CREATE_NEW);
    if (!file.valid()) return SystemError(temporary, "create");
    return WriteAll(file.get(), content, temporary);
  }();
  if (written.ok()) written = RenameDurably(temporary, path);
  if (!written.ok()) RemoveFileIfThere(temporary);
  return written;
}

Status MakePrivateFile(const std::string& path) {
  const WindowsHandle file = Open(path, GENERIC_READ | GENERIC_WRITE, CREATE_NEW);
  if (file.valid() || ::GetLastError() == ERROR_FILE_EXISTS) return Status::Ok();
  return SystemError(path, "create");
}

Status MakePrivateDir(const std::string& path) {
  if (IsDirectory(path)) return Status::Ok();
  if (const std::string parent = ParentOf(path); parent != path && !IsDirectory(parent)) {
    TRY(MakePrivateDir(parent));
  }
  if (::CreateDirectoryW(NativeName(path).c_str(), nullptr)) return MakeDirPrivate(path);
  if (::GetLastError() == ERROR_ALREADY_EXISTS && IsDirectory(path)) return Status::Ok();
  return SystemError(path, "make directory");
}

Status MakeDirPrivate(const std::string& path) {
  const uint32_t code = CloseDirectory(NativeName(path));
  if (code == 0) return Status::Ok();
  return WindowsError(code, Printable(path) + ": close it to others");
}

Status RenameDurably(const std::string& from, const std::string& to) {
  const std::wstring native_from = NativeName(from);
  const std::wstring native_to = NativeName(to);
  for (int tried = 0;; ++tried) {
    if (::MoveFileExW(native_from.c_str(), native_to.c_str(),
                      MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
      return Status::Ok();
    }
    // A virus scanner may have just opened it.
    if (!IsSharingTrouble(::GetLastError()) || tried + 1 >= kTriesMax) {
      return SystemError(from, "rename");
    }
    ::Sleep(1u << tried);
  }
}

void RemoveFileIfThere(const std::string& path) {
  ::DeleteFileW(NativeName(path).c_str());
}

void RemoveDirIfEmpty(const std::string& path) {
  ::RemoveDirectoryW(NativeName(path).c_str());
}

// "C:/" stays: "C:" would be the working directory of that drive.
std::string CleanName(std::string path) {
  std::replace(path.begin(), path.end(), '\\', '/');
  while (path.size() > 1 && path.back() == '/' && path[path.size() - 2] != ':') path.pop_back();
  return path;
}

bool IsAbsolute(const std::string& path) {
  const auto is_slash = [&](size_t at) { return path[at] == '/' || path[at] == '\\'; };
  if (path.size() < 3) return false;
  const bool letter = (path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z');
  return (letter && path[1] == ':' && is_slash(2)) || (is_slash(0) && is_slash(1));
}

bool PathExists(const std::string& path) {
  return AttributesOf(path) != INVALID_FILE_ATTRIBUTES;
}

bool IsDirectory(const std::string& path) {
  const DWORD attributes = AttributesOf(path);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

Result<std::string> RealPath(const std::string& path) {
  const WindowsHandle node = Open(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING);
  if (!node.valid()) return SystemError(path, "look up");
  const DWORD room = ::GetFinalPathNameByHandleW(node.get(), nullptr, 0, VOLUME_NAME_DOS);
  std::wstring real(room, L'\0');
  real.resize(::GetFinalPathNameByHandleW(node.get(), real.data(), room, VOLUME_NAME_DOS));
  if (real.empty()) return SystemError(path, "look up");
  return PortableName(real);
}

std::vector<std::string> NamesIn(const std::string& dir) {
  std::vector<std::string> names;
  WIN32_FIND_DATAW found{};
  HANDLE search = ::FindFirstFileW((NativeName(dir) + L"\\*").c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) return names;
  do {
    std::string name = FromWide(found.cFileName);
    if (name != "." && name != "..") names.push_back(std::move(name));
  } while (::FindNextFileW(search, &found));
  ::FindClose(search);
  return names;
}

Status CheckWritable(const std::string& dir) {
  const WindowsHandle node = Open(dir,
                                  FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_ADD_FILE |
                                      FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD,
                                  OPEN_EXISTING);
  return node.valid() ? Status::Ok() : SystemError(dir, "read and write");
}

bool IsOpenToOthers(const std::string& path, Closed wanted) {
  return LetsOthersIn(NativeName(path), wanted);
}

std::string HowToClose(const std::string& path) {
  const std::string below = IsDirectory(path) ? "(OI)(CI)" : "";
  return "icacls \"" + Printable(path) + "\" /inheritance:r /grant:r *S-1-5-18:" + below +
         "F *S-1-5-32-544:" + below + "F \"NT SERVICE\\atozsync:" + below + "F\"";
}

}  // namespace atozsync
