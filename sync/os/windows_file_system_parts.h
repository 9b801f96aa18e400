// The inner types of WindowsFileSystem, for its own sources only.
#pragma once

#include <memory>
#include <string>

#include "sync/os/windows_file_system.h"
#include "sync/os/windows_handle.h"

namespace atozsync {

struct WindowsFileSystem::Root {
  WindowsHandle handle;
  std::wstring name;  // as the system writes it
  DWORD volume = 0;
  uint64_t inode = 0;
  bool trusted = true;  // false: taken over, and no marker in it
};

struct WindowsFileSystem::Place {
  std::shared_ptr<const Root> root;
  WindowsHandle dir;  // of a parent below the root
  std::wstring name;  // in it; empty: the root
  RelPath path;

  HANDLE directory() const { return dir.valid() ? dir.get() : root->handle.get(); }
};

struct WindowsFileSystem::Node {
  WindowsHandle handle;
  FileStat stat;
};

// As the system writes it, after \\?\; empty where it cannot be asked.
std::wstring FinalNameOf(HANDLE node);

}  // namespace atozsync
