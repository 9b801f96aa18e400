// SimDiskImage: a copy of a whole simulated volume – names, bytes, times, file numbers – as a
// virtual machine's snapshot or a disk image holds it. Plain value; SimFileSystem makes it and is
// put back to it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/file_system.h"

namespace atozsync {

struct SimDiskImage {
  NodeKind kind = NodeKind::kDir;
  uint64_t number = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  Bytes data;
  std::map<std::string, SimDiskImage> entries;
  uint64_t next_number = 0;  // of the root only: the volume's next file number
};

}  // namespace atozsync
