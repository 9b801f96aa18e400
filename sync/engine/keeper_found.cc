// Kept files that have no row: all of them after the index was lost; else what a process left that
// died, or whose commit failed, between putting a file aside and telling of it.
#include <algorithm>
#include <map>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/keeper.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

constexpr size_t kLookedUpPerTurn = 500;
constexpr size_t kSameMax = 100;         // kept files of one content that are compared by place
constexpr int64_t kListAgainMs = 5'000;  // a call or two for each directory that failed

// A second try: what one failure hides would stay unknown until the next start.
std::vector<DirEntry> EntriesOf(FileSystem& files, const RelPath& dir) {
  Result<std::vector<DirEntry>> entries = files.List(dir);
  if (!entries.ok() && !entries.Is(Errc::kNotFound)) entries = files.List(dir);
  return entries.ok() ? std::move(entries).value() : std::vector<DirEntry>();
}

KeptVersion Found(const RelPath& at, const FileStat& stat) {
  KeptVersion kept;
  kept.id = std::string(at.name());
  kept.kept_at = at;
  kept.version.kind = VersionKind::kFile;
  kept.version.size = stat.size;
  kept.version.mtime_ns = stat.mtime_ns;
  kept.stamp = FileStamp::Of(stat);
  return kept;
}

void ListVersions(FileSystem& files, const RelPath& dir, std::vector<KeptVersion>& found) {
  for (const DirEntry& entry : EntriesOf(files, dir)) {
    if (!RelPath::IsValidName(entry.name)) continue;
    RelPath at = dir.Child(entry.name);
    if (entry.stat.kind == NodeKind::kDir) {
      ListVersions(files, at, found);
      continue;
    }
    layout::KeptName name = layout::ParseKeptName(entry.name);
    if (name.name.empty() || !RelPath::IsValidName(name.name)) continue;
    KeptVersion kept = Found(at, entry.stat);
    std::string original =
        dir == layout::Versions()
            ? name.name
            : dir.str().substr(layout::Versions().str().size() + 1) + "/" + name.name;
    kept.path = RelPath::Trusted(original);
    kept.kept_ms = name.kept_ms;
    kept.why = "replaced";
    found.push_back(std::move(kept));
  }
}

// Whose path these had only the conflicts' records tell. After the index was lost these come from
// the peers: they are found by content then, and copied to where they belong.
void ListConflictCopies(FileSystem& files, int64_t wall_ms, std::vector<KeptVersion>& found) {
  for (const DirEntry& entry : EntriesOf(files, layout::Conflicts())) {
    if (!RelPath::IsValidName(entry.name) || entry.stat.kind != NodeKind::kFile) continue;
    KeptVersion kept = Found(layout::Conflicts().Child(entry.name), entry.stat);
    kept.path = kept.kept_at;
    kept.kept_ms = wall_ms;
    kept.why = "conflict";
    found.push_back(std::move(kept));
  }
}

// The process that put these aside may have died before the disk had their names.
bool MakeDurable(FileSystem& files, const RelPath& dir) {
  Status synced = files.SyncDir(dir);
  if (!synced.ok()) synced = files.SyncDir(dir);
  return synced.ok();
}

struct ReadList {
  std::vector<KeptVersion> found;
  // The next power loss could take these: a row would say that the bytes are here, and nobody would
  // fetch them.
  std::vector<KeptVersion> not_durable;
};

// Without those that are gone again.
ReadList ReadFound(FileSystem& files, ByteSpan secret, std::vector<KeptVersion> found) {
  std::map<RelPath, bool> durable;  // as many as there are directories with such files
  for (const KeptVersion& kept : found) {
    auto [dir, added] = durable.try_emplace(kept.kept_at.parent());
    if (added) dir->second = MakeDurable(files, dir->first);
  }
  ReadList list;
  for (KeptVersion& kept : found) {
    if (!durable[kept.kept_at.parent()]) {
      list.not_durable.push_back(std::move(kept));
      continue;
    }
    FileStat stat;
    Result<HashedFile> hashed = HashPath(files, kept.kept_at, secret, &stat);
    if (!hashed.ok()) hashed = HashPath(files, kept.kept_at, secret, &stat);
    if (hashed.ok()) kept.version.hash = hashed->hash;
    if (!hashed.Is(Errc::kNotFound)) list.found.push_back(std::move(kept));
  }
  return list;
}

}  // namespace

std::vector<KeptVersion> ListKeptFiles(FileSystem& files, int64_t wall_ms) {
  std::vector<KeptVersion> found;
  ListVersions(files, layout::Versions(), found);
  ListConflictCopies(files, wall_ms, found);
  return found;
}

// Its own row tells more. Two rows of one file would be purged, and looked at for late writes, each
// for itself.
bool Keeper::IsKnown(const KeptVersion& found) {
  auto is_it = [&](const KeptVersion& kept) { return kept.kept_at == found.kept_at; };
  std::optional<RelPath> path = WhereItStood(found);
  for (const RelPath& each : {path.value_or(found.path), found.path}) {
    std::vector<KeptVersion> known = core_.index.KeptOf(each);
    if (std::any_of(known.begin(), known.end(), is_it)) return true;
  }
  return false;
}

void Keeper::ListWhatHasNoRow(std::vector<KeptVersion> on_disk, bool index_was_lost) {
  auto list = std::make_shared<FoundList>();
  list->index_was_lost = index_was_lost;
  list->look = core_.looks.Begin();
  list->found = std::move(on_disk);
  LookUpFound(list);
}

void Keeper::LookUpFound(const std::shared_ptr<FoundList>& list) {
  for (size_t n = 0; n < kLookedUpPerTurn && !list->found.empty(); ++n) {
    KeptVersion& kept = list->found.back();
    if (!list->look->PresentIsOld(kept.kept_at) && !IsKnown(kept)) {
      list->unknown.push_back(std::move(kept));
    }
    list->found.pop_back();
  }
  if (!list->found.empty()) {
    core_.Post([this, list] { LookUpFound(list); });
    return;
  }
  // The fault would do no harm if this made good for it.
  bool none = list->unknown.empty() || Planted(PlantedFault::kRecoveryForgetsKept);
  if (none && !list->index_was_lost) return;
  core_.Async<ReadList>(
      Lane::kWalk,
      [files = &core_.files, secret = core_.secret, unknown = std::move(list->unknown)] {
        return ReadFound(*files, *secret, unknown);
      },
      [this, list](ReadList read) {
        list->found = std::move(read.found);
        AddFound(*list);
        if (!read.not_durable.empty()) {
          ListAgain(std::move(read.not_durable), list->index_was_lost);
        }
      });
}

// The disk failed once: until the next start nobody would find what these hold.
void Keeper::ListAgain(std::vector<KeptVersion> found, bool index_was_lost) {
  Probe(ProbeId::kKeptListedAgain);
  found_timer_ =
      core_.PostAfter(kListAgainMs, [this, found = std::move(found), index_was_lost]() mutable {
        found_timer_ = 0;
        ListWhatHasNoRow(std::move(found), index_was_lost);
      });
}

void Keeper::AddFound(FoundList& list) {
  IndexBatch batch;
  for (KeptVersion& kept : list.found) {
    if (list.look->PresentIsOld(kept.kept_at) || IsKnown(kept)) continue;
    // Names that were cut do not tell the path: the row is found by content.
    std::vector<KeptVersion> same = core_.index.FindKeptContent(kept.version.hash, kSameMax);
    bool known = std::any_of(same.begin(), same.end(),
                             [&](const KeptVersion& each) { return each.kept_at == kept.kept_at; });
    if (known) continue;
    if (!list.index_was_lost) AsLeftBehind(kept);
    batch.kept.push_back(std::move(kept));
  }
  if (list.index_was_lost) {
    Probe(ProbeId::kKeptRebuilt);
    batch.meta[meta::kKeptRebuilt] = "1";
  } else if (!batch.kept.empty()) {
    Probe(ProbeId::kKeptWithoutRow);
    core_.Log(LogLevel::kInfo, std::to_string(batch.kept.size()) +
                                   " kept files were not listed after an interruption: now they "
                                   "are");
  }
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  WatchForLateWrites(batch.kept);     // nobody is told of a commit without rows
}

// Of a process that died while it told of it. Its name, or the conflict's record, says what it was
// kept as; where that is not what it holds, a program wrote to it, and the next look logs that.
void Keeper::AsLeftBehind(KeptVersion& kept) {
  const ContentHash& hash = kept.version.hash;
  bool as_kept = true;
  Result<ContentHash> conflict = layout::ConflictOfCopy(kept.kept_at);
  if (conflict.ok()) {
    std::optional<ConflictRecord> record = core_.index.Conflict(*conflict);
    if (!record) return;
    kept.path = record->path;
    as_kept = record->loser.hash == hash;
    if (as_kept) kept.version = record->loser;
  } else {
    std::string content = layout::ParseKeptName(kept.kept_at.name()).content;
    as_kept = content.empty() || hash.ToHex().starts_with(content);
  }
  if (as_kept) return;
  kept.version.hash = {};
  kept.stamp = {};
}

}  // namespace atozsync
