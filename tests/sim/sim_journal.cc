#include <algorithm>
#include <utility>

#include "tests/sim/sim_inode.h"

namespace atozsync {
namespace {

// Nodes are told apart by number: a reused number is the same place on the disk, so the new owner's
// creation depends on the old one's removal.
bool SameNode(const SimInodePtr& a, const SimInodePtr& b) {
  return a != nullptr && b != nullptr && a->number == b->number;
}

// The node that a slot is about.
const SimInodePtr& SubjectOf(const SimJournalOp::Slot& slot) {
  return slot.after != nullptr ? slot.after : slot.before;
}

bool SlotsDepend(const SimJournalOp::Slot& later, const SimJournalOp::Slot& earlier) {
  if (later.dir == earlier.dir && later.name == earlier.name) return true;
  for (const SimInodePtr& node : {earlier.before, earlier.after}) {
    if (SameNode(node, later.before) || SameNode(node, later.after)) return true;
    if (SameNode(node, later.dir)) return true;  // the directory had to be made or moved first
  }
  // A directory is removed when it is empty: all that happened in it came before.
  return later.before != nullptr && later.after == nullptr && SameNode(later.before, earlier.dir);
}

}  // namespace

bool SimJournalOp::moves_directory() const {
  if (slots.size() < 2) return false;
  for (const Slot& slot : slots) {
    if (SubjectOf(slot)->kind == NodeKind::kDir) return true;
  }
  return false;
}

bool SimJournalOp::Touches(const SimInode& dir) const {
  for (const Slot& slot : slots) {
    if (slot.dir.get() == &dir) return true;
  }
  return false;
}

bool SimJournalOp::DependsOn(const SimJournalOp& earlier) const {
  // Moves of directories keep their order: out of order they could make a ring.
  if (moves_directory() && earlier.moves_directory()) return true;
  for (const Slot& slot : slots) {
    for (const Slot& other : earlier.slots) {
      if (SlotsDepend(slot, other)) return true;
    }
  }
  return false;
}

void SimJournalOp::ApplyToDurable() const {
  for (const Slot& slot : slots) {
    if (slot.after == nullptr) {
      slot.dir->durable_entries.erase(slot.name);
    } else {
      slot.dir->durable_entries[slot.name] = slot.after;
      slot.after->durable_ctime_ns = slot.ctime_ns;
    }
  }
}

void SimJournal::Add(SimJournalOp op) {
  ops_.push_back({next_sequence_++, std::move(op)});
  if (ops_.size() <= kPendingMax) return;
  std::vector<bool> keep(ops_.size(), false);
  for (size_t i = 0; i < kPendingMax / 2; ++i) keep[i] = true;
  Commit(std::move(keep));
}

void SimJournal::SyncDir(const SimInode& dir) {
  std::vector<bool> keep(ops_.size(), false);
  for (size_t i = 0; i < ops_.size(); ++i) keep[i] = ops_[i].op.Touches(dir);
  Commit(std::move(keep));
}

void SimJournal::SyncNewest() {
  if (ops_.empty()) return;
  std::vector<bool> keep(ops_.size(), false);
  keep.back() = true;
  Commit(std::move(keep));
}

void SimJournal::SyncAll() {
  Commit(std::vector<bool>(ops_.size(), true));
}

void SimJournal::Crash(SimRandom& random) {
  std::vector<bool> keep(ops_.size(), false);
  const uint64_t taste = random.Below(4);
  if (taste == 0) {  // nothing more than was asked for
  } else if (taste == 1) {
    const uint64_t prefix = random.Below(ops_.size() + 1);
    for (size_t i = 0; i < ops_.size(); ++i) {
      keep[i] = i < prefix || ops_[i].sequence <= last_synced_;
    }
  } else {
    const uint32_t permille = static_cast<uint32_t>(random.Between(0, 1000));
    for (size_t i = 0; i < ops_.size(); ++i) keep[i] = random.Chance(permille);
  }
  Commit(std::move(keep));
  ops_.clear();
}

void SimJournal::Commit(std::vector<bool> keep) {
  for (size_t i = ops_.size(); i-- > 0;) {
    if (!keep[i]) continue;
    for (size_t j = 0; j < i; ++j) {
      if (!keep[j]) keep[j] = ops_[i].op.DependsOn(ops_[j].op);
    }
  }
  std::vector<Pending> left;
  for (size_t i = 0; i < ops_.size(); ++i) {
    if (keep[i]) {
      ops_[i].op.ApplyToDurable();
      last_synced_ = std::max(last_synced_, ops_[i].sequence);
    } else {
      left.push_back(std::move(ops_[i]));
    }
  }
  ops_ = std::move(left);
}

}  // namespace atozsync
