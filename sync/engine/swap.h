// Swap: one change of the folder, on a worker lane – and how to finish or undo it after a crash.
//
// What stands at the path is compared with what is expected before the step, and what came out is
// compared again after it: a program that writes in that very instant loses nothing. New content is
// staged and durable before this is called; nothing ever stands in the folder but whole versions.
// Pure work on a FileSystem; touches no engine state.
#pragma once

#include <vector>

#include "sync/base/file_system.h"
#include "sync/engine/ignore.h"
#include "sync/engine/index.h"

namespace atozsync {

enum class SwapOp : uint8_t {
  kPlace,   // staged file → path
  kDir,     // directory at path
  kRemove,  // nothing at path
  kTouch,   // only the time of the file at path
};

struct SwapOrder {
  SwapOp op = SwapOp::kPlace;
  RelPath path;
  RelPath staged;        // kPlace
  FileStat staged_stat;  // how it looked when it was synced; empty: it is looked at
  int64_t mtime_ns = 0;  // kTouch
  // What must stand at `path` now.
  VersionKind expected_kind = VersionKind::kTombstone;
  FileStamp expected;  // files
  RelPath kept_at;     // where what stood there goes (files)
};

struct SwapResult {
  // OK; kChangedUnderneath or kExists: look at the path again; kBusy: a directory that still holds
  // something; others: trouble of the disk. In every case but OK the folder is as before – or what
  // could not be put back was kept at `late` – or it is `unsettled`.
  Status status;
  // kPlace: of what stands at path now. Empty where a stamp would prove nothing: another program
  // was there already, or only the time was set (a write just before it would leave no trace).
  FileStat after;
  FileStat kept;  // of what was kept
  bool kept_something = false;
  // Of what came out as expected and went back: our renames moved its change time. Else empty.
  FileStat put_back;
  // What a program wrote and came out: to be logged as a late write. Also with OK, where it
  // came out in the place of what was expected and the disk did not take the exchange back.
  RelPath late;
  // The disk failed twice: what stood at path may lie at order.staged. Nothing may be removed
  // there, and the intent has to stay for the next start.
  bool unsettled = false;
};

SwapResult Swap(FileSystem& files, const IgnoreRules& ignore, const SwapOrder& order);

// Makes `dir` and what is missing above it. OK when it is there already.
Status MakeDirs(FileSystem& files, const RelPath& dir);
// To a name that is free, in a directory that is made where it is missing.
Status RenameMakingDirs(FileSystem& files, const RelPath& from, const RelPath& to);
// The rename itself moves the change time, so that it cannot be compared afterwards.
bool SameButChangeTime(const FileStat& stat, const FileStamp& stamp);

enum class Recovered : uint8_t { kDone, kUndone };
// After a crash: was the swap of this intent done? Then what is left of it is finished (old content
// to its kept place); else nothing of it stands in the folder. Durable when it returns; may be
// called again for the same intent. Reads what is still staged: a program may have written to it
// while it stood in the folder.
Result<Recovered> RecoverSwap(FileSystem& files, ByteSpan secret, const Intent& intent);

}  // namespace atozsync
