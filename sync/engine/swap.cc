#include "sync/engine/swap.h"

#include <optional>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/layout.h"

namespace atozsync {

namespace {

SwapResult Failed(Status status) {
  SwapResult result;
  result.status = std::move(status);
  return result;
}

SwapResult Changed(const RelPath& path) {
  Probe(ProbeId::kSwapChanged);
  return Failed({Errc::kChangedUnderneath, Printable(path) + ": changed since it was last seen"});
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
  if (!only_ignored && !Planted(PlantedFault::kRemoveFullDirectory)) {
    Probe(ProbeId::kDirStillHolds);
    return {Errc::kBusy, Printable(order.path) + ": the directory still holds something"};
  }
  Probe(ProbeId::kDirSetAside);
  return RenameMakingDirs(files, order.path, order.kept_at);
}

// What must come out of the swap.
FileStamp Expected(const SwapOrder& order, const FileStat& before) {
  return Planted(PlantedFault::kSkipCheckBeforeSwap) ? FileStamp::Of(before) : order.expected;
}

bool CameOutAsExpected(const FileStat& out, const FileStamp& expected) {
  return SameButChangeTime(out, expected) || Planted(PlantedFault::kSkipCheckAfterSwap);
}

// Where it is what had been expected, only our renames moved its change time.
FileStat PutBackAsExpected(FileSystem& files, const RelPath& path, const FileStamp& expected) {
  Result<FileStat> there = files.Stat(path);
  return there.ok() && SameButChangeTime(*there, expected) ? *there : FileStat();
}

// What was moved out goes back; where its name is taken again, or the folder is gone, it stays
// kept. Where the volume fails, only recovery can put it back: missing, it would be taken for
// deleted.
void PutBack(FileSystem& files, const SwapOrder& order, SwapResult& result) {
  auto not_to_be = [](const Status& s) { return s.Is(Errc::kExists) || s.Is(Errc::kNotFound); };
  Status back = files.RenameNoReplace(order.kept_at, order.path);
  if (!back.ok() && !not_to_be(back)) back = files.RenameNoReplace(order.kept_at, order.path);
  if (back.ok()) result.put_back = PutBackAsExpected(files, order.path, order.expected);
  if (back.ok()) return;
  Probe(ProbeId::kMoveOutNameTaken);
  if (not_to_be(back)) {
    result.late = order.kept_at;
    return;
  }
  result.unsettled = true;
  result.status = back.WithContext("putting back " + Printable(order.path));
}

SwapResult Done(const FileStat& kept) {
  SwapResult result;
  result.kept = kept;
  result.kept_something = true;
  return result;
}

// Moves the file at order.path to its kept place and makes sure that it was the expected one.
SwapResult MoveOut(FileSystem& files, const SwapOrder& order) {
  Result<FileStat> before = files.Stat(order.path);
  if (before.Is(Errc::kNotFound)) return Changed(order.path);
  if (!before.ok()) return Failed(before.status());
  const FileStamp expected = Expected(order, *before);
  if (before->kind != NodeKind::kFile || FileStamp::Of(*before) != expected) {
    return Changed(order.path);
  }
  Status moved = RenameMakingDirs(files, order.path, order.kept_at);
  if (moved.Is(Errc::kNotFound)) return Changed(order.path);
  if (!moved.ok()) return Failed(moved);
  Result<FileStat> out = files.Stat(order.kept_at);
  if (out.ok() && CameOutAsExpected(*out, expected)) {
    if (Planted(PlantedFault::kKeepNothing)) files.RemoveFile(order.kept_at).IgnoreError();
    return Done(*out);
  }
  Probe(ProbeId::kMoveOutChanged);
  // Somebody was faster.
  SwapResult result = out.ok() ? Changed(order.path) : Failed(out.status());
  PutBack(files, order, result);
  return result;
}

// The name is taken, and yet it is not there: another one excludes it.
bool IsTakenByCase(FileSystem& files, const RelPath& path) {
  return files.case_insensitive() && files.Stat(path).Is(Errc::kNotFound);
}

// No change of this path: nothing is gained by looking at it again.
Status TakenByCase(const RelPath& path) {
  Probe(ProbeId::kPlaceTakenByCase);
  return {Errc::kUnsupported, Printable(path) +
                                  ": a name that differs in letter case only is there, and this "
                                  "folder cannot hold both: rename one of them"};
}

SwapResult PlaceOverNothing(FileSystem& files, const SwapOrder& order) {
  Status status = RenameMakingDirs(files, order.staged, order.path);
  if (status.Is(Errc::kExists)) {
    if (IsTakenByCase(files, order.path)) return Failed(TakenByCase(order.path));
    Probe(ProbeId::kPlaceNameTaken);
    return Changed(order.path);
  }
  return Failed(status);  // also OK
}

// What was cut off in the middle, where exchanging takes more than one step. Tried twice: of what
// is left in between, only recovery makes anything.
Result<Settled> Settle(FileSystem& files, const SwapOrder& order) {
  const RelPath aside = layout::UsersBytes(order.staged);
  Result<Settled> settled = files.SettleExchange(order.staged, order.path, aside);
  return settled.ok() ? settled : files.SettleExchange(order.staged, order.path, aside);
}

// OK: it is done after all.
SwapResult ExchangeFailed(FileSystem& files, const SwapOrder& order, const Status& failed) {
  Result<Settled> settled = Settle(files, order);
  if (!settled.ok()) {
    Probe(ProbeId::kExchangeUnsettled);
    SwapResult result = Failed(settled.status());
    result.unsettled = true;
    return result;
  }
  switch (*settled) {
    case Settled::kFinished: Probe(ProbeId::kExchangeFinished); return {};
    case Settled::kAside: {
      // Somebody made the name anew in that instant: theirs stands, as if it had come after ours.
      Probe(ProbeId::kExchangeAside);
      SwapResult result = Changed(order.path);
      result.late = layout::UsersBytes(order.staged);
      return result;
    }
    case Settled::kNothing:
    case Settled::kUndone: break;
  }
  return failed.Is(Errc::kNotFound) ? Changed(order.path) : Failed(failed);
}

// After an exchange that is not to stay: what came out goes back. `why` is the answer.
SwapResult ExchangeBack(FileSystem& files, const SwapOrder& order, const FileStat& ours,
                        const FileStamp& expected, SwapResult why) {
  if (Planted(PlantedFault::kSkipExchangeBack)) return why;
  Status back = files.Exchange(order.staged, order.path);
  if (!back.ok()) {
    Result<Settled> settled = Settle(files, order);
    if (settled.ok() && *settled == Settled::kFinished) back = Status::Ok();
    if (!settled.ok() || *settled == Settled::kAside) {
      Probe(ProbeId::kExchangeBackUnsettled);
      why.unsettled = true;
      why.status = back.WithContext("putting back " + Printable(order.path));
      return why;
    }
  }
  Result<FileStat> again = files.Stat(order.staged);
  if (!again.ok()) again = files.Stat(order.staged);
  if (again.ok() && SameButChangeTime(*again, FileStamp::Of(ours))) {
    Probe(ProbeId::kExchangeBackDone);
    why.put_back = PutBackAsExpected(files, order.path, expected);
    return why;
  }
  // Whose bytes lie there has to be known: ours, or what was to go, are no program's late write.
  if (again.ok() && RenameMakingDirs(files, order.staged, order.kept_at).ok()) {
    // What was to go is out, and cannot be taken back in: then the swap is done.
    if (!back.ok() && SameButChangeTime(*again, expected)) {
      Probe(ProbeId::kExchangeStands);
      return Done(*again);
    }
    // Nor can a write of that very instant: ours stands, which is no change made here.
    Result<FileStat> there = files.Stat(order.path);
    if (!back.ok() && there.ok() && SameButChangeTime(*there, FileStamp::Of(ours))) {
      Probe(ProbeId::kExchangeStandsOverWrite);
      SwapResult result;
      result.late = order.kept_at;
      return result;
    }
    // A third writer came between, or the name went away: what came out stays kept and is logged.
    Probe(ProbeId::kExchangeBackThird);
    why.late = order.kept_at;
    return why;
  }
  // Bytes that are not ours may lie in the staging folder: hands off until recovery.
  Probe(ProbeId::kExchangeBackUnsettled);
  why.unsettled = true;
  if (!back.ok()) why.status = back.WithContext("putting back " + Printable(order.path));
  return why;
}

SwapResult PlaceOverFile(FileSystem& files, const SwapOrder& order, const FileStat& ours) {
  Result<FileStat> before = files.Stat(order.path);
  if (!before.ok() || before->kind != NodeKind::kFile) return Changed(order.path);
  const FileStamp expected = Expected(order, *before);
  if (FileStamp::Of(*before) != expected) return Changed(order.path);
  Status swapped = files.Exchange(order.staged, order.path);
  if (!swapped.ok()) {
    SwapResult result = ExchangeFailed(files, order, swapped);
    if (!result.status.ok()) return result;
  }

  Result<FileStat> out = files.Stat(order.staged);
  if (!out.ok()) return ExchangeBack(files, order, ours, expected, Failed(out.status()));
  // Somebody wrote in that instant. It goes back, and is then found as a local change.
  if (!CameOutAsExpected(*out, expected)) {
    Probe(ProbeId::kExchangeChanged);
    return ExchangeBack(files, order, ours, expected, Changed(order.path));
  }
  Status kept = Planted(PlantedFault::kKeepNothing)
                    ? files.RemoveFile(order.staged)
                    : RenameMakingDirs(files, order.staged, order.kept_at);
  // What cannot be kept is not replaced.
  if (!kept.ok()) {
    Probe(ProbeId::kExchangeNotKept);
    return ExchangeBack(files, order, ours, expected, Failed(kept));
  }
  return Done(*out);
}

SwapResult MakeDirectory(FileSystem& files, const SwapOrder& order) {
  SwapResult result;
  if (order.expected_kind == VersionKind::kFile) {
    result = MoveOut(files, order);
    if (!result.status.ok()) return result;
  }
  Status status = MakeDirs(files, order.path);
  if (status.ok()) return result;
  Probe(ProbeId::kMakeDirFailed);
  bool moved_out = result.kept_something;
  result = Failed(status);
  if (moved_out) PutBack(files, order, result);
  return result;
}

SwapResult Place(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order,
                 const FileStat& ours) {
  if (order.expected_kind == VersionKind::kFile) return PlaceOverFile(files, order, ours);
  if (order.expected_kind == VersionKind::kTombstone) return PlaceOverNothing(files, order);
  Status removed = RemoveDirectory(files, ignore, order);
  if (!removed.ok() && !removed.Is(Errc::kNotFound)) return Failed(removed);
  SwapResult result = PlaceOverNothing(files, order);
  if (!result.status.ok() && !files.RenameNoReplace(order.kept_at, order.path).ok()) {
    Probe(ProbeId::kDirMadeAgain);
    // The directory was empty. Where it cannot be made again, the next look finds that it is gone.
    files.MakeDir(order.path).IgnoreError();
  }
  return result;
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

bool SameButChangeTime(const FileStat& stat, const FileStamp& stamp) {
  return stat.kind == NodeKind::kFile && stat.inode == stamp.inode && stat.size == stamp.size &&
         stat.mtime_ns == stamp.mtime_ns;
}

Status RenameMakingDirs(FileSystem& files, const RelPath& from, const RelPath& to) {
  Status status = files.RenameNoReplace(from, to);
  if (!status.Is(Errc::kNotFound)) return status;
  TRY(MakeDirs(files, to.parent()));
  return files.RenameNoReplace(from, to);
}

Status MakeDirs(FileSystem& files, const RelPath& dir) {
  if (dir.is_root()) return Status::Ok();
  Status status = files.MakeDir(dir);
  if (status.Is(Errc::kNotFound)) {
    TRY(MakeDirs(files, dir.parent()));
    status = files.MakeDir(dir);
  }
  if (!status.Is(Errc::kExists)) return status;
  if (IsTakenByCase(files, dir)) return TakenByCase(dir);
  ASSIGN_OR_RETURN(FileStat there, files.Stat(dir));
  if (there.kind == NodeKind::kDir) return Status::Ok();
  Probe(ProbeId::kFileInTheWay);
  return {Errc::kChangedUnderneath, Printable(dir) + ": a file stands where a directory belongs"};
}

SwapResult Swap(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order) {
  FileStat ours = order.staged_stat;
  if (order.op == SwapOp::kPlace && ours == FileStat()) {
    Result<FileStat> staged = files.Stat(order.staged);
    if (!staged.ok()) return Failed(staged.status());
    ours = *staged;
  }
  SwapResult result;
  switch (order.op) {
    case SwapOp::kPlace: result = Place(files, ignore, order, ours); break;
    case SwapOp::kDir: result = MakeDirectory(files, order); break;
    case SwapOp::kRemove: result = Remove(files, ignore, order); break;
    case SwapOp::kTouch: result = Touch(files, order); break;
  }
  if (!result.status.ok() || order.op != SwapOp::kPlace) return result;
  Result<FileStat> after = files.Stat(order.path);
  // Replaced or gone again already: an empty stamp is never trusted, the scanner finds out.
  if (after.ok() && SameButChangeTime(*after, FileStamp::Of(ours))) {
    result.after = *after;
  } else {
    Probe(ProbeId::kPlacedAndReplaced);
  }
  return result;
}

}  // namespace atozsync
