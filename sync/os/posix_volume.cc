#include "sync/os/posix_volume.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace atozsync {
namespace {

// The numbers are part of the kernel's interface (statfs(2)); linux/magic.h lacks half of them.
constexpr std::array<uint32_t, 19> kNetworkMagics = {
    0x00006969,  // NFS
    0x0000517B,  // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x0000564C,  // NCP
    0x01021997,  // 9P: virtual machines, WSL
    0x65735546,  // FUSE: sshfs, GlusterFS, virtiofs – and NTFS-3G
    0x5346414F,  // AFS
    0x6B414653,  // kAFS
    0x73757245,  // Coda
    0x00C36400,  // Ceph
    0x7461636F,  // OCFS2
    0x01161970,  // GFS2
    0x0BD00BD0,  // Lustre
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0x786F4256,  // VirtualBox shared folders
    0xBACBACBC,  // VMware shared folders
    0x7C7C6673,  // Parallels shared folders
};

bool IsNetwork(const struct statfs& system) {
  const auto magic = static_cast<uint32_t>(system.f_type);
  return std::find(kNetworkMagics.begin(), kNetworkMagics.end(), magic) != kNetworkMagics.end();
}

}  // namespace

bool IsNetworkFileSystem(const std::string& dir) {
  struct statfs system {};
  return ::statfs(dir.c_str(), &system) == 0 && IsNetwork(system);
}

bool IsNetworkFileSystem(int fd) {
  struct statfs system {};
  return ::fstatfs(fd, &system) == 0 && IsNetwork(system);
}

}  // namespace atozsync
