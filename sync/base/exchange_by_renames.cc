#include "sync/base/exchange_by_renames.h"

namespace atozsync {

Status ExchangeByRenames(FileSystem& files, const RelPath& a, const RelPath& b) {
  TRY(files.Stat(a).status());
  const RelPath room = ExchangeRoom(a);
  TRY(files.RenameNoReplace(b, room));
  if (Status placed = files.RenameNoReplace(a, b); !placed.ok()) {
    if (files.RenameNoReplace(room, b).ok()) return placed;
    // Also where somebody put a file there in that instant: to be settled.
    return Status(Errc::kIo, "exchanging: " + placed.ToString() + "; what stood at '" +
                                 Printable(b) + "' is at '" + Printable(room) + "' now");
  }
  return files.RenameNoReplace(room, a);
}

Result<Settled> SettleByRenames(FileSystem& files, const RelPath& a, const RelPath& b,
                                const RelPath& aside) {
  const RelPath room = ExchangeRoom(a);
  const Result<FileStat> there = files.Stat(room);
  if (there.Is(Errc::kNotFound)) return Settled::kNothing;
  TRY(there.status());
  Status moved = files.RenameNoReplace(room, a);
  if (moved.ok()) return Settled::kFinished;
  if (moved.Is(Errc::kExists)) moved = files.RenameNoReplace(room, b);
  if (moved.ok()) return Settled::kUndone;
  const bool no_way_back = moved.Is(Errc::kExists) || moved.Is(Errc::kNotFound);
  if (!no_way_back) return moved;  // the disk: another time
  const Status made = files.MakeDir(aside.parent());
  if (!made.ok() && !made.Is(Errc::kExists)) return made;
  TRY(files.RenameNoReplace(room, aside));
  return Settled::kAside;
}

}  // namespace atozsync
