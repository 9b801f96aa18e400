#include "sync/engine/resync.h"

#include <algorithm>

namespace atozsync {

namespace {

constexpr int64_t kTickMs = 200;
constexpr int64_t kSayEveryMs = 1'000;
// Other people go on working: a cluster that never comes to rest is compared as it is.
constexpr int64_t kSettleMaxMs = 600'000;

}  // namespace

ResyncRun::ResyncRun(Core& core, Peers& peers, Scanner& scanner, Idle idle, ResyncOptions options,
                     Progress progress, Done done)
    : core_(core),
      peers_(peers),
      scanner_(scanner),
      idle_(std::move(idle)),
      options_(std::move(options)),
      progress_(std::move(progress)),
      done_(std::move(done)) {}

ResyncRun::~ResyncRun() {
  core_.executor.CancelTimer(timer_);
}

void ResyncRun::Start() {
  hashed_files_before_ = scanner_.hashed_files();
  hashed_bytes_before_ = scanner_.hashed_bytes();
  step_started_ms_ = core_.clock.MonoMs();
  if (core_.root_missing) {
    report_.problem = "the folder is not there: bring the volume back first";
    Finish();
    return;
  }
  core_.hints.Flush();
  std::vector<RelPath> paths = options_.paths;
  if (paths.empty()) paths.push_back(RelPath());
  if (options_.dry_run) {
    state_ = State::kLook;
    // From where each path stands in its directory, so that a file can be named, too.
    for (const RelPath& path : paths) look_.push_back(path.parent());
    Say("looking");
    LookAtNextDir();
    return;
  }
  Say(options_.verify ? "reading every file" : "scanning");
  for (const RelPath& path : paths) {
    scanner_.ScanTree(path, options_.verify);
    if (!path.is_root()) scanner_.CheckSoon(path);
  }
  timer_ = core_.PostAfter(kTickMs, [this] {
    timer_ = 0;
    OnProgress();
  });
}

void ResyncRun::OnProgress() {
  if (state_ == State::kDone) return;
  int64_t now_ms = core_.clock.MonoMs();
  if (state_ == State::kScan && scanner_.idle()) {
    state_ = State::kSettle;
    step_started_ms_ = now_ms;
  }
  bool at_rest = idle_() || now_ms - step_started_ms_ > kSettleMaxMs;
  if (state_ == State::kSettle && at_rest) {
    StartCompare();
    return;
  }
  if (state_ == State::kRepair && at_rest) {
    Finish();
    return;
  }
  if (now_ms - said_ms_ > kSayEveryMs && state_ == State::kScan) {
    Say("read " + std::to_string(scanner_.hashed_files() - hashed_files_before_) + " files, " +
        std::to_string(scanner_.directories_waiting()) + " directories to go");
  }
  if (timer_ != 0) return;
  timer_ = core_.PostAfter(kTickMs, [this] {
    timer_ = 0;
    OnProgress();
  });
}

void ResyncRun::OnFound(const RelPath& path, const std::string& what) {
  if (state_ == State::kScan && Wanted(path)) Add("folder", path, what, "announced to the others");
}

void ResyncRun::OnDamage(const IndexRow& row) {
  Add("folder", row.path, "damaged: the bytes changed, the time did not",
      "not announced; the right bytes are brought from another place or replica");
}

// --- dry run: only look ---

void ResyncRun::LookAtNextDir() {
  if (look_.empty()) {
    StartCompare();
    return;
  }
  RelPath dir = std::move(look_.back());
  look_.pop_back();
  using Answer = std::pair<bool, Result<std::vector<DirEntry>>>;
  core_.Async<Answer>(
      Lane::kWalk,
      [files = &core_.files, dir]() -> Answer {
        Result<std::vector<DirEntry>> entries = files->List(dir);
        return {files->Stat(layout::Marker()).ok(), std::move(entries)};
      },
      [this, dir](Answer answer) { OnLooked(dir, answer.first, std::move(answer.second)); });
}

void ResyncRun::OnLooked(const RelPath& dir, bool root_present,
                         Result<std::vector<DirEntry>> entries) {
  if (!root_present) {
    report_.problem = "the folder is not there: bring the volume back first";
    Finish();
    return;
  }
  std::map<std::string, FileStat> seen;
  if (entries.ok()) {
    for (const DirEntry& entry : *entries) seen[entry.name] = entry.stat;
  }
  for (const IndexRow& row : core_.index.Children(dir)) {
    if (row.version.exists() && Wanted(row.path) && !seen.contains(std::string(row.path.name()))) {
      Add("folder", row.path, "deleted", "none (dry run)");
    }
  }
  for (const auto& [name, stat] : seen) {
    if (!RelPath::IsValidName(name) || stat.kind == NodeKind::kOther) continue;
    RelPath path = dir.Child(name);
    bool is_dir = stat.kind == NodeKind::kDir;
    if (core_.ignore.Ignored(path, is_dir) || !Wanted(path)) continue;
    if (is_dir) look_.push_back(path);
    if (!is_dir) ++report_.looked_at;
    std::optional<IndexRow> row = core_.index.Get(path);
    bool live = row && row->version.exists();
    bool as_known =
        live && (is_dir ? row->version.kind == VersionKind::kDir
                        : row->version.kind == VersionKind::kFile &&
                              (!row->stamp.trusted() || row->stamp == FileStamp::Of(stat)));
    if (!as_known) Add("folder", path, live ? "changed" : "new", "none (dry run)");
  }
  LookAtNextDir();
}

// --- peers ---

bool ResyncRun::Wanted(const RelPath& path) const {
  if (options_.paths.empty()) return true;
  return std::any_of(options_.paths.begin(), options_.paths.end(), [&](const RelPath& wanted) {
    return path.IsAtOrBelow(wanted) || wanted.IsBelow(path);
  });
}

void ResyncRun::StartCompare() {
  state_ = State::kCompare;
  for (const auto& [id, peer] : peers_.all()) {
    if (options_.peer && *options_.peer != id) continue;
    if (!peer->connected()) {
      report_.unreachable_peers.push_back(peer->config.name);
      continue;
    }
    ++report_.compared_peers;
    compare_.push_back({id, RelPath(), ""});
  }
  Say("comparing with " + std::to_string(report_.compared_peers) + " peers");
  CompareNext();
}

void ResyncRun::CompareNext() {
  while (!compare_.empty()) {
    PeerDir at = std::move(compare_.front());
    compare_.pop_front();
    Peer* peer = peers_.Find(at.peer);
    if (peer == nullptr || !peer->connected()) continue;
    protocol::DigestRequest request;
    request.dir = at.dir;
    request.after = at.after;
    auto answered = core_.GuardWith<std::optional<protocol::DigestReply>>(
        [this, at](std::optional<protocol::DigestReply> reply) { OnDigest(at, std::move(reply)); });
    peer->link->RequestDigest(request, std::move(answered));
    return;
  }
  AfterCompare();
}

void ResyncRun::OnDigest(PeerDir at, std::optional<protocol::DigestReply> reply) {
  if (state_ == State::kDone) return;
  if (!reply) {
    Peer* peer = peers_.Find(at.peer);
    report_.unreachable_peers.push_back(peer != nullptr ? peer->config.name : "a removed peer");
  } else if (reply->all != core_.index.Digest(at.dir).all) {
    CompareChildren(at, *reply);
  }
  CompareNext();
}

void ResyncRun::CompareChildren(const PeerDir& at, const protocol::DigestReply& reply) {
  std::map<std::string, const protocol::DigestEntry*> theirs;
  for (const protocol::DigestEntry& entry : reply.children) {
    if (RelPath::IsValidName(entry.name)) theirs[entry.name] = &entry;
  }
  std::string last = reply.more && !theirs.empty() ? theirs.rbegin()->first : "";
  for (const IndexRow& row : core_.index.Children(at.dir)) {
    std::string name(row.path.name());
    bool in_page = name > at.after && (last.empty() || name <= last);
    if (!in_page || !row.version.exists()) continue;
    auto other = theirs.find(name);
    CompareChild(at, &row, other == theirs.end() ? nullptr : other->second);
    if (other != theirs.end()) theirs.erase(other);
  }
  for (const auto& [name, entry] : theirs) CompareChild(at, nullptr, entry);
  if (!last.empty()) compare_.push_front({at.peer, at.dir, last});
}

void ResyncRun::CompareChild(const PeerDir& at, const IndexRow* ours,
                             const protocol::DigestEntry* theirs) {
  RelPath path = ours != nullptr ? ours->path : at.dir.Child(theirs->name);
  if (!Wanted(path) || core_.ignore.IgnoredWithin(path, false)) return;
  bool same_row =
      ours != nullptr && theirs != nullptr && RowDigest(ours->path, ours->version) == theirs->row;
  bool both_dirs = ours != nullptr && theirs != nullptr &&
                   ours->version.kind == VersionKind::kDir && theirs->kind == VersionKind::kDir;
  bool one_dir = (ours != nullptr && ours->version.kind == VersionKind::kDir) ||
                 (theirs != nullptr && theirs->kind == VersionKind::kDir);
  bool below_differs = both_dirs ? core_.index.Digest(path).all != theirs->below : one_dir;
  if (below_differs && (both_dirs || theirs != nullptr)) compare_.push_back({at.peer, path, ""});
  if (same_row) return;
  Peer* peer = peers_.Find(at.peer);
  const char* what = ours == nullptr ? "only there" : theirs == nullptr ? "only here" : "different";
  Add(peer != nullptr ? peer->config.name : "a removed peer", path, what,
      options_.dry_run ? "none (dry run)" : "asked again");
  if (std::find(differing_.begin(), differing_.end(), at.peer) == differing_.end()) {
    differing_.push_back(at.peer);
  }
}

void ResyncRun::AfterCompare() {
  if (differing_.empty() || options_.dry_run) {
    Finish();
    return;
  }
  // Both streams from the beginning: whatever was missed is said again, in both directions.
  for (const ReplicaId& id : differing_) {
    Peer* peer = peers_.Find(id);
    if (peer == nullptr || !peer->connected()) continue;
    peer->link->Send(protocol::ListRequest{0});
    peer->link->StartStream(0);
  }
  state_ = State::kRepair;
  step_started_ms_ = core_.clock.MonoMs();
  Say("asking again for what differs");
  core_.executor.CancelTimer(timer_);
  timer_ = core_.PostAfter(5 * kTickMs, [this] {
    timer_ = 0;
    OnProgress();
  });
}

void ResyncRun::Add(const std::string& where, const RelPath& path, const std::string& what,
                    const std::string& action) {
  ++report_.difference_count;
  if (report_.differences.size() >= ResyncReport::kDifferencesMax) return;
  report_.differences.push_back({where, path, what, action});
}

void ResyncRun::Say(const std::string& line) {
  said_ms_ = core_.clock.MonoMs();
  if (progress_) progress_(line);
}

void ResyncRun::Finish() {
  if (state_ == State::kDone) return;
  state_ = State::kDone;
  if (!options_.dry_run) report_.looked_at = core_.index.totals().files;
  report_.hashed_bytes = scanner_.hashed_bytes() - hashed_bytes_before_;
  core_.executor.CancelTimer(timer_);
  timer_ = 0;
  // Posted: the caller destroys this object in its answer.
  core_.Post([done = std::make_shared<Done>(std::move(done_)), report = std::move(report_)] {
    (*done)(report);
  });
}

}  // namespace atozsync
