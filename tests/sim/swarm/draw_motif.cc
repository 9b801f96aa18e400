#include "tests/sim/swarm/draw_motif.h"

#include "tests/sim/swarm/motif_writer.h"

namespace atozsync::swarm {

namespace {

class Motifs final : public MotifWriter {
 public:
  using MotifWriter::MotifWriter;

 private:
  void One() override {
    switch (random_.Below(12)) {
      case 0: return PowerAfterTouch();
      case 1:
      case 2: return CrashInSwap();
      case 3: return EditWhileRead();
      case 4: return IndexLostWithEdits();
      case 5: return JoinWithOther();
      case 6: return EditAgainstDeletion();
      case 7: return ThirdWriter();
      case 8: return CaseClash();
      case 9: return YearOverConflict();
      case 10: return LookWhileSwapped();
      default: return EditsOnBothSides();
    }
  }

  void PowerAfterTouch() {
    Do(StepKind::kTouch, a_, file_, Below(1'000), 0);
    Pause(30, 400);
    Do(StepKind::kPowerLoss, b_, 0, 0, 50);
    Do(StepKind::kStartAll, 0, 0, 0, 300);
  }

  void CrashInSwap() {
    static constexpr StepKind kChanges[] = {StepKind::kEdit, StepKind::kReplace, StepKind::kDelete,
                                            StepKind::kEdit, StepKind::kTouch};
    static constexpr StepKind kCrashes[] = {StepKind::kPowerLossAtCall, StepKind::kKillAtCall};
    bool conflict = random_.Chance(300);
    if (conflict) Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    Do(Either(kChanges), a_, file_, Below(1'000), 100);
    if (conflict) Do(StepKind::kEdit, b_, file_, Below(1'000), 100);
    Do(Either(kCrashes), b_, Below(14), 0, 0);
    Do(StepKind::kHealAll, 0, 0, 0, 0);
    steps_.back().pause_ms = 500;
    if (random_.Chance(300)) Do(StepKind::kPowerLossAtCall, b_, Below(8), 0, 0);
    Do(StepKind::kStartAll, 0, 0, 0, 500);
  }

  void EditWhileRead() {
    if (random_.Chance(300)) return WriteWithPauses();
    if (random_.Chance(500)) return EditAfterRead();
    Do(StepKind::kEditAtRead, b_, Below(2), Below(7), 0);
    Do(StepKind::kEdit, b_, file_, Below(1'000), 200);
  }

  // Pauses that are shorter than what counts as still.
  void WriteWithPauses() {
    scenario_.Set(Knob::kSettleMs, 500);
    Do(StepKind::kSlowWrite, b_, file_, Below(60), 1'500);
  }

  // The hint comes while the answer of the reader waits.
  void EditAfterRead() {
    scenario_.Set(Knob::kHintDelayMs, 1);
    scenario_.Set(Knob::kStallPermille, 100);
    scenario_.Set(Knob::kRescanSeconds, 600);
    for (int64_t times = random_.Between(1, 6); times > 0; --times) {
      Do(StepKind::kEditAtRead, b_, 0, 4 + Below(2), 0);
      Do(StepKind::kEdit, b_, Below(1'000), Below(1'000), 300);
    }
  }

  void IndexLostWithEdits() {
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    for (int64_t edits = random_.Chance(300) ? 10 : 1; edits > 0; --edits) {
      Do(StepKind::kEdit, a_, file_, Below(1'000), 60);
    }
    if (random_.Chance(500)) Do(StepKind::kEdit, b_, file_, Below(1'000), 100);
    Do(StepKind::kEdit, a_, file_, Below(1'000), 100);
    Do(StepKind::kLoseIndex, b_, 0, 0, 30);
    Do(StepKind::kHealAll, 0, 0, 0, 300);
  }

  void JoinWithOther() {
    Do(StepKind::kJoinWithOther, a_, Below(3), 0, 100);
    Do(StepKind::kEdit, a_, file_, Below(1'000), 100);
  }

  void EditAgainstDeletion() {
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    Do(StepKind::kDelete, a_, file_, 0, 200);
    Do(StepKind::kEdit, b_, file_, Below(1'000), 200);
    Do(StepKind::kHealAll, 0, 0, 0, 300);
  }

  void ThirdWriter() {
    static constexpr StepKind kChanges[] = {StepKind::kEdit, StepKind::kReplace, StepKind::kDelete};
    Do(StepKind::kEditAtCalls, b_, Below(4), Below(40), 0);
    Do(Either(kChanges), a_, file_, Below(1'000), 300);
  }

  void CaseClash() {
    uint32_t dir = Below(5);
    bool dirs = random_.Chance(300);
    Do(StepKind::kWrite, a_, dirs ? 1 : dir, Below(40), 100);
    Do(StepKind::kWrite, b_, dirs ? 6 : dir + 7 * 5, Below(40), 500);
    if (random_.Chance(300)) Do(StepKind::kKill, b_, 0, 0, 50);
    Do(StepKind::kStartAll, 0, 0, 0, 600);
  }

  void YearOverConflict() {
    EditsOnBothSides();
    Do(StepKind::kWait, 0, 0, 0, 1'000);
    Do(StepKind::kAYearPasses, a_, 0, 0, 0);
    Do(StepKind::kHealAll, 0, 0, 0, 500);
    for (uint32_t node : {a_, b_}) Do(StepKind::kKill, node, 0, 0, 0);
    Do(StepKind::kStartAll, 0, 0, 0, 1'000);
  }

  void LookWhileSwapped() {
    Do(StepKind::kEdit, a_, file_, Below(1'000), 30);
    for (int64_t looks = random_.Between(2, 8); looks > 0; --looks) {
      Do(StepKind::kResync, b_, 0, 0, 12);
    }
  }

  // One of them with a time that says the contrary of which was later.
  void EditsOnBothSides() {
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    Do(StepKind::kEdit, a_, file_, Below(1'000), 200);
    if (random_.Chance(400)) Do(StepKind::kTouch, a_, file_, 900 + Below(100), 100);
    Do(StepKind::kEdit, b_, file_, Below(1'000), 200);
    if (random_.Chance(400)) Do(StepKind::kTouch, b_, file_, Below(100), 100);
    Do(StepKind::kHealAll, 0, 0, 0, 300);
  }
};

}  // namespace

bool HasMotifs(uint64_t seed) {
  return seed % 5 == 1;
}

void AddMotifs(Scenario& scenario, SimRandom random) {
  Motifs(scenario, std::move(random)).Add();
}

}  // namespace atozsync::swarm
