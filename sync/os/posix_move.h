// Moves that never replace, and swaps, between names in open directories. For PosixFileSystem only.
// Any thread.
#pragma once

#include <string>

#include "sync/base/rel_path.h"
#include "sync/base/status.h"

namespace atozsync {

// A name in an open directory. Borrows `dir_fd`.
struct NameAt {
  int dir_fd = -1;
  std::string name;
  RelPath path;  // for messages
};

// renameat2(RENAME_NOREPLACE); where the file system cannot do that, MoveByLink().
Status MoveNoReplace(const NameAt& from, const NameAt& to, bool use_renameat2);

// The second best way, for file systems without RENAME_NOREPLACE (NFS, some of FUSE). Nothing is
// ever replaced but an empty directory that appears in the same instant, and that holds no bytes.
// - A file gets its second name by link() and then loses the first one: for a moment, or after a
//   crash, both names are there. A file that was put in place of `from` meanwhile stays, and the
//   result is kChangedUnderneath.
// - A directory is renamed after a look whether `to` is free.
// kUnsupported where there are no links either.
Status MoveByLink(const NameAt& from, const NameAt& to);

// renameat2(RENAME_EXCHANGE). kUnsupported where the file system has none; there is no second best.
Status SwapNames(const NameAt& a, const NameAt& b);

}  // namespace atozsync
