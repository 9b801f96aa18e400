// What people decide about conflicts: what each decision would do, doing it, and taking it back.
#include <chrono>
#include <cstdio>

#include "sync/engine/keeper.h"

namespace atozsync {

namespace {

constexpr int kNamesForBothMax = 1000;

std::string DateOf(int64_t wall_ms) {
  std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(wall_ms)};
  std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

// What no system that a replica may run on takes for a part of a name.
std::string AsPartOfName(std::string text) {
  for (char& c : text) {
    bool refused = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
                   std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
    if (refused) c = '_';
  }
  return text;
}

// At most so many bytes, and no half character at the end.
std::string CutAtCharacter(const std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

Status DecidedAlready(const ConflictRecord& record) {
  return {Errc::kExists, "conflict " + record.id.ToHex() +
                             " is resolved already: " + ConflictStateName(record.state)};
}

Status NotAsDecided(const RelPath& path) {
  return {Errc::kInvalid, Printable(path) +
                              ": was changed since the decision: bring the version you want back "
                              "with `atozsync history` and `restore`"};
}

}  // namespace

std::optional<RelPath> Keeper::ConflictKeptAt(const ConflictRecord& record) {
  if (record.loser.kind != VersionKind::kFile) return {};
  std::optional<RelPath> kept_for_it;  // where nobody knows whether it still holds these bytes
  for (const KeptVersion& kept : core_.index.KeptOf(record.path)) {
    if (kept.version.hash == record.loser.hash) return kept.kept_at;
    Result<ContentHash> conflict = ConflictOfKeptId(kept.id);
    if (!kept_for_it && conflict.ok() && *conflict == record.id) kept_for_it = kept.kept_at;
  }
  return kept_for_it;
}

std::optional<RelPath> Keeper::ContentPlace(const RelPath& path, const FileVersion& version) {
  if (version.kind != VersionKind::kFile) return {};
  std::optional<IndexRow> row = core_.index.Get(path);
  if (row && row->version.SameContent(version)) return path;
  for (const KeptVersion& kept : core_.index.KeptOf(path)) {
    if (kept.version.hash == version.hash) return kept.kept_at;
  }
  std::vector<KeptVersion> kept = core_.index.FindKeptContent(version.hash, 1);
  if (!kept.empty()) return kept.front().kept_at;
  std::vector<RelPath> live = core_.index.FindContent(version.hash, 1);
  if (!live.empty()) return live.front();
  return {};
}

Status Keeper::CheckDecision(const ConflictRecord& record, Keep keep) {
  if (record.state != ConflictState::kOpen) return DecidedAlready(record);
  if (keep == Keep::kWinner) return Status::Ok();
  if (record.kind == ConflictKind::kCase) {
    return {Errc::kInvalid,
            "both names stand in the folder: rename one of them, or mark the conflict as seen with "
            "--keep winner"};
  }
  if (record.loser.kind == VersionKind::kTombstone) {
    if (keep == Keep::kLoser) return Status::Ok();
    return {Errc::kInvalid,
            "one side is a deletion: keep the winner (the file) or the loser (delete it)"};
  }
  if (ConflictKeptAt(record)) return Status::Ok();
  return {Errc::kNotFound,
          "the losing content has not arrived here yet: try again when the replicas are connected, "
          "or resolve it where it was made"};
}

void Keeper::Resolve(const ContentHash& id, Keep keep, Done done) {
  std::optional<ConflictRecord> record = core_.index.Conflict(id);
  Status problem = record ? CheckDecision(*record, keep)
                          : Status(Errc::kNotFound, "there is no conflict " + id.ToHex());
  if (problem.ok() && keep == Keep::kWinner) core_.SetConflictState(id, ConflictState::kKeptWinner);
  if (!problem.ok() || keep == Keep::kWinner) {
    core_.Post([problem, done = std::move(done)]() mutable { done(problem); });
    return;
  }
  ResolveWith(*record, keep, std::move(done));
}

// REQUIRES: CheckDecision(), and not Keep::kWinner.
void Keeper::ResolveWith(const ConflictRecord& record, Keep keep, Done done) {
  auto write = std::make_shared<LocalWrite>();
  write->path = keep == Keep::kBoth ? NameForBoth(record) : record.path;
  write->reason = "resolved: a person decided about a conflict";
  write->remove = record.loser.kind == VersionKind::kTombstone;
  if (!write->remove) {
    write->source = ConflictKeptAt(record).value_or(RelPath());
    write->content = record.loser;
  }
  // Also where neither has come yet: else the winner would still count as one that nobody decided
  // about, and as saved over the loser.
  if (keep == Keep::kLoser) write->decided_about = {record.winner, record.loser};
  ConflictState state = keep == Keep::kLoser ? ConflictState::kKeptLoser : ConflictState::kKeptBoth;
  write->done = [this, id = record.id, state, done = std::move(done)](Status status) mutable {
    if (status.ok()) core_.SetConflictState(id, state);
    done(status);
  };
  BeginWrite(std::move(write));
}

// A name that Open Dental takes for one more document of the patient, told apart by office and day.
RelPath Keeper::NameForBoth(const ConflictRecord& record, int number) {
  const std::string name(record.path.name());
  size_t dot = name.rfind('.');
  std::string extension = dot == std::string::npos || dot == 0 ? "" : name.substr(dot);
  std::string stem = name.substr(0, name.size() - extension.size());
  std::string office =
      CutAtCharacter(AsPartOfName(peers_.NameOf(ReplicaPrefixOf(record.loser.dot.author))), 40);
  extension = CutAtCharacter(extension, 60);
  std::string mark = " (" + office + " " + DateOf(record.detected_ms) +
                     (number > 1 ? " " + std::to_string(number) : "") + ")";
  size_t room = RelPath::kNameBytesMax - mark.size() - extension.size();
  return record.path.parent().Child(CutAtCharacter(stem, room) + mark + extension);
}

RelPath Keeper::NameForBoth(const ConflictRecord& record) {
  for (int number = 1;; ++number) {
    RelPath path = NameForBoth(record, number);
    std::optional<IndexRow> row = core_.index.Get(path);
    if (!row || !row->version.exists()) return path;
  }
}

// --- before ---

DecisionPreview Keeper::Preview(const ContentHash& id, Keep keep) {
  DecisionPreview preview;
  std::optional<ConflictRecord> record = core_.index.Conflict(id);
  if (!record) {
    preview.problem = Status(Errc::kNotFound, "there is no conflict " + id.ToHex());
    return preview;
  }
  preview.path = record->path;
  preview.problem = CheckDecision(*record, keep);
  if (!preview.problem.ok()) return preview;
  using Effect = DecisionEffect::Kind;
  std::optional<IndexRow> row = core_.index.Get(record->path);
  const bool file_here = row && row->version.kind == VersionKind::kFile;
  auto add = [&](Effect kind, const RelPath& path) { preview.effects.push_back({kind, path}); };
  if (keep == Keep::kWinner) {
    add(Effect::kStays, record->path);
    if (record->kind == ConflictKind::kCase) add(Effect::kStays, record->other_path);
    if (std::optional<RelPath> kept = ConflictKeptAt(*record)) add(Effect::kKeptVersion, *kept);
  } else if (keep == Keep::kBoth) {
    if (file_here) add(Effect::kStays, record->path);
    add(Effect::kNewFile, NameForBoth(*record));
  } else {
    bool remove = record->loser.kind == VersionKind::kTombstone;
    add(remove ? Effect::kRemoved : file_here ? Effect::kReplaced : Effect::kNewFile, record->path);
    if (file_here) add(Effect::kKeptVersion, record->path);
  }
  return preview;
}

// --- after ---

// The file that Keep::kBoth made, as long as it is what it was.
std::optional<IndexRow> Keeper::MadeForBoth(const ConflictRecord& record) {
  for (int number = 1; number <= kNamesForBothMax; ++number) {
    std::optional<IndexRow> row = core_.index.Get(NameForBoth(record, number));
    if (!row) return {};
    if (row->version.SameContent(record.loser)) return row;
  }
  return {};
}

std::optional<KeptVersion> Keeper::ReplacedByDecision(const ConflictRecord& record) {
  std::optional<IndexRow> row = core_.index.Get(record.path);
  if (!(row ? row->version : FileVersion()).SameContent(record.loser)) return {};
  for (const KeptVersion& kept : core_.index.KeptOf(record.path)) {
    if (kept.version.SameContent(record.winner)) return kept;
  }
  return {};
}

Status Keeper::CheckUndo(const ConflictRecord& record) {
  switch (record.state) {
    case ConflictState::kOpen:
    case ConflictState::kGone:
      return {Errc::kInvalid,
              "conflict " + record.id.ToHex() + ": there is no decision to take back"};
    case ConflictState::kKeptWinner: return Status::Ok();
    case ConflictState::kKeptLoser:
      return ReplacedByDecision(record) ? Status::Ok() : NotAsDecided(record.path);
    case ConflictState::kKeptBoth: break;
  }
  std::optional<IndexRow> made = MadeForBoth(record);
  if (!made) return NotAsDecided(record.path);
  if (core_.index.Gate(made->path).row_seen) {
    return {Errc::kInvalid,
            Printable(made->path) + ": Open Dental has taken it in as a document: delete it there"};
  }
  return Status::Ok();
}

void Keeper::Undo(const ContentHash& id, Done done) {
  std::optional<ConflictRecord> record = core_.index.Conflict(id);
  Status problem =
      record ? CheckUndo(*record) : Status(Errc::kNotFound, "there is no conflict " + id.ToHex());
  if (!problem.ok() || record->state == ConflictState::kKeptWinner) {
    if (problem.ok()) core_.SetConflictState(id, ConflictState::kOpen);
    core_.Post([problem, done = std::move(done)]() mutable { done(problem); });
    return;
  }
  auto write = std::make_shared<LocalWrite>();
  write->reason = "undone: a person took a decision about a conflict back";
  if (record->state == ConflictState::kKeptBoth) {
    write->path = MadeForBoth(*record)->path;
    write->remove = true;
  } else {
    const KeptVersion kept = *ReplacedByDecision(*record);
    write->path = record->path;
    write->source = kept.kept_at;
    write->content = kept.version;
  }
  write->done = [this, id, done = std::move(done)](Status status) mutable {
    if (status.ok()) core_.SetConflictState(id, ConflictState::kOpen);
    done(status);
  };
  BeginWrite(std::move(write));
}

}  // namespace atozsync
