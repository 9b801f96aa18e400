// Scenario: one history of a simulated cluster as data – a world and the steps of users and of
// trouble in it. What runs is decided by these values alone, so that a failing history can be made
// smaller step by step, written into a file and run again for ever (docs/simulation.md, "Swarm").
//
// A step that makes no sense where it comes (nothing stands there to be deleted) does nothing:
// leaving out others never makes a history invalid. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/status.h"

namespace atozsync::swarm {

// name, usual value. What differs from the usual is printed.
#define ATOZ_SWARM_KNOBS(X)                                                              \
  X(kSeed, "seed", 1)                                                                    \
  X(kReplicas, "replicas", 2)                                                            \
  X(kTopology, "topology", 0)      /* Topology */                                        \
  X(kAuthority, "authority", 0)    /* Authority, of those who join */                    \
  X(kFirstFiles, "first-files", 0) /* on A before the start */                           \
  X(kLatencyMs, "latency-ms", 10)  /* of a link, at most */                              \
  X(kBytesPerSecond, "bytes-per-second", 0)                                              \
  X(kWindowBytes, "window-bytes", 65536)                                                 \
  X(kLossPermille, "loss-permille", 0) /* pieces that are sent again */                  \
  X(kResetPermille, "reset-permille", 0)                                                 \
  X(kCoarseTimes, "coarse-times", 0) /* file times of one second; 2: at B only */        \
  X(kReuseInodes, "reuse-inodes", 0)                                                     \
  X(kHintDelayMs, "hint-delay-ms", 20)                                                   \
  X(kHintDoubledPermille, "hint-doubled-permille", 0)                                    \
  X(kHintLostPermille, "hint-lost-permille", 0)                                          \
  X(kHintOverflowPermille, "hint-overflow-permille", 0)                                  \
  X(kHintQueueMax, "hint-queue-max", 16384)                                              \
  X(kSkewSeconds, "skew-seconds", 0)                                                     \
  X(kStallPermille, "stall-permille", 0) /* of jobs on workers, for seconds */           \
  X(kSettleMs, "settle-ms", 20)                                                          \
  X(kRescanSeconds, "rescan-seconds", 60)                                                \
  X(kStagingBytes, "staging-bytes", 33554432)                                            \
  X(kFutureVersion, "future-version", 0)        /* B speaks a later protocol, too */     \
  X(kContentStreams, "content-streams", 0)      /* of a link */                          \
  X(kNoContentStreams, "no-content-streams", 0) /* that B knows of */                    \
  X(kKnowsWriters, "knows-writers", 0)          /* of every second file */               \
  X(kUploadLimit, "upload-limit", 0)            /* bytes per second, of every machine */ \
  X(kBrakeFiles, "brake-files", 0)              /* that may be deleted; 0: no brake */

// name, what it does
#define ATOZ_SWARM_STEPS(X)                                                                     \
  X(kWrite, "write", "saves a file into itself")                                                \
  X(kReplace, "replace", "saves a file beside itself and renames it over")                      \
  X(kEdit, "edit", "writes into a file that stands there")                                      \
  X(kCopyOld, "copy-old", "copies a file into the folder with an old time")                     \
  X(kSlowWrite, "slow-write", "writes a file in pieces, open all the while")                    \
  X(kHoldOpen, "hold-open", "opens a file and writes to it much later")                         \
  X(kDelete, "delete", "deletes a file")                                                        \
  X(kDeleteFolder, "delete-folder", "deletes a folder with all in it")                          \
  X(kRename, "rename", "moves a file to another name or patient")                               \
  X(kRenameFolder, "rename-folder", "moves a folder")                                           \
  X(kSwapNames, "swap-names", "exchanges the names of two files")                               \
  X(kChangeCase, "change-case", "changes the letter case of a name")                            \
  X(kMakeFolder, "make-folder", "makes a folder")                                               \
  X(kTouch, "touch", "sets the time of a file")                                                 \
  X(kResolve, "resolve", "decides about a conflict")                                            \
  X(kRestore, "restore", "brings a kept version back")                                          \
  X(kResync, "resync", "asks for a resync that reads every byte")                               \
  X(kPartition, "partition", "cuts a link")                                                     \
  X(kHeal, "heal", "mends a link")                                                              \
  X(kHealAll, "heal-all", "mends all links")                                                    \
  X(kReset, "reset", "resets the connections of a link")                                        \
  X(kReconnectStorm, "reconnect-storm", "resets all connections of a machine, again and again") \
  X(kHalfOpen, "half-open", "loses all bytes of one direction")                                 \
  X(kKill, "kill", "kills a process")                                                           \
  X(kPowerLoss, "power-loss", "takes the power from a machine")                                 \
  X(kPowerLossAtCall, "power-loss-at-call", "takes the power before a change of the folder")    \
  X(kKillAtCall, "kill-at-call", "kills the process before a change of the folder")             \
  X(kStart, "start", "starts a machine")                                                        \
  X(kStartAll, "start-all", "starts all machines")                                              \
  X(kLoseIndex, "lose-index", "deletes index.db while the process is dead")                     \
  X(kSaveIndex, "save-index", "copies index.db away")                                           \
  X(kRollIndexBack, "roll-index-back", "puts the copied index.db back")                         \
  X(kLoseCommits, "lose-commits", "a power loss takes the last commits of the index")           \
  X(kFailCommit, "fail-commit", "a commit of the index fails")                                  \
  X(kUnmount, "unmount", "takes the volume away, or brings it back")                            \
  X(kFillDisk, "fill-disk", "fills the disk, or makes room")                                    \
  X(kFailCalls, "fail-calls", "calls fail now and then, or no more")                            \
  X(kFailCall, "fail-call", "one of the next changes of the folder fails")                      \
  X(kLockFile, "lock-file", "another program locks a file, or all are free")                    \
  X(kEditAtCall, "edit-at-call", "a user edits a file in the instant of a change")              \
  X(kDeleteAtCall, "delete-at-call", "a user deletes a file in the instant of a change")        \
  X(kClockJump, "clock-jump", "sets a wall clock")                                              \
  X(kOverflow, "overflow", "loses the hints that wait, and says so")                            \
  X(kAYearPasses, "a-year-passes", "a machine is away for a year")                              \
  X(kReplaceReplica, "replace-replica", "a machine burns down, a new one takes its place")      \
  X(kAddReplica, "add-replica", "a machine joins with a copy of a disk")                        \
  X(kWait, "wait", "nothing")                                                                   \
  X(kEditAtRead, "edit-at-read", "a user edits a file soon after the agent has read it")        \
  X(kEditAtCalls, "edit-at-calls", "a user saves a file at each of the next changes of it")     \
  X(kJoinWithOther, "join-with-other", "a machine joins with files that differ")                \
  X(kDeleteNamed, "delete-named", "deletes the file of a name")                                 \
  X(kFileForFolder, "file-for-folder", "saves a file under the name of a folder")               \
  X(kFolderForFile, "folder-for-file", "makes a folder under the name of a file")               \
  X(kLeaveIgnored, "leave-ignored", "leaves a cache that is ignored in a folder")               \
  X(kEditLarge, "edit-large", "writes a large file, or changes a piece of it")                  \
  X(kRotBit, "rot-bit", "a bit rots, and a resync reads every byte")                            \
  X(kPause, "pause", "pauses the replica, or lets it go on")                                    \
  X(kEditAndCrash, "edit-and-crash", "a user writes round a swap, then the machine dies")       \
  X(kFileInTheWay, "file-in-the-way", "a user takes a name that the agent is about to make")    \
  X(kDecide, "decide", "a person lets go what the brake holds")                                 \
  X(kTakeBack, "take-back", "a person takes back what the brake holds")                         \
  X(kUndo, "undo", "takes a decision about a conflict back")

enum class Knob : uint8_t {
#define X(id, name, usual) id,
  ATOZ_SWARM_KNOBS(X)
#undef X
      kCount
};
enum class StepKind : uint8_t {
#define X(id, name, text) id,
  ATOZ_SWARM_STEPS(X)
#undef X
      kCount
};
enum class Topology : uint8_t { kMesh, kRing, kHub, kSplit };

inline constexpr size_t kKnobCount = static_cast<size_t>(Knob::kCount);
inline constexpr size_t kStepKindCount = static_cast<size_t>(StepKind::kCount);

const char* KnobName(Knob knob);
int64_t UsualValue(Knob knob);
const char* StepKindName(StepKind kind);

struct Step {
  StepKind kind = StepKind::kWait;
  uint32_t node = 0;  // 0 = A; modulo the machines there are
  uint32_t x = 0;     // which file, which other machine, how much: the step knows
  uint32_t y = 0;
  uint32_t pause_ms = 0;  // afterwards
  bool operator==(const Step&) const = default;
};

struct Scenario {
  Scenario();
  int64_t Get(Knob knob) const { return knobs[static_cast<size_t>(knob)]; }
  void Set(Knob knob, int64_t value) { knobs[static_cast<size_t>(knob)] = value; }

  std::array<int64_t, kKnobCount> knobs;
  std::vector<Step> steps;
  bool operator==(const Scenario&) const = default;
};

// The text form (grammar in docs/simulation.md, "Scenario files").
std::string ScenarioText(const Scenario& scenario);
// kInvalid names the line.
Result<Scenario> ParseScenario(std::string_view text);

}  // namespace atozsync::swarm
