// Applier: brings staged versions into the folder, in batches.
//
// One sync for all staged files, one durable commit of the intents, the swaps, one sync of the
// directories, one durable commit of the rows. A crash between any two of these is finished or
// undone by Recover() and is never taken for a local edit. Loop thread only.
#pragma once

#include <functional>
#include <vector>

#include "sync/engine/core.h"
#include "sync/engine/planner.h"

namespace atozsync {

struct ApplyItem {
  Plan plan;                     // kind kSwap; order.staged set where content is placed
  std::vector<ChunkRef> chunks;  // of the content
  // Nothing is staged for it, and each millisecond counts: the only step before its intent is left
  // out. Where the volume has gone away, the swap finds out.
  bool hurried = false;
};

class Applier {
 public:
  // Gets each item back when its swap was tried. The row is committed already when it went well.
  using Applied = std::function<void(ApplyItem, SwapResult)>;
  // Adds to the commit of a row what goes with it (needs that it answers).
  using Completer = std::function<void(const IndexRow&, IndexBatch&)>;

  Applier(Core& core, Applied applied, Completer completer);
  void Add(ApplyItem item);
  // Added, and not answered yet.
  size_t pending() const { return queue_.size() + batch_.size(); }
  uint64_t pending_bytes() const { return pending_bytes_; }

 private:
  // So many share the syncs and commits of a batch; the next one waits for it.
  static constexpr size_t kBatchMax = 1'000;

  void Run();
  void OnSynced(const Status& status, const std::vector<FileStat>& staged);
  void SwapAll();
  void OnSwapped(std::vector<SwapResult> results);
  void AddToCommit(const ApplyItem& item, const SwapResult& result, IndexBatch& batch);
  void FailBatch(const Status& status);
  std::vector<ApplyItem> TakeBatch();
  void RunLater();

  Core& core_;
  const Applied applied_;
  const Completer completer_;
  std::vector<ApplyItem> queue_;
  std::vector<ApplyItem> batch_;
  std::vector<uint64_t> intents_;
  uint64_t pending_bytes_ = 0;  // of the staged contents
  bool running_ = false;
  bool posted_ = false;
};

// The row that stands in the index once `plan` is done and the folder looks like `after`.
IndexRow RowOf(const Core& core, const Plan& plan, const FileStat& after);

// Start-up, on a worker lane: finishes or undoes what a crash interrupted. Returns the commit that
// records it; an error keeps the intents for the next start. A kept version without a hash: a
// program has written to it since it was replaced, and only the index knows what it had been.
struct RecoveryAnswer {
  Status status;
  bool root_present = true;  // afterwards; set by the caller
  IndexBatch batch;
  uint64_t done = 0;
  uint64_t undone = 0;
};
RecoveryAnswer RecoverIntents(FileSystem& files, ByteSpan secret,
                              const std::vector<Intent>& intents, int64_t wall_ms);
// Empties the staging folder but for partial files and held contents, which can be used again.
// `no_intents`: the index was lost, and with it the word that a swap was under way. Then what does
// not hold the content that its name tells may be what came out of one: it is put aside among the
// conflicts' copies, where it is listed. An error: not all of these could be put aside; nothing was
// removed of them.
Status CleanStaging(FileSystem& files, ByteSpan secret, bool no_intents);

}  // namespace atozsync
