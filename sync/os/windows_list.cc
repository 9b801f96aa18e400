#include "sync/os/windows_list.h"

#include <string>

#include "sync/os/windows_error.h"
#include "sync/os/windows_names.h"
#include "sync/os/windows_node.h"

namespace atozsync {
namespace {

constexpr char kListing[] = "listing";
constexpr size_t kNamesBytes = 64u << 10;  // per call

// 0 at the end, or the code.
uint32_t ReadNames(HANDLE directory, std::vector<std::wstring>* names) {
  std::vector<unsigned char> buffer(kNamesBytes);
  while (::GetFileInformationByHandleEx(directory, FileIdBothDirectoryInfo, buffer.data(),
                                        static_cast<DWORD>(buffer.size()))) {
    for (size_t at = 0;;) {
      const auto* entry = reinterpret_cast<const FILE_ID_BOTH_DIR_INFO*>(buffer.data() + at);
      std::wstring name(entry->FileName, entry->FileNameLength / sizeof(wchar_t));
      if (name != L"." && name != L"..") names->push_back(std::move(name));
      if (entry->NextEntryOffset == 0) break;
      at += entry->NextEntryOffset;
    }
  }
  const DWORD code = ::GetLastError();
  // Without even "." there is nothing to give: a volume's root that is empty.
  return code == ERROR_NO_MORE_FILES || code == ERROR_FILE_NOT_FOUND ? 0 : code;
}

}  // namespace

Result<std::vector<DirEntry>> ListOpenDirectory(HANDLE directory, const RelPath& dir) {
  std::vector<std::wstring> names;
  if (uint32_t code = ReadNames(directory, &names); code != 0) {
    return PathError(code, kListing, dir);
  }
  std::vector<DirEntry> entries;
  entries.reserve(names.size());
  for (const std::wstring& name : names) {
    uint32_t code = 0;
    const WindowsHandle node = OpenNode(directory, name, Opening::kLook, &code);
    DirEntry entry;
    if (node.valid() && StatNode(node.get(), &entry.stat, &code)) {
      entry.name = FromWide(name);
      entries.push_back(std::move(entry));
    } else if (Error error = PathError(code, kListing, dir); error.code != Errc::kNotFound) {
      return error;
    }
  }
  return entries;
}

}  // namespace atozsync
