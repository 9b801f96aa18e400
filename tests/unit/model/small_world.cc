#include "tests/unit/model/small_world.h"

#include <algorithm>

#include "tests/unit/model/model_builders.h"

namespace atozsync {

namespace {

constexpr std::array<const char*, 5> kStepNames = {"writes", "writes the shared content", "deletes",
                                                   "makes a directory", "sets the time"};

uint32_t Bit(uint32_t content) {
  return uint32_t{1} << content;
}

// Contents have their number as hash.
uint32_t ContentOf(const FileVersion& version) {
  return static_cast<uint32_t>(version.hash.high);
}

uint32_t BitOf(const FileVersion& version) {
  return version.kind == VersionKind::kFile ? Bit(ContentOf(version)) : 0;
}

AuthorId AuthorOf(size_t replica) {
  return (replica + 1) << 32;
}
uint32_t MemberOf(size_t replica) {
  return ReplicaPrefixOf(AuthorOf(replica));
}

uint32_t FreshContent(size_t replica, uint64_t counter) {
  return static_cast<uint32_t>(replica * 8 + counter);
}

void Put(uint64_t number, std::string& key) {
  do {  // small numbers in one byte
    key.push_back(static_cast<char>((number & 0x7f) | (number > 0x7f ? 0x80 : 0)));
    number >>= 7;
  } while (number != 0);
}

void Put(const FileVersion& version, std::string& key) {
  Put(static_cast<uint64_t>(version.kind), key);
  Put(version.hash.high, key);
  Put(version.dot.author >> 32, key);
  Put(version.dot.counter, key);
  Put(version.hlc, key);
  Put(static_cast<uint64_t>(version.mtime_ns), key);
  for (size_t i = 0; i < kReplicas; ++i) Put(version.vector.CounterOf(AuthorOf(i)), key);
  Put(version.chain.size(), key);
  for (const ContentHash& hash : version.chain) Put(hash.high, key);
  for (const auto* members : {&version.known_by, &version.complete_by}) {
    uint64_t bits = 0;
    for (uint32_t member : *members) bits |= uint64_t{1} << member;
    Put(bits, key);
  }
}

std::string KeyOf(const World& world) {
  std::string key;
  for (const World::Replica& replica : world.replicas) {
    key.push_back(static_cast<char>(replica.has_row));
    if (replica.has_row) Put(replica.row, key);
    Put(replica.steps_left, key);
    if (replica.steps_left > 0) Put(replica.clock, key);
    if (replica.steps_left > 0) Put(replica.counter, key);
    Put(replica.heard, key);
  }
  for (uint32_t bits :
       {world.written, world.replaced, world.overtaken, world.lost, world.decided_content}) {
    Put(bits, key);
  }
  for (bool flag : {world.decided, world.disputed, world.disputed_when_decided}) {
    key.push_back(static_cast<char>(flag));
  }
  key.push_back(static_cast<char>(world.decided_kind));
  return key;
}

// The two look the same in the folder and, where both have a row, in its history.
bool Agree(const World::Replica& a, const World::Replica& b) {
  bool a_live = a.has_row && a.row.exists();
  bool b_live = b.has_row && b.row.exists();
  if (a_live != b_live) return false;
  if (a.has_row && b.has_row && a.row.vector != b.row.vector) return false;
  return !a_live || (a.row.SameContent(b.row) && a.row.mtime_ns == b.row.mtime_ns);
}

bool Agree(const World& world) {
  return Agree(world.replicas[0], world.replicas[1]) && Agree(world.replicas[0], world.replicas[2]);
}

// Nobody knows of a change that another does not know. A deletion that was forgotten was known.
bool AllKnowAll(const World& world) {
  for (const World::Replica& a : world.replicas) {
    for (const World::Replica& b : world.replicas) {
      bool unknown = a.has_row && !b.has_row && a.row.complete_by.size() < kReplicas;
      if (unknown || !Agree(a, b)) return false;
    }
  }
  return true;
}

}  // namespace

SmallWorld::SmallWorld(WorldOptions options) : options_(std::move(options)) {}

WorldReport SmallWorld::Explore() {
  World world;
  for (size_t i = 0; i < kReplicas; ++i) {
    world.replicas[i].steps_left = options_.steps[i];
    world.replicas[i].clock = options_.clocks[i];
    if (!options_.base) continue;
    world.replicas[i].row =
        File(kBaseContent, VersionVector().With(AuthorOf(0), 1), {AuthorOf(0), 1}, 1);
    world.replicas[i].has_row = true;
    world.replicas[i].heard = (1u << kReplicas) - 1;
  }
  if (options_.base) {
    world.replicas[0].counter = 1;
    world.written = Bit(kBaseContent);
  }
  Visit(world);
  return report_;
}

void SmallWorld::Go(const World& next, std::string action) {
  trail_.push_back(std::move(action));
  Visit(next);
  trail_.pop_back();
}

void SmallWorld::Visit(const World& world) {
  if (report_.failures.size() >= kFailuresMax) return;
  std::string key = KeyOf(world);
  if (on_the_way_.count(key) != 0) {
    Fail(world, "it goes round in circles");
    return;
  }
  if (done_.count(key) != 0) return;
  if (++report_.states > options_.states_max) {
    Fail(world, "more states than expected");
    return;
  }
  on_the_way_.insert(key);
  bool steps_left = false;
  bool quiet = true;
  auto name = [](size_t replica) { return std::string(1, static_cast<char>('A' + replica)); };
  for (size_t i = 0; i < kReplicas; ++i) {
    const World::Replica& replica = world.replicas[i];
    if (replica.steps_left == 0) continue;
    steps_left = true;
    for (Step step : options_.step_kinds) {
      if (!Possible(replica, step)) continue;
      World next = world;
      MakeStep(next, i, step);
      Go(next, name(i) + " " + kStepNames[static_cast<size_t>(step)]);
    }
    World next = world;  // or it does less than it might
    --next.replicas[i].steps_left;
    Go(next, name(i) + " rests");
  }
  bool may_exchange = !(options_.offline_first && steps_left);
  for (size_t i = 0; i < kReplicas && may_exchange; ++i) {
    for (size_t j = 0; j < kReplicas; ++j) {
      World next = world;
      if (i == j || !Exchange(next, i, j)) continue;
      quiet = false;
      Go(next, name(i) + " hears " + name(j));
    }
    if (!CanForget(world, i)) continue;
    quiet = false;
    World next = world;
    next.replicas[i].has_row = false;
    next.replicas[i].row = FileVersion();
    ++report_.forgotten;
    Go(next, name(i) + " forgets");
  }
  if (quiet && !steps_left) CheckQuiet(world);
  on_the_way_.erase(key);
  done_.insert(std::move(key));
}

bool SmallWorld::Possible(const World::Replica& replica, Step step) {
  VersionKind there = replica.has_row ? replica.row.kind : VersionKind::kTombstone;
  switch (step) {
    case Step::kWrite:
    case Step::kWriteShared: return true;
    case Step::kDelete: return there != VersionKind::kTombstone;
    case Step::kMakeDir: return there != VersionKind::kDir;
    case Step::kTouch: return there == VersionKind::kFile;
  }
  return false;
}

void SmallWorld::SetRow(World& world, size_t at, FileVersion row) {
  World::Replica& replica = world.replicas[at];
  if (options_.gossip && !row.exists()) {
    row.known_by = JoinMembers(row.known_by, {MemberOf(at)});
    if (row.known_by.size() == kReplicas) {
      row.complete_by = JoinMembers(row.complete_by, {MemberOf(at)});
    }
  }
  if (replica.has_row && replica.row == row) return;
  replica.row = std::move(row);
  replica.has_row = true;
  for (World::Replica& other : world.replicas) other.heard &= ~(1u << at);
}

void SmallWorld::MakeStep(World& world, size_t at, Step step) {
  World::Replica& replica = world.replicas[at];
  bool agreed = AllKnowAll(world);
  uint32_t content = step == Step::kWriteShared ? kSharedContent
                     : step == Step::kTouch     ? ContentOf(replica.row)
                                                : FreshContent(at, replica.counter);
  ++replica.counter;
  --replica.steps_left;
  FileVersion next = File(content, {}, {}, 0);
  if (step == Step::kDelete || step == Step::kMakeDir) next = FileVersion();
  if (step == Step::kMakeDir) next.kind = VersionKind::kDir;
  next.hlc = ++replica.clock;
  next.dot = {AuthorOf(at), replica.counter};
  if (next.kind == VersionKind::kFile) next.mtime_ns = static_cast<int64_t>(at);
  if (step == Step::kTouch) next.mtime_ns = static_cast<int64_t>(content + 64 * (at + 1));
  VersionVector seen;
  if (replica.has_row) {
    const FileVersion& old = replica.row;
    seen = old.vector;
    next.chain = old.SameContent(next) ? old.chain : ChainAfter(old);
    if (step == Step::kTouch) next.dot = DotAfter(old, next);
    if (!old.SameContent(next)) world.replaced |= BitOf(old);
  }
  for (size_t i = 0; i < kReplicas; ++i) {
    for (uint64_t counter = 1; counter <= seen.CounterOf(AuthorOf(i)); ++counter) {
      world.overtaken |= Bit(FreshContent(i, counter - 1));
    }
  }
  if (seen.CounterOf(AuthorOf(0)) > 0 && options_.base) world.overtaken |= Bit(kBaseContent);
  if (step == Step::kTouch) world.overtaken &= ~Bit(content);
  next.vector = seen.With(AuthorOf(at), replica.counter);
  world.written |= BitOf(next);
  world.decided = agreed;
  world.decided_kind = agreed ? next.kind : VersionKind::kTombstone;
  world.decided_content = agreed ? ContentOf(next) : 0;  // of what is no file: 0
  world.disputed_when_decided = agreed && world.disputed;
  SetRow(world, at, std::move(next));
}

bool SmallWorld::Exchange(World& world, size_t listener, size_t speaker) {
  World::Replica& ours = world.replicas[listener];
  const World::Replica& theirs = world.replicas[speaker];
  if (!theirs.has_row) return false;
  if (options_.gossip && (ours.heard & (1u << speaker)) != 0) return false;
  World before = world;
  FileVersion remote = theirs.row;
  if (ours.steps_left > 0) ours.clock = std::max(ours.clock, remote.hlc);
  LocalView local{ours.has_row ? &ours.row : nullptr, false};
  ReconcileContext context;
  context.remote_is_forgotten = remote.complete_by.size() == kReplicas;
  Decision decision = Reconcile(local, remote, context);
  FileVersion was = ours.row;
  world.disputed = world.disputed || decision.outcome == Outcome::kConflictTake ||
                   decision.outcome == Outcome::kConflictKeep;
  switch (decision.outcome) {
    case Outcome::kIgnore:
    case Outcome::kKeep: break;
    case Outcome::kTake: SetRow(world, listener, remote); break;
    case Outcome::kConflictTake: world.lost |= BitOf(was); [[fallthrough]];
    case Outcome::kAdopt:
    case Outcome::kTakeMerged:
    case Outcome::kKeepMerged:
      SetRow(world, listener, ResultingVersion(was, remote, decision.outcome));
      break;
    case Outcome::kConflictKeep:
      world.lost |= BitOf(remote);
      SetRow(world, listener, ResultingVersion(was, remote, decision.outcome));
      break;
  }
  if (options_.gossip) {
    ours.heard |= 1u << speaker;
    return true;
  }
  for (World::Replica& replica : world.replicas) replica.heard = 0;
  return KeyOf(world) != KeyOf(before);
}

bool SmallWorld::CanForget(const World& world, size_t at) const {
  const World::Replica& replica = world.replicas[at];
  if (!options_.gossip || !replica.has_row || replica.row.complete_by.size() < kReplicas) {
    return false;
  }
  for (size_t i = 0; i < kReplicas; ++i) {
    if (i != at && (world.replicas[i].heard & (1u << at)) == 0) return false;
  }
  return true;
}

void SmallWorld::CheckQuiet(const World& world) {
  ++report_.quiet;
  if (world.disputed) ++report_.with_conflicts;
  if (!Agree(world)) {
    Fail(world, "the replicas do not agree");
    return;
  }
  const World::Replica& end = world.replicas[0];
  bool live = end.has_row && end.row.exists();
  uint32_t standing = live ? BitOf(end.row) : 0;
  if ((world.written & ~(standing | world.replaced | world.lost)) != 0) {
    Fail(world, "a content that nobody replaced is neither here nor logged");
  }
  uint32_t once = ~(Bit(kSharedContent));  // the shared one may have been written again
  // Where three differ, what lost to one may win over another: a person sees that in the records.
  if ((standing & world.overtaken & once) != 0 && !world.disputed) {
    Fail(world, "an old content came back in silence");
  }
  if (!world.decided) return;
  VersionKind kind = live ? end.row.kind : VersionKind::kTombstone;
  bool as_decided =
      kind == world.decided_kind && (!live || ContentOf(end.row) == world.decided_content);
  if (!as_decided) Fail(world, "a change made where all agreed did not prevail");
  if (world.disputed != world.disputed_when_decided) {
    Fail(world, "a conflict where nobody disagreed");
  }
}

void SmallWorld::Fail(const World& world, const std::string& what) {
  std::string text = what + " after:";
  for (const std::string& action : trail_) text += " " + action + ",";
  for (const World::Replica& replica : world.replicas) {
    text += "\n  " + (replica.has_row ? Text(replica.row) : std::string("nothing"));
  }
  if (report_.failures.size() < kFailuresMax) report_.failures.push_back(std::move(text));
}

}  // namespace atozsync
