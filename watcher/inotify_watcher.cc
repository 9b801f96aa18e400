#include "watcher/inotify_watcher.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "watcher/directory_lister.h"

namespace atozsync {
namespace {

// "/." so that a root that is itself a symbolic link is followed; nothing below it is.
std::string AbsolutePath(const std::string& root, const RelPath& path) {
  return root + "/" + (path.is_root() ? "." : path.str());
}

}  // namespace

InotifyWatcher::InotifyWatcher(uv_loop_t* loop, Executor& executor, std::string root_directory,
                               WatcherOptions options)
    : loop_(loop), executor_(executor), root_(std::move(root_directory)), options_(options) {}

InotifyWatcher::~InotifyWatcher() {
  executor_.CancelTimer(poll_timer_);
  executor_.CancelTimer(move_timer_);
  if (poll_ == nullptr) return;
  uv_poll_stop(poll_);
  uv_close(reinterpret_cast<uv_handle_t*>(poll_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
}

Task InotifyWatcher::WhileAlive(void (InotifyWatcher::*method)()) {
  return [this, method, alive = std::weak_ptr<char>(alive_)] {
    if (!alive.expired()) (this->*method)();
  };
}

Status InotifyWatcher::Start(Sink sink) {
  CHECK(poll_ == nullptr);
  TRY(inotify_.Open());
  sink_ = std::move(sink);
  buffer_.resize(kReadBytes);
  if (Watch(RelPath()) == Watched::kGone) {
    return Status(Errc::kNotFound, "watching " + Printable(root_) + ": it is not a directory");
  }
  auto poll = std::make_unique<uv_poll_t>();
  int failed = uv_poll_init(loop_, poll.get(), inotify_.fd());
  if (failed != 0) return ErrnoError(-failed, "watching " + Printable(root_));
  poll_ = poll.release();
  poll_->data = this;
  failed = uv_poll_start(poll_, UV_READABLE, &InotifyWatcher::OnPoll);
  if (failed != 0) return ErrnoError(-failed, "watching " + Printable(root_));
  queue_.Push(RelPath(), true);
  ScheduleWalk();
  poll_timer_ = executor_.PostAfter(options_.poll_interval_ms, WhileAlive(&InotifyWatcher::Poll));
  return Status::Ok();
}

void InotifyWatcher::Deliver(const std::vector<Hint>& hints) {
  for (const Hint& hint : hints) sink_(hint);
}

// --- Reading events -----------------------------------------------------------------------------

void InotifyWatcher::OnPoll(uv_poll_t* handle, int status, int /*events*/) noexcept {
  auto* self = static_cast<InotifyWatcher*>(handle->data);
  if (status == 0) return self->OnReadable();
  std::vector<Hint> hints;
  self->Break(ErrnoError(-status, "waiting for file events"), &hints);
  self->Deliver(hints);
}

void InotifyWatcher::OnReadable() {
  std::vector<Hint> hints;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (ReadOnce(&hints) == 0) break;
  }
  Deliver(hints);
}

void InotifyWatcher::Flush() {
  if (poll_ == nullptr) return;
  std::vector<Hint> hints;
  // What comes in meanwhile may stay: it did not happen before the call.
  size_t pending = inotify_.Pending();
  for (size_t taken = 0; taken < pending;) {
    size_t count = ReadOnce(&hints);
    if (count == 0) break;
    taken += count;
  }
  if (queue_.size() + being_listed_.size() > kFlushDirectoriesMax) {
    hints.push_back({RelPath(), HintKind::kRecursive});
  } else {
    for (const RelPath& path : queue_.directories()) hints.push_back({path, HintKind::kRecursive});
    for (const RelPath& path : being_listed_) hints.push_back({path, HintKind::kRecursive});
  }
  Deliver(hints);
}

// Gives the number of bytes read.
size_t InotifyWatcher::ReadOnce(std::vector<Hint>* hints) {
  if (!broken_.empty()) return 0;
  Result<size_t> count = inotify_.Read(buffer_);
  if (!count.ok()) {
    Break(count.status(), hints);
    return 0;
  }
  if (*count > 0) Absorb(ByteSpan(buffer_).first(*count), hints);
  return *count;
}

void InotifyWatcher::Absorb(ByteSpan bytes, std::vector<Hint>* hints) {
  WatchEffects effects = ReduceEvents(DecodeInotify(bytes), tree_);
  RemoveWatches(effects.dropped);
  overflows_ += effects.overflows;
  hints->insert(hints->end(), effects.hints.begin(), effects.hints.end());
  for (const RelPath& path : effects.appeared) {
    bool gone = Watch(path) == Watched::kGone;
    hints->push_back({path, gone ? HintKind::kTouched : HintKind::kRecursive});
    if (!gone) queue_.Push(path, true);
  }
  for (const RelPath& path : effects.retry) queue_.Push(path, true);
  if (effects.lost) RewalkAll();
  if (effects.root_moved) CheckRoot(hints);
  ScheduleWalk();
  ScheduleMoveExpiry();
}

// Nothing more can be heard: from now on everything is looked at every poll_interval_ms.
void InotifyWatcher::Break(const Status& reason, std::vector<Hint>* hints) {
  if (broken_.empty()) uv_poll_stop(poll_);
  broken_ = reason.ToString();
  hints->push_back({RelPath(), HintKind::kRecursive});
}

// --- Setting watches ----------------------------------------------------------------------------

std::string InotifyWatcher::Absolute(const RelPath& path) const {
  return AbsolutePath(root_, path);
}

InotifyWatcher::Watched InotifyWatcher::Watch(const RelPath& directory) {
  bool full = options_.watches_max != 0 && tree_.watched() >= options_.watches_max &&
              !tree_.IsWatched(directory);
  Result<int> wd = full ? Result<int>(Error{Errc::kNoSpace, ENOSPC, "limit set by options", false})
                        : inotify_.Add(Absolute(directory));
  if (wd.ok()) {
    if (directory.is_root()) root_gone_ = false;
    WatchTree::Added added = tree_.SetWatched(directory, *wd);
    RemoveWatches(added.dropped);
    return added.is_new ? Watched::kNew : Watched::kSame;
  }
  int reason = wd.error().os_errno;
  if (reason == ENOENT || reason == ENOTDIR || reason == ELOOP) {
    if (directory.is_root()) root_gone_ = true;
    RemoveWatches(tree_.Remove(directory));
    return Watched::kGone;
  }
  unwatched_errno_ = reason;
  RemoveWatches(tree_.SetUnwatched(directory));
  return Watched::kUnwatched;
}

void InotifyWatcher::RemoveWatches(const std::vector<int>& wds) {
  for (int wd : wds) inotify_.Remove(wd);
}

// Another directory may have taken the root's name (a mount, a rename), or none.
void InotifyWatcher::CheckRoot(std::vector<Hint>* hints) {
  bool was_gone = root_gone_;
  Watched watched = Watch(RelPath());
  bool changed = watched == Watched::kNew || (watched == Watched::kGone && !was_gone);
  if (!changed) return;
  hints->push_back({RelPath(), HintKind::kRecursive});
  RewalkAll();
}

void InotifyWatcher::RewalkAll() {
  if (sweeping_) {
    rewalk_again_ = true;
    return;
  }
  sweeping_ = true;
  tree_.BeginSweep();
  queue_.Push(RelPath(), true);
}

// --- Walking ------------------------------------------------------------------------------------

void InotifyWatcher::ScheduleWalk() {
  if (walk_posted_ || !being_listed_.empty() || (queue_.empty() && !sweeping_)) return;
  walk_posted_ = true;
  executor_.Post(WhileAlive(&InotifyWatcher::WalkStep));
}

void InotifyWatcher::WalkStep() {
  walk_posted_ = false;
  if (queue_.empty()) {
    if (!std::exchange(sweeping_, false)) return;
    RemoveWatches(tree_.EndSweep());
    if (std::exchange(rewalk_again_, false)) RewalkAll();
    return ScheduleWalk();
  }
  std::vector<Hint> hints;
  auto listings = std::make_shared<std::vector<Listing>>();
  for (WalkItem& item : queue_.Pop(kDirectoriesPerTurn)) {
    Watched watched = Watch(item.directory);
    if (watched == Watched::kGone) continue;
    if (watched != Watched::kSame) hints.push_back({item.directory, HintKind::kDir});
    being_listed_.push_back(item.directory);
    listings->push_back({std::move(item), Status::Ok(), {}});
  }
  if (listings->empty()) {
    ScheduleWalk();
    return Deliver(hints);
  }
  auto work = [listings, root = root_] {
    for (Listing& listing : *listings) {
      auto names = ListSubdirectories(AbsolutePath(root, listing.item.directory));
      listing.status = names.status();
      if (names.ok()) listing.names = std::move(names).value();
    }
  };
  auto done = [this, listings, alive = std::weak_ptr<char>(alive_)] {
    if (!alive.expired()) WalkDone(*listings);
  };
  executor_.Run(Lane::kWalk, std::move(work), std::move(done));
  Deliver(hints);
}

void InotifyWatcher::WalkDone(const std::vector<Listing>& listings) {
  being_listed_.clear();
  std::vector<Hint> hints;
  for (const Listing& listing : listings) {
    const RelPath& directory = listing.item.directory;
    if (!listing.status.ok() && !listing.status.Is(Errc::kNotFound)) {
      // What is below it is unknown: poll it until it can be listed.
      unwatched_errno_ = listing.status.error().os_errno;
      RemoveWatches(tree_.SetUnwatched(directory));
      hints.push_back({directory, HintKind::kDir});
    }
    for (const std::string& name : listing.names) {
      RelPath child = directory.Child(name);
      if (IsOwnDirectory(child) || (!listing.item.deep && tree_.IsKnown(child))) continue;
      queue_.Push(child, true);
    }
  }
  ScheduleWalk();
  Deliver(hints);
}

// --- Time ---------------------------------------------------------------------------------------

void InotifyWatcher::ScheduleMoveExpiry() {
  if (move_timer_ != 0 || !tree_.has_pending_moves()) return;
  auto expire = [this, alive = std::weak_ptr<char>(alive_)] {
    if (alive.expired()) return;
    move_timer_ = 0;
    RemoveWatches(tree_.ExpireMoves());
    ScheduleMoveExpiry();
  };
  move_timer_ = executor_.PostAfter(options_.move_pair_wait_ms, std::move(expire));
}

void InotifyWatcher::Poll() {
  std::vector<Hint> hints;
  if (!broken_.empty()) hints.push_back({RelPath(), HintKind::kRecursive});
  CheckRoot(&hints);
  for (const RelPath& directory : tree_.Unwatched()) queue_.Push(directory, false);
  ScheduleWalk();
  poll_timer_ = executor_.PostAfter(options_.poll_interval_ms, WhileAlive(&InotifyWatcher::Poll));
  Deliver(hints);
}

WatchStatus InotifyWatcher::status() const {
  WatchStatus status;
  status.directories = tree_.watched();
  status.unwatched = tree_.unwatched();
  status.overflows = overflows_;
  status.mode = !broken_.empty() ? "polling" : status.unwatched > 0 ? "mixed" : "inotify";
  std::string unwatched = std::to_string(status.unwatched) +
                          " directories cannot be watched and are looked at every " +
                          std::to_string(options_.poll_interval_ms) + " ms";
  if (!broken_.empty()) {
    status.problem = broken_ + ": restart the agent to watch again";
  } else if (root_gone_) {
    status.problem = Printable(root_) + " is not there: mount it or put it back";
  } else if (status.unwatched > 0 && unwatched_errno_ == ENOSPC) {
    status.problem = unwatched + ": raise fs.inotify.max_user_watches";
  } else if (status.unwatched > 0) {
    status.problem = unwatched + " (" + std::strerror(unwatched_errno_) + "): check their rights";
  }
  return status;
}

}  // namespace atozsync
