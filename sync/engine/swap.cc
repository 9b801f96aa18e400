#include "sync/engine/swap.h"

#include "sync/engine/layout.h"

namespace atozsync {

namespace {

SwapResult Failed(Status status) {
  SwapResult result;
  result.status = std::move(status);
  return result;
}

SwapResult Changed(const RelPath& path) {
  return Failed({Errc::kChangedUnderneath, Printable(path) + ": changed since it was last seen"});
}

// The rename itself moves the change time, so that it cannot be compared afterwards.
bool SameButChangeTime(const FileStat& stat, const FileStamp& stamp) {
  return stat.kind == NodeKind::kFile && stat.inode == stamp.inode && stat.size == stamp.size &&
         stat.mtime_ns == stamp.mtime_ns;
}

Status Rename(FileSystem& files, const RelPath& from, const RelPath& to) {
  Status status = files.RenameNoReplace(from, to);
  if (!status.Is(Errc::kNotFound)) return status;
  TRY(MakeDirs(files, to.parent()));
  return files.RenameNoReplace(from, to);
}

// Nothing but ignored names: caches and owner files that no other replica knows of.
Result<bool> HoldsOnlyIgnored(FileSystem& files, const IgnoreRules& ignore, const RelPath& dir) {
  ASSIGN_OR_RETURN(auto entries, files.List(dir));
  for (const DirEntry& entry : entries) {
    if (!ignore.Ignored(dir.Child(entry.name), entry.stat.kind == NodeKind::kDir)) return false;
  }
  return true;
}

// An empty directory goes; one with only ignored things in it is set aside as a whole.
Status RemoveDirectory(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order) {
  Status status = files.RemoveDir(order.path);
  if (!status.Is(Errc::kExists)) return status;
  ASSIGN_OR_RETURN(bool only_ignored, HoldsOnlyIgnored(files, ignore, order.path));
  if (!only_ignored) {
    return {Errc::kBusy, Printable(order.path) + ": the directory still holds something"};
  }
  return Rename(files, order.path, order.kept_at);
}

// Moves the file at order.path to its kept place and makes sure that it was the expected one.
SwapResult MoveOut(FileSystem& files, const SwapOrder& order) {
  Result<FileStat> before = files.Stat(order.path);
  if (!before.ok()) return Failed(before.status());
  if (before->kind != NodeKind::kFile || FileStamp::Of(*before) != order.expected) {
    return Changed(order.path);
  }
  Status moved = Rename(files, order.path, order.kept_at);
  if (!moved.ok()) return Failed(moved);
  SwapResult result;
  Result<FileStat> out = files.Stat(order.kept_at);
  if (!out.ok()) return Failed(out.status());
  result.kept = *out;
  result.kept_something = true;
  if (SameButChangeTime(*out, order.expected)) return result;
  // Somebody was faster. Back with it; where the name is taken again, it stays kept.
  SwapResult changed = Changed(order.path);
  if (!files.RenameNoReplace(order.kept_at, order.path).ok()) changed.late = order.kept_at;
  return changed;
}

SwapResult PlaceOverNothing(FileSystem& files, const SwapOrder& order) {
  Status status = Rename(files, order.staged, order.path);
  if (status.Is(Errc::kExists)) return Changed(order.path);
  return Failed(status);  // also OK
}

SwapResult PlaceOverFile(FileSystem& files, const SwapOrder& order) {
  Result<FileStat> before = files.Stat(order.path);
  if (!before.ok()) return Changed(order.path);
  if (FileStamp::Of(*before) != order.expected || before->kind != NodeKind::kFile) {
    return Changed(order.path);
  }
  Result<FileStat> ours = files.Stat(order.staged);
  if (!ours.ok()) return Failed(ours.status());
  Status swapped = files.Exchange(order.staged, order.path);
  if (swapped.Is(Errc::kNotFound)) return Changed(order.path);
  if (!swapped.ok()) return Failed(swapped);

  SwapResult result;
  Result<FileStat> out = files.Stat(order.staged);
  if (!out.ok()) return Failed(out.status());
  if (SameButChangeTime(*out, order.expected)) {
    result.status = Rename(files, order.staged, order.kept_at);
    result.kept = *out;
    result.kept_something = true;
    return result;
  }
  // What came out is not what was expected: somebody wrote in that instant. It goes back, and is
  // then found as a local change.
  SwapResult changed = Changed(order.path);
  Status back = files.Exchange(order.staged, order.path);
  Result<FileStat> again = files.Stat(order.staged);
  bool ours_again = again.ok() && again->inode == ours->inode;
  if (back.ok() && ours_again) return changed;
  // A third writer came between, or the name went away: what came out stays kept and is logged.
  if (Rename(files, order.staged, order.kept_at).ok()) changed.late = order.kept_at;
  return changed;
}

SwapResult MakeDirectory(FileSystem& files, const SwapOrder& order) {
  SwapResult result;
  if (order.expected_kind == VersionKind::kFile) {
    result = MoveOut(files, order);
    if (!result.status.ok()) return result;
  }
  Status status = MakeDirs(files, order.path);
  if (!status.ok()) result.status = status;
  return result;
}

SwapResult Place(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order) {
  if (order.expected_kind == VersionKind::kFile) return PlaceOverFile(files, order);
  if (order.expected_kind == VersionKind::kDir) {
    Status removed = RemoveDirectory(files, ignore, order);
    if (!removed.ok() && !removed.Is(Errc::kNotFound)) return Failed(removed);
  }
  return PlaceOverNothing(files, order);
}

SwapResult Remove(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order) {
  if (order.expected_kind == VersionKind::kFile) return MoveOut(files, order);
  if (order.expected_kind == VersionKind::kTombstone) return {};
  Status removed = RemoveDirectory(files, ignore, order);
  return Failed(removed.Is(Errc::kNotFound) ? Status::Ok() : removed);
}

SwapResult Touch(FileSystem& files, const SwapOrder& order) {
  Result<FileStat> before = files.Stat(order.path);
  if (!before.ok() || FileStamp::Of(*before) != order.expected) return Changed(order.path);
  return Failed(files.SetMtime(order.path, order.mtime_ns));
}

}  // namespace

Status MakeDirs(FileSystem& files, const RelPath& dir) {
  if (dir.is_root()) return Status::Ok();
  Status status = files.MakeDir(dir);
  if (status.Is(Errc::kNotFound)) {
    TRY(MakeDirs(files, dir.parent()));
    status = files.MakeDir(dir);
  }
  if (!status.Is(Errc::kExists)) return status;
  ASSIGN_OR_RETURN(FileStat there, files.Stat(dir));
  if (there.kind == NodeKind::kDir) return Status::Ok();
  return {Errc::kChangedUnderneath, Printable(dir) + ": a file stands where a directory belongs"};
}

SwapResult Swap(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order) {
  SwapResult result;
  switch (order.op) {
    case SwapOp::kPlace: result = Place(files, ignore, order); break;
    case SwapOp::kDir: result = MakeDirectory(files, order); break;
    case SwapOp::kRemove: result = Remove(files, ignore, order); break;
    case SwapOp::kTouch: result = Touch(files, order); break;
  }
  if (!result.status.ok() || order.op == SwapOp::kRemove) return result;
  Result<FileStat> after = files.Stat(order.path);
  if (after.ok()) result.after = *after;
  // Gone again already: the scanner finds that out; an empty stamp is never trusted.
  return result;
}

namespace {

// What of the old content still lies in the staging folder goes where it was to be kept.
Status FinishKeeping(FileSystem& files, const Intent& intent) {
  if (intent.staged.is_root() || intent.kept_at.is_root()) return Status::Ok();
  Result<FileStat> left = files.Stat(intent.staged);
  if (left.Is(Errc::kNotFound)) return Status::Ok();
  TRY(left.status());
  Status moved = Rename(files, intent.staged, intent.kept_at);
  return moved.Is(Errc::kExists) ? Status::Ok() : moved;
}

}  // namespace

Result<Recovered> RecoverSwap(FileSystem& files, const Intent& intent, FileStat* after) {
  *after = FileStat();
  Result<FileStat> there = files.Stat(intent.path);
  if (!there.ok() && !there.Is(Errc::kNotFound)) return there.status();
  if (there.ok()) *after = *there;

  if (intent.staged.is_root()) {  // removal, directory or time: judged by the old content
    if (intent.row.version.kind == VersionKind::kDir) {
      // The file that stood there may be gone already: then only this last step is missing.
      if (!there.ok()) TRY(MakeDirs(files, intent.path));
      bool dir_stands = !there.ok() || there->kind == NodeKind::kDir;
      return dir_stands ? Recovered::kDone : Recovered::kUndone;
    }
    if (!intent.row.version.exists()) {
      return there.ok() ? Recovered::kUndone : Recovered::kDone;
    }
    bool touched = there.ok() && there->inode == intent.old_stamp.inode &&
                   there->mtime_ns == intent.row.version.mtime_ns;
    return touched ? Recovered::kDone : Recovered::kUndone;
  }

  bool ours_stands = there.ok() && there->inode == intent.staged_stamp.inode &&
                     there->size == intent.staged_stamp.size &&
                     there->mtime_ns == intent.staged_stamp.mtime_ns;
  Result<FileStat> staged = files.Stat(intent.staged);
  bool old_came_out = staged.ok() && intent.old_stamp.trusted() &&
                      staged->inode == intent.old_stamp.inode &&
                      staged->inode != intent.staged_stamp.inode;
  if (!ours_stands && !old_came_out) {
    if (staged.ok()) return Recovered::kUndone;
    // Neither in the folder nor in staging: it was placed, and a program has replaced it since.
    return there.ok() ? Recovered::kDone : Recovered::kUndone;
  }
  TRY(FinishKeeping(files, intent));
  return Recovered::kDone;
}

}  // namespace atozsync
