#include "sync/index/sqlite_directories.h"

#include <vector>

#include "sync/index/digest.h"

namespace atozsync {

int64_t Directories::Lookup(const RelPath& dir, bool make) {
  if (dir.is_root()) return kRoot;
  auto found = ids_.find(dir.str());
  if (found != ids_.end()) return found->second;

  int64_t id = kRoot;
  RelPath path;
  for (std::string_view name : dir.components()) {
    path = path.Child(name);
    auto known = ids_.find(path.str());
    if (known != ids_.end()) {
      id = known->second;
      continue;
    }
    int64_t parent = id;
    id = LookupChild(parent, name, make);
    if (id == 0) return 0;
    Remember(id, parent, path);
  }
  return id;
}

int64_t Directories::LookupChild(int64_t parent, std::string_view name, bool make) {
  int64_t id = 0;
  {
    Statement find = db_.Use("SELECT id FROM directories WHERE parent = ? AND name = ?");
    if (find.Int(parent).Text(name).Step()) id = find.GetInt(0);
  }
  if (id == 0 && make && db_.ok()) id = Make(parent, name);
  if (id != 0 && id <= parent) {
    db_.FailCorrupt("directories form a loop");
    return 0;
  }
  return id;
}

int64_t Directories::Make(int64_t parent, std::string_view name) {
  Statement make = db_.Use(
      "INSERT INTO directories (parent, name, digest_high, digest_low, live)"
      " VALUES (?, ?, 0, 0, 0) RETURNING id");
  if (!make.Int(parent).Text(name).Step()) return 0;
  int64_t id = make.GetInt(0);
  make.Run();
  return id;
}

void Directories::Remember(int64_t id, int64_t parent, const RelPath& path) {
  if (path.str().size() > kRememberedPathBytesMax) return;
  if (known_.size() >= kRememberedMax) Forget();
  ids_[path.str()] = id;
  known_[id] = {path, parent};
}

void Directories::Forget() {
  ids_.clear();
  known_.clear();
}

void Directories::Undo() {
  Forget();
  changes_.clear();
}

RelPath Directories::PathOf(int64_t id) {
  if (id == kRoot) return {};
  auto known = known_.find(id);
  if (known != known_.end()) return known->second.path;

  // Upwards, then together from the top. Ids fall on the way up, so this ends.
  std::vector<std::string> names;
  int64_t first_parent = 0;
  size_t bytes = 0;
  for (int64_t at = id; at != kRoot;) {
    Statement read = db_.Use("SELECT parent, name FROM directories WHERE id = ?");
    if (!read.Int(at).Step()) {
      db_.FailCorrupt("a directory is missing");
      return {};
    }
    int64_t parent = read.GetInt(0);
    names.emplace_back(read.GetText(1));
    bytes += names.back().size() + 1;
    if (parent >= at || parent < kRoot || !RelPath::IsValidName(names.back()) ||
        bytes > RelPath::kPathBytesMax + 1) {
      db_.FailCorrupt("a directory makes no sense");
      return {};
    }
    if (first_parent == 0) first_parent = parent;
    at = parent;
  }
  RelPath path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) path = path.Child(*name);
  Remember(id, first_parent, path);
  return path;
}

int64_t Directories::ParentOf(int64_t id) {
  if (id == kRoot) return 0;
  auto known = known_.find(id);
  if (known != known_.end()) return known->second.parent;
  Statement read = db_.Use("SELECT parent FROM directories WHERE id = ?");
  int64_t parent = read.Int(id).Step() ? read.GetInt(0) : 0;
  if (parent < kRoot || parent >= id) {
    db_.FailCorrupt("a directory makes no sense");
    return 0;
  }
  return parent;
}

TreeDigest Directories::Digest(int64_t id) {
  Statement read = db_.Use("SELECT digest_high, digest_low, live FROM directories WHERE id = ?");
  if (!read.Int(id).Step()) return {};
  return {{read.GetU64(0), read.GetU64(1)}, read.GetU64(2)};
}

void Directories::Change::Apply(const Change& other) {
  sum = AddDigest(sum, other.sum);
  live += other.live;
}

void Directories::Add(int64_t dir, const ContentHash& term) {
  changes_[dir].Apply({term, 1});
}

void Directories::Subtract(int64_t dir, const ContentHash& term) {
  changes_[dir].Apply({SubDigest({}, term), ~uint64_t{0}});
}

void Directories::WriteDigests() {
  // From the greatest id down: a directory is written after everything below it has been added.
  while (!changes_.empty()) {
    auto last = std::prev(changes_.end());
    auto [id, change] = *last;
    changes_.erase(last);
    if (change.live == 0 && change.sum.is_zero()) continue;
    WriteDigest(id, change);
    int64_t parent = ParentOf(id);
    if (parent != 0) changes_[parent].Apply(change);
  }
}

void Directories::WriteDigest(int64_t id, const Change& change) {
  TreeDigest before = Digest(id);
  ContentHash sum = AddDigest(before.all, change.sum);
  db_.Use("UPDATE directories SET digest_high = ?, digest_low = ?, live = ? WHERE id = ?")
      .U64(sum.high)
      .U64(sum.low)
      .U64(before.entries + change.live)
      .Int(id)
      .Run();
}

void Directories::Prune(int64_t dir) {
  while (dir > kRoot && db_.ok()) {
    int64_t parent = 0;
    {
      Statement unused = db_.Use(
          "SELECT parent FROM directories AS d WHERE id = ?"
          " AND NOT EXISTS (SELECT 1 FROM entries WHERE directory = d.id)"
          " AND NOT EXISTS (SELECT 1 FROM directories WHERE parent = d.id)");
      if (!unused.Int(dir).Step()) return;
      parent = unused.GetInt(0);
    }
    db_.Use("DELETE FROM directories WHERE id = ?").Int(dir).Run();
    auto known = known_.find(dir);
    if (known != known_.end()) {
      ids_.erase(known->second.path.str());
      known_.erase(known);
    }
    dir = parent;
  }
}

}  // namespace atozsync
