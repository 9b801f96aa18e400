// Motifs round what hardly ever happens, in seeds of their own.
#include "tests/sim/swarm/draw_motif.h"
#include "tests/sim/swarm/motif_writer.h"

namespace atozsync::swarm {

namespace {

class RareMotifs final : public MotifWriter {
 public:
  using MotifWriter::MotifWriter;

 private:
  void One() override {
    switch (random_.Below(14)) {
      case 0: return KindsOnBothSides();
      case 1: return KindChanges();
      case 12: return FileTakesFolder();
      case 13: return PlacedThenLost();
      case 2:
      case 3:
      case 4: return EditAndCrash();
      case 5: return IgnoredInFolder();
      case 6: return LargeFile();
      case 7: return RottenBit();
      case 8: return KindsWithoutIndex();
      case 9: return MadeAfterDeletion();
      case 10: return Paused();
      default: return NameTaken();
    }
  }

  void ChangeKind(uint32_t node, uint32_t dir) {
    if (random_.Chance(500)) {
      Do(StepKind::kFileForFolder, node, dir, Below(40), 200);
    } else {
      Do(StepKind::kFolderForFile, node, file_, Below(40), 200);
    }
  }

  void KindsOnBothSides() {
    uint32_t dir = Below(7);
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    ChangeKind(a_, dir);
    switch (random_.Below(4)) {
      case 0: Do(StepKind::kEdit, b_, file_, Below(1'000), 200); break;
      case 1: Do(StepKind::kMakeFolder, b_, dir, 0, 200); break;
      case 2: Do(StepKind::kWrite, b_, dir + 7 * Below(5), Below(40), 200); break;
      default: ChangeKind(b_, dir);
    }
    Do(StepKind::kHealAll, 0, 0, 0, 500);
  }

  void KindChanges() {
    static constexpr StepKind kTroubles[] = {StepKind::kFailCall, StepKind::kPowerLossAtCall,
                                             StepKind::kKillAtCall, StepKind::kFileInTheWay};
    uint32_t dir = Below(7);
    if (random_.Chance(500)) Do(StepKind::kWrite, a_, dir, Below(40), 800);
    if (random_.Chance(700)) Do(Either(kTroubles), b_, Below(9), Below(40), 0);
    ChangeKind(a_, dir);
    Pause(100, 800);
    if (random_.Chance(500)) ChangeKind(a_, dir);
    Do(StepKind::kStartAll, 0, 0, 0, 500);
  }

  // A folder has to go for a file, which then cannot be placed.
  void FileTakesFolder() {
    uint32_t dir = 2 + Below(3);
    Do(StepKind::kWrite, a_, dir, Below(40), 0);
    Pause(600, 1'200);
    Do(random_.Chance(500) ? StepKind::kFileInTheWay : StepKind::kFailCall, b_, Below(2) * 3,
       Below(40), 0);
    Do(StepKind::kFileForFolder, a_, dir, Below(40), 0);
    Pause(300, 900);
  }

  // The power takes a new file back, not what a program wrote to it; and the name is made anew.
  void PlacedThenLost() {
    uint32_t name = Below(35);
    Do(StepKind::kDeleteNamed, a_, name, 0, 0);
    Pause(500, 1'500);
    Do(StepKind::kEditAndCrash, b_, 1, 4 + Below(2), 0);
    Do(StepKind::kWrite, a_, name, Below(40), 0);
    Pause(300, 900);
    if (random_.Chance(700)) Do(StepKind::kWrite, b_, name, Below(40), 20);
    Do(StepKind::kStartAll, 0, 0, 0, 800);
  }

  void EditAndCrash() {
    static constexpr StepKind kChanges[] = {StepKind::kEdit, StepKind::kReplace, StepKind::kDelete};
    uint32_t name = Below(35);
    bool fresh = random_.Chance(400);
    if (fresh) Do(StepKind::kDeleteNamed, a_, name, 0, 0);
    if (fresh) Pause(500, 1'500);
    if (random_.Chance(300)) {
      // Into what was replaced and is kept by then.
      Do(StepKind::kEditAndCrash, b_, random_.Chance(500) ? 11 : 20, Below(6), 0);
    } else {
      Do(StepKind::kEditAndCrash, b_, Below(36), Below(12), 0);
    }
    if (fresh) {
      Do(StepKind::kWrite, a_, name, Below(40), 0);
    } else {
      Do(Either(kChanges), a_, file_, Below(1'000), 0);
    }
    Pause(300, 900);
    if (fresh && random_.Chance(500)) Do(StepKind::kWrite, b_, name, Below(40), 20);
    Do(StepKind::kStartAll, 0, 0, 0, 800);
  }

  void IgnoredInFolder() {
    uint32_t dir = Below(7);
    Do(StepKind::kLeaveIgnored, b_, dir, 0, 300);
    if (random_.Chance(300)) {
      Do(StepKind::kFileForFolder, a_, dir, Below(40), 500);
    } else {
      Do(StepKind::kDeleteFolder, a_, dir, 0, 500);
    }
  }

  // Long on its way, and cut off more than once.
  void LargeFile() {
    static constexpr StepKind kCuts[] = {StepKind::kReset, StepKind::kKill, StepKind::kPowerLoss};
    scenario_.Set(Knob::kBytesPerSecond, 500'000);
    uint32_t dir = Below(7);
    Do(StepKind::kEditLarge, a_, dir, Below(1'000), 0);
    Pause(600, 3'500);
    for (int64_t cuts = random_.Between(1, 3); cuts > 0; --cuts) {
      Do(Either(kCuts), b_, Peer(b_, a_), 0, 100);
      Do(StepKind::kStartAll, 0, 0, 0, 0);
      Pause(600, 2'000);
    }
    if (random_.Chance(500)) Pause(3'000, 8'000);
    Do(StepKind::kEditLarge, a_, dir, Below(1'000), 4'000);
  }

  void RottenBit() {
    if (random_.Chance(500)) {
      scenario_.Set(Knob::kBytesPerSecond, 200'000);
      Do(StepKind::kEditLarge, a_, Below(7), Below(1'000), 0);
      Pause(600, 3'500);
    } else {
      Do(StepKind::kWait, 0, 0, 0, 0);
      Pause(2'000, 4'000);
    }
    Do(StepKind::kRotBit, b_, file_, Below(1'000), 0);
    Pause(3'000, 6'000);
  }

  // What stands there has no history any more, and is of another kind elsewhere.
  void KindsWithoutIndex() {
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    uint32_t dir = Below(7);
    ChangeKind(a_, dir);
    Do(StepKind::kEdit, b_, file_, Below(1'000), 100);
    Do(StepKind::kLoseIndex, b_, 0, 0, 50);
    Do(StepKind::kHealAll, 0, 0, 0, 500);
  }

  // A name that is made anew where its deletion is forgotten, while it is not yet elsewhere.
  void MadeAfterDeletion() {
    uint32_t name = Below(35);
    Do(StepKind::kWrite, a_, name, Below(40), 0);
    Pause(800, 1'500);
    Do(StepKind::kDeleteNamed, a_, name, 0, 0);
    Pause(500, 6'000);
    Do(StepKind::kPartition, a_, Peer(a_, b_), 0, 0);
    Pause(2'000, 3'000);
    Do(StepKind::kWrite, b_, name, Below(40), 300);
    Do(StepKind::kHealAll, 0, 0, 0, 500);
  }

  void Paused() {
    Do(StepKind::kPause, b_, 0, 0, 100);
    Do(StepKind::kEdit, a_, file_, Below(1'000), 200);
    if (random_.Chance(500)) Do(StepKind::kEdit, b_, file_, Below(1'000), 200);
    Do(StepKind::kPause, b_, 0, 0, 500);
  }

  void NameTaken() {
    uint32_t name = Below(35);
    Do(StepKind::kDeleteFolder, a_, Below(7), 0, 0);
    Pause(500, 1'500);
    Do(StepKind::kFileInTheWay, b_, Below(3), Below(40), 0);
    Do(StepKind::kWrite, a_, name, Below(40), 800);
  }
};

}  // namespace

bool HasRareMotifs(uint64_t seed) {
  return seed % 50 == 7;
}

void AddRareMotifs(Scenario& scenario, SimRandom random) {
  RareMotifs(scenario, std::move(random)).Add();
}

}  // namespace atozsync::swarm
