#include "tests/sim/small_world.h"

#include <gtest/gtest.h>

#include <iostream>

#include "tests/sim/checkers.h"

namespace atozsync {

namespace {

constexpr char kDir[] = "d";
constexpr char kInside[] = "d/f";
constexpr char kBeside[] = "g";
constexpr char kShared[] = "the same from everybody";
constexpr uint64_t kSeed = 5;

std::vector<std::string> Names(size_t replicas) {
  std::vector<std::string> names = {"A", "B", "C"};
  names.resize(replicas);
  return names;
}

bool Related(const std::string& a, const std::string& b) {
  return a == b || a.starts_with(b + "/") || b.starts_with(a + "/");
}

const TreeNode* At(const Tree& tree, const std::string& path) {
  auto at = tree.find(path);
  return at == tree.end() ? nullptr : &at->second;
}

bool Same(const TreeNode* a, const TreeNode* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

bool SameBytes(const TreeNode* a, const TreeNode* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->kind == b->kind && a->content == b->content;
}

}  // namespace

std::string Describe(const SmallStep& step) {
  switch (step.kind) {
    case SmallStepKind::kWrite: return step.who + " writes " + step.path;
    case SmallStepKind::kWriteShared: return step.who + " writes the shared " + step.path;
    case SmallStepKind::kDelete: return step.who + " deletes " + step.path;
    case SmallStepKind::kTouch: return step.who + " touches " + step.path;
    case SmallStepKind::kMakeDir: return step.who + " makes the directory " + step.path;
    case SmallStepKind::kRename: return step.who + " renames " + step.path + " to " + step.to;
    case SmallStepKind::kMeet: return step.who + " and " + step.path + " meet";
  }
  return "unknown";
}

std::vector<SmallStep> AllSmallSteps(size_t replicas) {
  std::vector<SmallStep> all;
  std::vector<std::string> names = Names(replicas);
  for (size_t i = 0; i < replicas; ++i) {
    const std::string& who = names[i];
    for (const char* path : {kDir, kInside, kBeside}) {
      for (auto kind : {SmallStepKind::kWrite, SmallStepKind::kDelete, SmallStepKind::kTouch}) {
        all.push_back({kind, who, path, ""});
      }
    }
    all.push_back({SmallStepKind::kWriteShared, who, kBeside, ""});
    for (const char* path : {kDir, kBeside}) {
      all.push_back({SmallStepKind::kMakeDir, who, path, ""});
    }
    all.push_back({SmallStepKind::kRename, who, kDir, kBeside});
    all.push_back({SmallStepKind::kRename, who, kBeside, kDir});
    all.push_back({SmallStepKind::kRename, who, kInside, kBeside});
    all.push_back({SmallStepKind::kRename, who, kBeside, kInside});
    for (size_t j = i + 1; j < replicas; ++j) {
      all.push_back({SmallStepKind::kMeet, who, names[j], ""});
    }
  }
  return all;
}

SmallHistory::SmallHistory(const SmallWorldKind& kind, std::vector<SmallStep> steps)
    : kind_(kind), steps_(std::move(steps)), c_(kSeed, Names(kind.replicas)) {}

std::optional<size_t> SmallHistory::Run() {
  if (kind_.base) {
    c_.Write("A", kInside, "inside");
    c_.Write("A", kBeside, "beside");
  }
  for (const char* path : {kInside, "g/f"}) c_.AllowPath(path);  // a directory's rename moves it
  c_.StartAll();
  EXPECT_TRUE(c_.Settle());
  c_.RunFor(100);
  epoch_.before = c_.node("A").files().UserTree();
  for (auto& [a, node] : c_.nodes()) {
    for (auto& [b, other] : c_.nodes()) {
      if (a < b) c_.Partition(a, b);
    }
  }
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!Make(steps_[i], i)) return i;
    if (testing::Test::HasFailure()) return std::nullopt;
  }
  MeetAll();
  ExpectConverged(c_);
  return std::nullopt;
}

bool SmallHistory::MakesSense(const SmallStep& step) {
  Tree tree = c_.node(step.who).files().UserTree();
  const TreeNode* there = At(tree, step.path);
  auto makeable = [&](const std::string& path) {  // nothing above it is a file
    const TreeNode* above = path == kInside ? At(tree, kDir) : nullptr;
    return above == nullptr || above->kind == NodeKind::kDir;
  };
  bool file = there != nullptr && there->kind == NodeKind::kFile;
  switch (step.kind) {
    case SmallStepKind::kWrite:
    case SmallStepKind::kWriteShared: return makeable(step.path) && (there == nullptr || file);
    case SmallStepKind::kDelete: return there != nullptr;
    case SmallStepKind::kTouch: return file;
    case SmallStepKind::kMakeDir: return there == nullptr;
    case SmallStepKind::kMeet: return true;
    case SmallStepKind::kRename: break;
  }
  const TreeNode* target = At(tree, step.to);
  return there != nullptr && makeable(step.to) &&
         (target == nullptr || (file && target->kind == NodeKind::kFile));
}

bool SmallHistory::Make(const SmallStep& step, size_t number) {
  if (step.kind == SmallStepKind::kMeet) {
    Meet(step.who, step.path);
    return true;
  }
  if (!MakesSense(step)) return false;
  ++epoch_.touched[step.who][step.path];
  if (!step.to.empty()) ++epoch_.touched[step.who][step.to];
  epoch_.shared = epoch_.shared || step.kind == SmallStepKind::kWriteShared;
  switch (step.kind) {
    case SmallStepKind::kWrite:
      c_.Write(step.who, step.path, step.who + " in step " + std::to_string(number));
      break;
    case SmallStepKind::kWriteShared: c_.Write(step.who, step.path, kShared); break;
    case SmallStepKind::kDelete: c_.Delete(step.who, step.path); break;
    case SmallStepKind::kTouch:
      c_.Touch(step.who, step.path, static_cast<int64_t>(1'000'000'000 + number) * kSecond);
      break;
    case SmallStepKind::kMakeDir: c_.MakeDir(step.who, step.path); break;
    case SmallStepKind::kRename: c_.Rename(step.who, step.path, step.to); break;
    case SmallStepKind::kMeet: break;
  }
  for (const auto& [path, node] : c_.node(step.who).files().UserTree()) {
    epoch_.had[step.who][path].insert(node.content);
  }
  if (kind_.hasty) {
    c_.RunFor(1);  // no two steps at the same time
  } else {
    EXPECT_TRUE(c_.Settle());
  }
  return true;
}

void SmallHistory::MeetAll() {
  if (kind_.replicas == 2) {
    Meet("A", "B");
  } else {
    bool quiet = Unrelated();
    c_.HealAll();
    EXPECT_TRUE(c_.Settle());
    EXPECT_TRUE(!quiet || c_.node("A").index().Conflicts().empty()) << "nobody disagreed";
  }
  c_.HealAll();
}

void SmallHistory::Meet(const std::string& a, const std::string& b) {
  EXPECT_TRUE(c_.Settle());
  std::map<std::string, Tree> before;
  std::set<ContentHash> known;
  for (const std::string& name : {a, b}) {
    before[name] = c_.node(name).files().UserTree();
    for (const ConflictRecord& record : c_.node(name).index().Conflicts()) known.insert(record.id);
  }
  c_.Heal(a, b);
  c_.RunFor(2'500);  // beyond the pause between two tries to connect
  EXPECT_TRUE(c_.Settle());
  EXPECT_EQ(c_.node(a).files().UserTree(), c_.node(b).files().UserTree());
  if (kind_.replicas == 2) {
    CheckMeeting(before, known);
    epoch_ = {c_.node(a).files().UserTree(), {}, {}, false};
  }
  c_.Partition(a, b);
}

// No two replicas changed the same name, or names in each other's way.
bool SmallHistory::Unrelated() const {
  for (const auto& [a, mine] : epoch_.touched) {
    for (const auto& [b, others] : epoch_.touched) {
      for (const auto& [one, times] : mine) {
        for (const auto& [other, other_times] : others) {
          if (a != b && Related(one, other)) return false;
        }
      }
    }
  }
  return true;
}

void SmallHistory::CheckMeeting(const std::map<std::string, Tree>& before,
                                const std::set<ContentHash>& known) {
  std::set<std::string> disputed;
  for (const ConflictRecord& record : c_.node("A").index().Conflicts()) {
    if (!known.contains(record.id)) disputed.insert(record.path.str());
  }
  const Tree& a = before.at("A");
  const Tree& b = before.at("B");
  if (!Unrelated()) {
    for (const auto& [path, times] : epoch_.touched["A"]) {
      CheckPath(path, a, b, disputed.contains(path));
    }
    return;
  }
  EXPECT_TRUE(disputed.empty()) << "a conflict where nobody disagreed: " << *disputed.begin();
  // Three-way: what one side changed, both have.
  Tree after = c_.node("A").files().UserTree();
  std::set<std::string> paths;
  for (const Tree* tree : {&a, &b, &std::as_const(epoch_.before), &std::as_const(after)}) {
    for (const auto& [path, node] : *tree) paths.insert(path);
  }
  for (const std::string& path : paths) {
    const TreeNode* base = At(epoch_.before, path);
    bool a_changed = !Same(At(a, path), base);
    const TreeNode* expected = a_changed ? At(a, path) : At(b, path);
    EXPECT_TRUE(Same(At(after, path), expected)) << path << " is not as its user left it";
  }
}

// Both changed something around `path`. Where they changed exactly this file and nothing above or
// below it, it is known whether that is a conflict.
void SmallHistory::CheckPath(const std::string& path, const Tree& a, const Tree& b, bool conflict) {
  if (epoch_.shared) return;
  for (const auto& [who, touched] : epoch_.touched) {
    for (const auto& [other, times] : touched) {
      if (other != path && Related(other, path)) return;
    }
  }
  if (!epoch_.touched["B"].contains(path)) return;
  const TreeNode* base = At(epoch_.before, path);
  const TreeNode* mine = At(a, path);
  const TreeNode* theirs = At(b, path);
  auto file = [](const TreeNode* node) { return node != nullptr && node->kind == NodeKind::kFile; };
  bool files_only = (mine == nullptr || file(mine)) && (theirs == nullptr || file(theirs)) &&
                    (base == nullptr || file(base));
  bool both_changed = !SameBytes(mine, base) && !SameBytes(theirs, base);
  if (!files_only || !both_changed) return;
  // One of them has had what the other one has, and replaced it: it is the newer one.
  auto passed = [&](const char* who, const TreeNode* node) {
    return node != nullptr && epoch_.had[who][path].contains(node->content);
  };
  bool differ = !SameBytes(mine, theirs);
  if (differ && (passed("A", theirs) || passed("B", mine))) return;
  // What stood there in between was under way already, and met what the other one has.
  if (!differ && epoch_.touched["A"][path] + epoch_.touched["B"][path] > 2) return;
  EXPECT_EQ(conflict, differ) << path << (differ ? ": two different changes" : ": equal changes");
}

namespace {

// Renaming the replicas gives the same history: the first one to do anything is A, of the others
// the first one is B. A meeting before anything was done changes nothing, nor do two in a row.
bool Canonical(const std::vector<SmallStep>& steps) {
  std::string next = "A";
  bool met = true;
  for (const SmallStep& step : steps) {
    if (step.kind == SmallStepKind::kMeet) {
      bool known = step.who < next && step.path <= next;
      if (met || !known) return false;
      if (step.path == next) ++next[0];
      met = true;
      continue;
    }
    if (step.who > next) return false;
    if (step.who == next) ++next[0];
    met = false;
  }
  return true;
}

}  // namespace

SmallWorldCount RunAllHistories(const SmallWorldKind& kind, uint64_t stride) {
  SmallWorldCount count;
  std::vector<SmallStep> all = AllSmallSteps(kind.replicas);
  std::vector<size_t> digits(kind.steps, 0);
  uint64_t number = 0;
  while (true) {
    std::vector<SmallStep> steps;
    for (size_t digit : digits) steps.push_back(all[digit]);
    size_t advance = kind.steps - 1;
    if (Canonical(steps) && number++ % stride == 0) {
      std::string text = kind.base ? "with a base" : "from nothing";
      if (kind.hasty) text += ", hasty";
      for (const SmallStep& step : steps) text += ", " + Describe(step);
      SCOPED_TRACE(text);
      SmallHistory history(kind, steps);
      std::optional<size_t> impossible = history.Run();
      if (impossible) advance = *impossible;
      if (!impossible) ++count.histories;
      if (testing::Test::HasFailure()) {
        std::cerr << "history: " << text << "\n";
        return count;
      }
    }
    for (size_t i = advance + 1; i < kind.steps; ++i) digits[i] = 0;
    size_t at = advance + 1;
    while (at > 0 && ++digits[at - 1] == all.size()) {
      digits[at - 1] = 0;
      --at;
    }
    if (at == 0) return count;
  }
}

}  // namespace atozsync
