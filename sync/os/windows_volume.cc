#include <windows.h>

#include <string>

#include "sync/os/volume.h"
#include "sync/os/windows_names.h"

namespace atozsync {

bool IsNetworkFileSystem(const std::string& dir) {
  const std::wstring native = NativeName(dir);
  std::wstring volume(native.size() + 16, L'\0');
  if (!::GetVolumePathNameW(native.c_str(), volume.data(), static_cast<DWORD>(volume.size()))) {
    return false;
  }
  return ::GetDriveTypeW(volume.c_str()) == DRIVE_REMOTE;
}

}  // namespace atozsync
