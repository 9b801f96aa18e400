// After a crash: how far did a swap come? It is finished or undone (swap.h).
#include <optional>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/layout.h"
#include "sync/engine/swap.h"

namespace atozsync {

namespace {

// Durable before the intent is forgotten: a second power loss must not bring half of it back.
Status SyncAround(FileSystem& files, const Intent& intent) {
  for (const RelPath& path : {intent.path, intent.kept_at}) {
    if (path.is_root()) continue;
    Status status = files.SyncDir(path.parent());
    // Never made, or gone since: then there is nothing in it to lose.
    if (!status.ok() && !status.Is(Errc::kNotFound)) return status;
  }
  return Status::Ok();
}

Result<std::optional<FileStat>> StatIfThere(FileSystem& files, const RelPath& path) {
  if (path.is_root()) return std::optional<FileStat>();
  Result<FileStat> stat = files.Stat(path);
  if (stat.ok()) return std::optional<FileStat>(*stat);
  if (stat.Is(Errc::kNotFound)) return std::optional<FileStat>();
  return stat.status();
}

// The name is taken, or a file stands where its folder was.
bool IsNotToBe(const Status& moved) {
  return moved.Is(Errc::kExists) || moved.Is(Errc::kChangedUnderneath);
}

// Our file stood in the folder, where programs could open it: what one writes to it is looked for
// as in all that was taken out.
Status PutOursAside(FileSystem& files, const Intent& intent) {
  TRY(RenameMakingDirs(files, intent.staged, layout::UsersBytes(intent.staged)));
  // A second power loss would put it back where the next start cleans up.
  return files.SyncDir(layout::Conflicts());
}

// Our file stood in the folder, a program wrote to it, then the power took the swap back but not
// what was written: those bytes are the newest there are.
Result<Recovered> FinishWithUsersBytes(FileSystem& files, const Intent& intent,
                                       const std::optional<FileStat>& there) {
  bool old_stands = there && SameButChangeTime(*there, intent.old_stamp);
  if (old_stands && !intent.kept_at.is_root()) {
    Probe(ProbeId::kRecoverUsersBytesOver);
    TRY(files.Exchange(intent.staged, intent.path));
    TRY(RenameMakingDirs(files, intent.staged, intent.kept_at));
    return Recovered::kDone;
  }
  bool empty_dir = there && there->kind == NodeKind::kDir && files.RemoveDir(intent.path).ok();
  if (!there || empty_dir) {
    Probe(ProbeId::kRecoverUsersBytesAlone);
    Status placed = RenameMakingDirs(files, intent.staged, intent.path);
    if (!IsNotToBe(placed)) {
      TRY(placed);
      return Recovered::kDone;
    }
  }
  Probe(ProbeId::kRecoverUsersBytesKept);
  TRY(PutOursAside(files, intent));
  return Recovered::kUndone;
}

// Did a program write to our file while it stood in the folder? By its bytes, too: with coarse
// times a write of the same length leaves the same stamp, and what was placed may be as young as
// that.
Result<bool> WrittenTo(FileSystem& files, ByteSpan secret, const Intent& intent,
                       const FileStat& staged) {
  if (!SameButChangeTime(staged, intent.staged_stamp)) return true;
  FileStat hashed_stat;
  ASSIGN_OR_RETURN(HashedFile hashed, HashPath(files, intent.staged, secret, &hashed_stat));
  return hashed.hash != intent.row.version.hash;
}

// A swap of staged content. What lies in the staging folder says how far it came.
Result<Recovered> RecoverPlace(FileSystem& files, ByteSpan secret, const Intent& intent,
                               const std::optional<FileStat>& there) {
  ASSIGN_OR_RETURN(std::optional<FileStat> staged, StatIfThere(files, intent.staged));
  bool ours_stands = there && SameButChangeTime(*there, intent.staged_stamp);
  bool old_stands = there && SameButChangeTime(*there, intent.old_stamp);
  if (!staged) {
    Probe(ProbeId::kRecoverPlaceGone);
    if (ours_stands) return Recovered::kDone;
    ASSIGN_OR_RETURN(auto aside, StatIfThere(files, layout::UsersBytes(intent.staged)));
    if (aside) return Recovered::kUndone;  // by a recovery that was interrupted itself
    // Neither in the folder nor in staging: it was placed, and a program has replaced it since.
    return there && !old_stands ? Recovered::kDone : Recovered::kUndone;
  }
  if (staged->inode == intent.staged_stamp.inode) {
    ASSIGN_OR_RETURN(bool written_to, WrittenTo(files, secret, intent, *staged));
    if (written_to) return FinishWithUsersBytes(files, intent, there);
    Probe(ProbeId::kRecoverPlaceNotYet);
    // Where a directory had to go first and is gone, only the last step is missing.
    bool nothing_in_the_way = !there && !intent.old_stamp.trusted();
    if (!nothing_in_the_way) return Recovered::kUndone;
    Status placed = files.RenameNoReplace(intent.staged, intent.path);
    bool not_to_be = placed.Is(Errc::kExists) || placed.Is(Errc::kNotFound);
    if (not_to_be) return Recovered::kUndone;
    TRY(placed);  // undone, the missing directory would be taken for a person's deletion
    return Recovered::kDone;
  }
  if (ours_stands && !SameButChangeTime(*staged, intent.old_stamp)) {
    // Somebody wrote in the very instant of the swap, then the power went.
    Probe(ProbeId::kRecoverPlaceChanged);
    TRY(files.Exchange(intent.staged, intent.path));
    TRY(PutOursAside(files, intent));
    return Recovered::kUndone;
  }
  if (intent.kept_at.is_root()) return Recovered::kUndone;  // nothing was there to come out
  Probe(ProbeId::kRecoverPlaceKept);
  if (Planted(PlantedFault::kRecoveryDropsOldContent)) return Recovered::kDone;
  TRY(RenameMakingDirs(files, intent.staged, intent.kept_at));
  return Recovered::kDone;
}

// A removal, or a directory in the place of a file. What lies at the kept place came from the path.
Result<Recovered> RecoverMoveOut(FileSystem& files, const Intent& intent,
                                 const std::optional<FileStat>& there) {
  ASSIGN_OR_RETURN(std::optional<FileStat> kept, StatIfThere(files, intent.kept_at));
  bool file_came_out = kept && kept->kind == NodeKind::kFile;
  if (file_came_out && !there && !SameButChangeTime(*kept, intent.old_stamp)) {
    Probe(ProbeId::kRecoverMoveOutChanged);
    Status put_back = RenameMakingDirs(files, intent.kept_at, intent.path);
    if (!IsNotToBe(put_back)) TRY(put_back);  // else it stays kept
    return Recovered::kUndone;
  }
  if (intent.row.version.kind == VersionKind::kDir) {
    Probe(ProbeId::kRecoverDir);
    if (there && there->kind != NodeKind::kDir) return Recovered::kUndone;
    Status made = MakeDirs(files, intent.path);
    if (made.Is(Errc::kChangedUnderneath)) return Recovered::kUndone;
    TRY(made);
    return Recovered::kDone;
  }
  bool undone = there && !file_came_out;
  Probe(undone ? ProbeId::kRecoverRemoveUndone : ProbeId::kRecoverRemoveDone);
  return undone ? Recovered::kUndone : Recovered::kDone;
}

}  // namespace

Result<Recovered> RecoverSwap(FileSystem& files, ByteSpan secret, const Intent& intent) {
  if (!intent.staged.is_root()) {
    // Where exchanging takes more than one step.
    RelPath aside = layout::UsersBytes(intent.staged);
    TRY(files.SettleExchange(intent.staged, intent.path, aside).status());
  }
  ASSIGN_OR_RETURN(std::optional<FileStat> there, StatIfThere(files, intent.path));
  bool touch = intent.staged.is_root() && intent.row.version.kind == VersionKind::kFile;
  if (touch) {
    bool touched = there && there->inode == intent.old_stamp.inode &&
                   there->mtime_ns == files.TimeAsKept(intent.row.version.mtime_ns);
    Probe(touched ? ProbeId::kRecoverTouchDone : ProbeId::kRecoverTouchUndone);
    if (touched) TRY(files.SyncFiles({intent.path}));
    return touched ? Recovered::kDone : Recovered::kUndone;
  }
  Result<Recovered> recovered = intent.staged.is_root()
                                    ? RecoverMoveOut(files, intent, there)
                                    : RecoverPlace(files, secret, intent, there);
  if (recovered.ok() && !Planted(PlantedFault::kRecoveryNotDurable)) {
    TRY(SyncAround(files, intent));
  }
  return recovered;
}

}  // namespace atozsync
