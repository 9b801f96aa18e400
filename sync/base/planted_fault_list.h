// The list of planted faults (planted_fault.h): constant, name, "what is broken: the promise".
// Adding one here and using it once in the code is all it takes.
#pragma once

#define ATOZ_PLANTED_FAULTS(X)                                                                     \
  /* Bringing a version into the folder. */                                                        \
  X(kSkipDirectorySync, "skip-directory-sync",                                                     \
    "directories are not synced after swaps: what the index says is done must survive a power "    \
    "loss")                                                                                        \
  X(kSkipStagedSync, "skip-staged-sync",                                                           \
    "staged content is not synced before its swap: never half a file, also after a power loss")    \
  X(kSkipTouchSync, "skip-touch-sync",                                                             \
    "a file time that was set is not synced: an old time must not come back as a change")          \
  X(kSkipCheckBeforeSwap, "skip-check-before-swap",                                                \
    "what stands at the path is taken as expected: never replace what was not seen")               \
  X(kSkipCheckAfterSwap, "skip-check-after-swap",                                                  \
    "what came out of a swap is not compared: a write in that very instant is a local change")     \
  X(kSkipExchangeBack, "skip-exchange-back",                                                       \
    "what came out unexpectedly is not put back: a write in that very instant is not lost")        \
  X(kLateBytesNotLogged, "late-bytes-not-logged",                                                  \
    "what came out and could not be put back is not logged: it is a conflict's kept copy")         \
  X(kKeepNothing, "keep-nothing",                                                                  \
    "what was replaced or deleted is removed: it must be in the kept versions")                    \
  X(kRemoveFullDirectory, "remove-full-directory",                                                 \
    "a directory is removed with new files in it: only what was seen is deleted")                  \
  X(kRowBeforeSwap, "row-before-swap",                                                             \
    "the row is committed with the intent: a row says what happened, never what was planned")      \
  X(kLoseIntent, "lose-intent",                                                                    \
    "the intent is erased before the swap: a crash must not be read as a person's change")         \
  X(kStalePlan, "stale-plan",                                                                      \
    "a plan is carried out although its row has changed since: what was merged stays merged")      \
  X(kTrustYoungStamps, "trust-young-stamps",                                                       \
    "stamps of the same tick are trusted: each change is noticed, with coarse times too")          \
  X(kTimesNotCarried, "times-not-carried",                                                         \
    "placed files get the present time: times of files are carried exactly")                       \
  X(kFullDiskDropsNeed, "full-disk-drops-need",                                                    \
    "a full volume counts as received: receiving goes on when there is room")                      \
  /* Content. */                                                                                   \
  X(kContentNotVerified, "content-not-verified",                                                   \
    "received and copied content is not compared with its hash: only what was announced is "       \
    "placed")                                                                                      \
  X(kPartialNotVerified, "partial-not-verified",                                                   \
    "what lies in a partial file is used unread: a transfer that resumes ends with the same "      \
    "bytes")                                                                                       \
  X(kConflictCopyNotFetched, "conflict-copy-not-fetched",                                          \
    "losing bytes stay where they were made: each replica has the copies of open conflicts")       \
  /* After a crash. */                                                                             \
  X(kCrashCountsAsDelete, "crash-counts-as-delete",                                                \
    "a swap that was done is not recorded: a crash is never read as a local edit or delete")       \
  X(kUndoneCountsAsDone, "undone-counts-as-done",                                                  \
    "a swap that was undone is recorded as done: the row equals the folder")                       \
  X(kRecoveryDropsOldContent, "recovery-drops-old-content",                                        \
    "what came out of an interrupted swap stays in staging: it must be kept")                      \
  X(kRecoveryForgetsKept, "recovery-forgets-kept",                                                 \
    "what recovery kept is not in the index: a person finds each kept version")                    \
  X(kRecoveryNotDurable, "recovery-not-durable",                                                   \
    "recovery does not sync what it finished: a second power loss takes nothing back")             \
  X(kCleanStagingFirst, "clean-staging-first",                                                     \
    "staging is emptied before recovery: what came out of an interrupted swap is kept")            \
  /* Noticing what people do. */                                                                   \
  X(kIgnoreOverflow, "ignore-overflow",                                                            \
    "the watcher's overflow is ignored: settled means that all changes were seen")                 \
  X(kHashMovingFile, "hash-moving-file",                                                           \
    "a file that changed while it was read is taken: a version is what really stood there")        \
  X(kAnnounceWhileWritten, "announce-while-written",                                               \
    "a file is taken while it is being written: only whole files are announced")                   \
  X(kForgetTouchWhileRead, "forget-touch-while-read",                                              \
    "a hint for a file that is just being read is dropped: the last change is noticed")            \
  X(kScanBusyPaths, "scan-busy-paths",                                                             \
    "a path is looked at during its swap: our own changes are nobody's edits")                     \
  X(kErrorMeansGone, "error-means-gone",                                                           \
    "a file that cannot be read counts as deleted: only what is seen to be gone is")               \
  X(kMissingRootIsEmpty, "missing-root-is-empty",                                                  \
    "a missing marker is not noticed: while the volume is away nothing is announced")              \
  X(kNoTombstone, "no-tombstone",                                                                  \
    "a deletion only removes the row: deletions reach everyone and never come back")               \
  /* Versions. */                                                                                  \
  X(kOlderIsConflict, "older-is-conflict",                                                         \
    "a version that was replaced already counts as an edit: conflicts are truly concurrent edits") \
  X(kOrderByFileTime, "order-by-file-time",                                                        \
    "the later file time counts as the newer version: file times never decide")                    \
  X(kRankByFileTime, "rank-by-file-time",                                                          \
    "the later file time wins a conflict: the later seen edit wins")                               \
  X(kMergeUnequalContents, "merge-unequal-contents",                                               \
    "concurrent contents count as equal: two different edits are a conflict")                      \
  X(kDeleteBeatsEdit, "delete-beats-edit", "a deletion wins against an edit: the edit stays")      \
  X(kJoinReplacesSilently, "join-replaces-silently",                                               \
    "what was here before joining is replaced without a conflict: each loser is logged")           \
  X(kVersionsBeforeComparison, "versions-before-comparison",                                       \
    "rows without history get versions before they are compared: old copies never win")            \
  X(kForgetCounter, "forget-counter",                                                              \
    "a restart begins to count anew: own counters never go back")                                  \
  X(kAcceptOldIndex, "accept-old-index",                                                           \
    "an index that was rolled back goes on: a counter is never used twice")                        \
  X(kKeepLife, "keep-life",                                                                        \
    "each start goes on in the old life: a rolled back index is noticed when it has caught up, "   \
    "too")                                                                                         \
  /* Conflicts and kept versions. */                                                               \
  X(kConflictNotLogged, "conflict-not-logged",                                                     \
    "conflicts are decided without a record: each one is logged for a person")                     \
  X(kConflictsNotReplicated, "conflicts-not-replicated",                                           \
    "records of conflicts are not sent: all replicas list the same ones")                          \
  X(kResolutionNotCarried, "resolution-not-carried",                                               \
    "a decision about a conflict does not spread: all replicas hold the same state of it")         \
  X(kCaseClashNotLogged, "case-clash-not-logged",                                                  \
    "names that differ in case only are not reported: they are a logged conflict")                 \
  X(kLateWriteUnnoticed, "late-write-unnoticed",                                                   \
    "kept files are not looked at again: a late write is a logged conflict")                       \
  X(kPurgeOpenConflicts, "purge-open-conflicts",                                                   \
    "old kept versions go although their conflict is open: its losers are never purged")           \
  /* Deletions. */                                                                                 \
  X(kForgetTombstoneEarly, "forget-tombstone-early",                                               \
    "deletions are forgotten before everyone has them: deleted files never come back")             \
  X(kTombstoneCompleteEarly, "tombstone-complete-early",                                           \
    "a deletion counts as known to all at once: an edit against it is a conflict")                 \
  /* Peers. */                                                                                     \
  X(kAcknowledgeEarly, "acknowledge-early",                                                        \
    "changes are acknowledged before they are committed: a crash loses no announcement")           \
  X(kReconnectDropsNeeds, "reconnect-drops-needs",                                                 \
    "what a peer announced is forgotten when it reconnects: all that was announced is fetched")    \
  X(kRelayNothing, "relay-nothing",                                                                \
    "versions of third replicas are not passed on: a ring or a hub works, too")                    \
  X(kEmptyDirsNotCarried, "empty-dirs-not-carried",                                                \
    "directories are not taken: empty ones exist on each replica")                                 \
  X(kSilenceNeverEnds, "silence-never-ends",                                                       \
    "a silent connection is never closed: half-open ones are replaced")                            \
  /* The brake. */                                                                                 \
  X(kBrakeMissing, "brake-missing",                                                                \
    "any number of files is deleted or rewritten elsewhere, too: a mass change stops where it is") \
  X(kBrakeForgotten, "brake-forgotten",                                                            \
    "a restart takes the brake off: what is held stays held until a person decides")               \
  X(kBrakeCountsMoves, "brake-counts-moves",                                                       \
    "what was moved counts as deleted: moving a folder is no mass deletion")                       \
  /* The gate to the database: found by sim_database_test. */                                      \
  X(kGateOpen, "gate-open",                                                                        \
    "files appear without asking: in a patient's folder a file comes after its row")               \
  X(kGateForEver, "gate-for-ever",                                                                 \
    "a file whose row does not come never appears: nothing waits for ever")                        \
  X(kLeaveUnasked, "leave-unasked",                                                                \
    "a file that vanishes is announced as deleted although its row stands: it is brought back")    \
  X(kRowGoneIgnored, "row-gone-ignored",                                                           \
    "a file whose row was deleted stays: it goes before somebody opens that patient")              \
  X(kFreezeIgnored, "freeze-ignored",                                                              \
    "files go on the database's word while replication has stopped: then nothing does")            \
  X(kRowBrakeMissing, "row-brake-missing",                                                         \
    "any number of files goes when rows vanish: a hundred within an hour are for a person")        \
  X(kEarlyWordUnsaid, "early-word-unsaid",                                                         \
    "nobody says that a file is going: others take it out in the moment when its row is gone")
