#include "sync/engine/brake.h"

#include <algorithm>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

// A program that encrypts a folder rewrites many files in that time, a person saves one or two.
constexpr int64_t kGatherMs = 10'000;
// Where something is being hashed all the time. A move of more than can be read until then is
// braked, and let go by itself as its contents are found.
constexpr int64_t kGatherMaxMs = 300'000;
// The first odd files of a minute go at once, a small part of what may go at all: a person who
// saves one, or whose files never were what their names say, does not wait.
constexpr int64_t kFreeWindowMs = 60'000;
constexpr uint64_t kFreePart = 8;
constexpr size_t kSameContentMax = 16;  // of more, all have to be gone for the next one to count
constexpr size_t kSignatureBytesMin = 2;

// What the vendor of Open Dental replaces as a whole, at every office: told by its name at the top.
bool IsExempt(const RelPath& path) {
  const std::string_view text = path.str();
  std::string top(text.substr(0, text.find('/')));
  for (char& c : top) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return top == "updatefiles" || top == "setupfiles" || top == "setup.exe";
}

}  // namespace

Brake::Brake(Core& core) : core_(core) {}

void Brake::Start() {
  if (!on() || Planted(PlantedFault::kBrakeForgotten)) return;
  const std::string since = core_.index.Meta(meta::kBrake).value_or("0");
  tripped_since_ms_ = std::strtoll(since.c_str(), nullptr, 10);
  tripped_ = tripped_since_ms_ != 0;
  if (tripped_) Probe(ProbeId::kBrakeAfterRestart);
}

uint64_t Brake::Limit() const {
  const BrakeOptions& options = core_.options.brake;
  const uint64_t files = core_.index.totals().files + recent_.size();
  const uint64_t share =
      files / BrakeOptions::kShareWhole * options.share +
      files % BrakeOptions::kShareWhole * options.share / BrakeOptions::kShareWhole;
  return std::min<uint64_t>(std::max(share, options.files_min), kHeldMax);
}

size_t Brake::CountFiles(const RelPath& path, size_t enough) const {
  std::optional<IndexRow> row = core_.index.Get(path);
  if (!row || !row->version.exists()) return 0;
  if (row->version.kind == VersionKind::kFile) return 1;
  size_t files = 0;
  for (const IndexRow& child : core_.index.Children(path)) {
    if (files >= enough) break;
    if (child.version.kind == VersionKind::kFile) ++files;
    if (child.version.kind == VersionKind::kDir) files += CountFiles(child.path, enough - files);
  }
  return files;
}

bool Brake::StandsElsewhere(const IndexRow& row) const {
  if (Planted(PlantedFault::kBrakeCountsMoves)) return false;
  for (const RelPath& path : core_.index.FindContent(row.version.hash, kSameContentMax)) {
    if (path == row.path || held_.contains(path) || IsExempt(path)) continue;
    if (!unsure(path)) return true;
  }
  return false;
}

bool Brake::DeletedElsewhere(const RelPath& path) const {
  for (const Need& need : core_.index.NeedsOf(path)) {
    if (!need.version.exists()) return true;
  }
  return false;
}

void Brake::PruneRecent() {
  const int64_t oldest_ms = core_.clock.MonoMs() - core_.options.brake.window_ms;
  std::erase_if(recent_, [oldest_ms](const auto& each) { return each.second < oldest_ms; });
}

void Brake::Count(const RelPath& path) {
  recent_.try_emplace(path, core_.clock.MonoMs());
}

// --- asked by the scanner ---

void Brake::ExpectGone(const std::vector<RelPath>& gone, size_t missing) {
  PruneRecent();
  const size_t limit = Limit();
  size_t files = recent_.size() + gathered_ + missing - std::min(missing, gone.size());
  for (const RelPath& path : gone) {
    if (files > limit) break;
    files += CountFiles(path, limit + 1 - files);
  }
  bursting_ = files > limit && !Planted(PlantedFault::kBrakeMissing);
}

bool Brake::MayLeave(const IndexRow& row, bool explained) {
  bool counts = row.version.kind == VersionKind::kFile && !row.unversioned && !IsExempt(row.path);
  if (!on() || !counts || Planted(PlantedFault::kBrakeMissing)) return true;
  auto approved = approved_.find(row.path);
  if (approved != approved_.end()) {
    // Where it was moved to, somebody may have written since.
    bool goes = !approved->second.if_elsewhere || StandsElsewhere(row);
    approved_.erase(approved);
    if (goes) {
      Forget(row.path);
      return true;
    }
    Probe(ProbeId::kBrakeMoveUndone);
  }
  if (explained || DeletedElsewhere(row.path)) {
    Forget(row.path);
    return true;
  }
  if (tripped_ && StandsElsewhere(row)) {
    Forget(row.path);
    return true;
  }
  if (!tripped_ && !bursting_ && !held_.contains(row.path)) {
    if (StandsElsewhere(row)) return true;
    PruneRecent();
    if (recent_.contains(row.path) || recent_.size() < Limit()) {
      Count(row.path);
      return true;
    }
  }
  Hold(row, std::nullopt);
  return false;
}

bool Brake::MayChange(const IndexRow& row, const CheckResult& found) {
  if (row.unversioned || IsExempt(row.path) || Planted(PlantedFault::kBrakeMissing)) return true;
  auto approved = approved_.find(row.path);
  bool decided = approved != approved_.end() && approved->second.hash == found.hashed.hash;
  // What was empty before, or next to it, was not what its name says either.
  bool innocent = !found.odd || row.version.size < kSignatureBytesMin;
  if (decided || innocent) {
    if (approved != approved_.end()) approved_.erase(approved);
    Forget(row.path);
    return true;
  }
  if (!tripped_ && !held_.contains(row.path) && IsFree(row.path)) return true;
  Standing stands;
  stands.version.kind = VersionKind::kFile;
  stands.version.size = found.hashed.size;
  stands.version.hash = found.hashed.hash;
  stands.version.mtime_ns = found.stat.mtime_ns;
  stands.stamp = FileStamp::Of(found.stat);
  if (found.racy) stands.stamp.inode = 0;
  Hold(row, std::move(stands));
  return false;
}

bool Brake::IsFree(const RelPath& path) {
  const int64_t now_ms = core_.clock.MonoMs();
  PruneRecent();
  const uint64_t limit = Limit();
  while (!free_rewrites_.empty() && now_ms - free_rewrites_.front() > kFreeWindowMs) {
    free_rewrites_.pop_front();
  }
  bool room = recent_.contains(path) || recent_.size() < limit;
  if (!room || gathered_ > 0 || free_rewrites_.size() >= limit / kFreePart) return false;
  free_rewrites_.push_back(now_ms);
  Count(path);
  return true;
}

bool Brake::Hold(const IndexRow& row, std::optional<Standing> stands) {
  auto at = held_.find(row.path);
  if (at == held_.end()) {
    if (held_.size() >= kHeldMax) {
      more_ = true;
      return false;
    }
    at = held_.try_emplace(row.path).first;
    at->second.since_ms = core_.KeptMs();
    at->second.stage = tripped_ ? Stage::kHeld : Stage::kGathered;
    if (!tripped_) {
      if (gathered_++ == 0) {
        gathering_since_ms_ = core_.clock.MonoMs();
        core_.PostAfter(kGatherMaxMs, [this] { Consider(false); });
      }
      if (stands && !std::exchange(rewrites_gathered_, true)) {
        core_.PostAfter(kGatherMs, [this] { on_progress(); });
      }
    }
  } else if (!at->second.stands) {
    std::erase_if(deleted_contents_, [&row](const auto& each) { return each.second == row.path; });
  }
  at->second.former = row.version.hash;
  if (!stands) deleted_contents_.emplace(row.version.hash, row.path);
  at->second.stands = std::move(stands);
  return true;
}

Brake::HeldMap::iterator Brake::Erase(HeldMap::iterator at) {
  if (at->second.stage == Stage::kGathered) --gathered_;
  if (gathered_ == 0) rewrites_gathered_ = false;
  auto [from, to] = deleted_contents_.equal_range(at->second.former);
  auto same = std::find_if(from, to, [&at](const auto& each) { return each.second == at->first; });
  if (same != to) deleted_contents_.erase(same);
  reverting_.erase(at->first);
  return held_.erase(at);
}

void Brake::Forget(const RelPath& path) {
  auto at = held_.find(path);
  if (at != held_.end()) Erase(at);
}

std::optional<FileStamp> Brake::StampOf(const RelPath& path) const {
  auto at = held_.find(path);
  if (at == held_.end() || !at->second.stands) return {};
  return at->second.stands->stamp;
}

void Brake::OnStands(const RelPath& path, const FileStat& stat) {
  auto at = held_.find(path);
  bool as_held =
      at != held_.end() && at->second.stands && at->second.stands->stamp == FileStamp::Of(stat);
  if (as_held) return;
  approved_.erase(path);
  if (at != held_.end()) Erase(at);
}

void Brake::OnCommitted(const IndexBatch& batch) {
  if (held_.empty()) return;
  for (const IndexRow& row : batch.rows) {
    if (row.version.kind != VersionKind::kFile) {
      Forget(row.path);
      continue;
    }
    if (!tripped_) continue;  // judged together
    // A move whose new names took long to be read.
    auto [from, to] = deleted_contents_.equal_range(row.version.hash);
    std::vector<RelPath> moved;
    for (auto at = from; at != to; ++at) {
      if (at->second != row.path) moved.push_back(at->second);
    }
    for (const RelPath& path : moved) LetGo(path, true);
  }
}

// --- judging ---

void Brake::LetGo(const RelPath& path, bool if_elsewhere) {
  auto at = held_.find(path);
  if (at == held_.end()) return;
  const bool gone = !at->second.stands;
  approved_[path] = {gone ? ContentHash() : at->second.stands->version.hash, if_elsewhere};
  Erase(at);
  look_again(path, gone);
}

void Brake::OnScanned() {
  Consider(true);
  EndIfEmpty();
}

void Brake::Consider(bool quiet) {
  if (gathered_ == 0 || core_.failed() || core_.root_missing) return;
  const int64_t waited_ms = core_.clock.MonoMs() - gathering_since_ms_;
  const bool enough = quiet && (!rewrites_gathered_ || waited_ms >= kGatherMs);
  if (enough || waited_ms >= kGatherMaxMs) Judge();
}

void Brake::Judge() {
  std::vector<RelPath> moved;
  std::vector<RelPath> counted;
  size_t more = 0;  // than are counted already
  PruneRecent();
  for (auto at = held_.begin(); at != held_.end();) {
    std::optional<IndexRow> row = core_.index.Get(at->first);
    if (!row || row->version.kind != VersionKind::kFile) {
      at = Erase(at);
      continue;
    }
    if (!at->second.stands && StandsElsewhere(*row)) {
      moved.push_back(at->first);
    } else {
      counted.push_back(at->first);
      if (!recent_.contains(at->first)) ++more;
    }
    ++at;
  }
  bool over = recent_.size() + more > Limit();
  if (over) SetTripped(true);
  if (!moved.empty()) Probe(ProbeId::kBrakeMove);
  for (const RelPath& path : moved) LetGo(path, true);
  for (const RelPath& path : counted) {
    if (over) {
      held_.at(path).stage = Stage::kHeld;
    } else {
      Count(path);
      LetGo(path, false);
    }
  }
  gathered_ = 0;
  rewrites_gathered_ = false;
  if (!over && std::exchange(more_, false)) scan_all();
  on_progress();
}

void Brake::SetTripped(bool tripped) {
  tripped_ = tripped;
  tripped_since_ms_ = tripped ? core_.KeptMs() : 0;
  recent_.clear();
  IndexBatch batch;
  batch.meta[meta::kBrake] = std::to_string(tripped_since_ms_);
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  if (!tripped) {
    core_.Log(LogLevel::kInfo, "nothing is held any more: the brake is off");
    return;
  }
  Probe(ProbeId::kBrake);
  size_t rewritten = 0;
  for (const auto& [path, held] : held_) rewritten += held.stands ? 1 : 0;
  core_.Log(LogLevel::kError,
            "the brake: " + std::to_string(held_.size() - rewritten) + " files were deleted and " +
                std::to_string(rewritten) +
                " rewritten into something else within a short time. The other replicas are not "
                "told: look at them with `atozsync held`, then decide with `held release` or "
                "`held revert`");
}

// All that was seen is decided. Where there was more than fits into the list, the rest comes now.
void Brake::EndIfEmpty() {
  if (!tripped_ || !held_.empty()) return;
  if (std::exchange(more_, false)) {
    scan_all();
    return;
  }
  SetTripped(false);
  on_progress();
}

}  // namespace atozsync
