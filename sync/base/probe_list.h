// The list of probes (probe.h): constant, name, what happened. By the files that hold them.
#pragma once

#define ATOZ_PROBES(X)                                                                             \
  /* swap.cc */                                                                                    \
  X(kSwapChanged, "swap-changed", "something else stood at the path than was expected")            \
  X(kDirSetAside, "dir-set-aside",                                                                 \
    "a directory with only ignored things in it was set aside as a whole")                         \
  X(kDirStillHolds, "dir-still-holds", "a directory that was to go still held something")          \
  X(kMoveOutChanged, "move-out-changed",                                                           \
    "a program wrote in the instant in which a file was moved out")                                \
  X(kMoveOutNameTaken, "move-out-name-taken",                                                      \
    "what was moved out unexpectedly could not go back: its name was taken again")                 \
  X(kPlaceNameTaken, "place-name-taken",                                                           \
    "a name that was free before was taken in the instant of the swap")                            \
  X(kPlaceTakenByCase, "place-taken-by-case",                                                      \
    "a name could not be placed: one that differs in letter case only was there")                  \
  X(kExchangeBackDone, "exchange-back-done",                                                       \
    "what came out of an exchange unexpectedly was put back")                                      \
  X(kExchangeBackThird, "exchange-back-third",                                                     \
    "a third writer came between: what came out stayed kept")                                      \
  X(kExchangeStands, "exchange-stands",                                                            \
    "an exchange could not be taken back by the disk: then it was done")                           \
  X(kExchangeStandsOverWrite, "exchange-stands-over-write",                                        \
    "the same where a program wrote in the instant of it")                                         \
  X(kExchangeBackUnsettled, "exchange-back-unsettled",                                             \
    "nothing could be put back: it stays where it is until recovery")                              \
  X(kExchangeUnsettled, "exchange-unsettled",                                                      \
    "an exchange in steps was cut off and could be settled neither way")                           \
  X(kExchangeFinished, "exchange-finished",                                                        \
    "of an exchange in steps only the last one was missing, and was done")                         \
  X(kExchangeAside, "exchange-aside",                                                              \
    "a program made the name anew between the steps of an exchange: what came out was put aside")  \
  X(kExchangeChanged, "exchange-changed", "a program wrote in the instant of an exchange")         \
  X(kExchangeNotKept, "exchange-not-kept",                                                         \
    "what was replaced could not be kept: the exchange was taken back")                            \
  X(kMakeDirFailed, "make-dir-failed", "a directory could not be made where a file had been")      \
  X(kDirMadeAgain, "dir-made-again",                                                               \
    "a directory went for a file that could not be placed: it was made again")                     \
  X(kFileInTheWay, "file-in-the-way", "a file stood where a directory was to be made")             \
  X(kPlacedAndReplaced, "placed-and-replaced",                                                     \
    "another program replaced a file just after it was placed")                                    \
  /* swap.cc, recovery */                                                                          \
  X(kRecoverUsersBytesOver, "recover-users-bytes-over",                                            \
    "a power loss took a swap back, not what was written to the new file: exchanged again")        \
  X(kRecoverUsersBytesAlone, "recover-users-bytes-alone",                                          \
    "the same where nothing stands at the path: placed again")                                     \
  X(kRecoverUsersBytesKept, "recover-users-bytes-kept",                                            \
    "the same where something else stands there: put aside")                                       \
  X(kRecoverPlaceGone, "recover-place-gone",                                                       \
    "nothing was left in staging: the swap was over when the crash came")                          \
  X(kRecoverPlaceNotYet, "recover-place-not-yet",                                                  \
    "the staged file had not been placed when the crash came")                                     \
  X(kRecoverPlaceChanged, "recover-place-changed",                                                 \
    "a program wrote in the instant of the swap, then the crash came")                             \
  X(kRecoverPlaceKept, "recover-place-kept",                                                       \
    "exchanged but not kept yet when the crash came: kept now")                                    \
  X(kRecoverKeptWrittenTo, "recover-kept-written-to",                                              \
    "a program wrote to what was replaced before recovery looked at it")                           \
  X(kRecoverMoveOutChanged, "recover-move-out-changed",                                            \
    "a program wrote to a file just before it was moved out, then the crash came")                 \
  X(kRecoverRemoveUndone, "recover-remove-undone",                                                 \
    "a deletion had not happened when the crash came")                                             \
  X(kRecoverRemoveDone, "recover-remove-done", "a deletion had happened when the crash came")      \
  X(kRecoverDir, "recover-dir", "a directory was being made when the crash came")                  \
  X(kRecoverTouchDone, "recover-touch-done", "a file time had been set when the crash came")       \
  X(kRecoverTouchUndone, "recover-touch-undone",                                                   \
    "a file time had not been set when the crash came")                                            \
  /* applier.cc */                                                                                 \
  X(kSwapNotDurable, "swap-not-durable", "a directory could not be synced after its swaps")        \
  X(kRootGoneInSwap, "root-gone-in-swap", "the volume went away during swaps")                     \
  /* keeper.cc */                                                                                  \
  X(kLateWrite, "late-write", "a program wrote to a file after it was replaced or deleted")        \
  X(kDecisionOvertaken, "decision-overtaken", "a file was saved after a person decided about it")  \
  X(kDecidedBeforeRecovery, "decided-before-recovery", "a person decided while a replica started") \
  X(kPurgeCouldNotLook, "purge-could-not-look",                                                    \
    "an old kept version could not be read: it stayed")                                            \
  X(kLateWriteOfUnknown, "late-write-of-unknown",                                                  \
    "a program wrote to what was kept when the index was lost")                                    \
  X(kLateWriteUnreadable, "late-write-unreadable",                                                 \
    "what was put aside could not be read at first")                                               \
  X(kPurgeHeld, "purge-held", "an old kept version stayed as its conflict is open")                \
  X(kConflictCopyGone, "conflict-copy-gone",                                                       \
    "losing bytes went from the disk: they are looked for again")                                  \
  X(kChunksByBase, "chunks-by-base", "only the changed chunks of a large file were named")         \
  X(kDeltaApplied, "delta-applied", "a changed chunk was made of the old one and what is new")     \
  X(kDeltaInVain, "delta-in-vain", "a delta did not make the right bytes: they came themselves")   \
  X(kPurged, "purged", "an old kept version was removed")                                          \
  X(kKeptWithoutRow, "kept-without-row",                                                           \
    "a file was found among the kept ones that no row led to")                                     \
  X(kKeptGone, "kept-gone", "a kept version was gone from the disk: its row, too")                 \
  X(kStagedPutAside, "staged-put-aside",                                                           \
    "the index was lost: what a swap may have left in staging was kept")                           \
  X(kKeptRebuilt, "kept-rebuilt", "the list of kept versions was rebuilt from the disk")           \
  X(kKeptListedAgain, "kept-listed-again",                                                         \
    "a kept file without a row could not be made durable: it was listed later")                    \
  /* case_clashes.cc */                                                                            \
  X(kCaseClashAgain, "case-clash-again", "two names that differ in case only were there again")    \
  X(kCaseClash, "case-clash", "two names that differ in case only")                                \
  X(kCaseClashGone, "case-clash-gone", "one of two names that differ in case only went")           \
  /* planner.cc: kinds of conflicts, and what is no conflict */                                    \
  X(kConflictUnversioned, "conflict-unversioned",                                                  \
    "what was here before joining lost or won against what others have")                           \
  X(kConflictEditEdit, "conflict-edit-edit", "two edits of one file")                              \
  X(kConflictCreateCreate, "conflict-create-create", "two files made under one name")              \
  X(kConflictEditDelete, "conflict-edit-delete", "an edit against a deletion")                     \
  X(kConflictType, "conflict-type", "a file against a directory")                                  \
  X(kForgottenOwnChange, "forgotten-own-change",                                                   \
    "a version held a change of this replica that its row did not")                                \
  X(kLookFirst, "look-first",                                                                      \
    "a file with an untrusted stamp was read again before it was replaced")                        \
  X(kNeedAnswered, "need-answered", "a need was answered by the time it was looked at")            \
  X(kDirRevived, "dir-revived", "a directory removed elsewhere stayed as something new was in it") \
  /* reconcile.cc: rare rows of the table */                                                       \
  X(kRowForgotten, "row-forgotten", "the row forgotten of the decision table")                     \
  X(kRowAdoptEqual, "row-adopt-equal", "the row adopt-equal of the decision table")                \
  X(kRowAdoptOlder, "row-adopt-older", "the row adopt-older of the decision table")                \
  X(kRowAdoptAfterDeletion, "row-adopt-after-deletion",                                            \
    "the row adopt-after-deletion of the decision table")                                          \
  X(kRowAdoptAgainstDeletion, "row-adopt-against-deletion",                                        \
    "the row adopt-against-deletion of the decision table")                                        \
  X(kRowAdoptTypeKeep, "row-adopt-type-keep", "the row adopt-type-keep of the decision table")     \
  X(kRowAdoptTypeTake, "row-adopt-type-take", "the row adopt-type-take of the decision table")     \
  X(kRowAdoptTheirs, "row-adopt-theirs", "the row adopt-theirs of the decision table")             \
  X(kRowAdoptMine, "row-adopt-mine", "the row adopt-mine of the decision table")                   \
  X(kRowNewerEqual, "row-newer-equal", "the row newer-equal of the decision table")                \
  X(kRowEqualAdopt, "row-equal-adopt", "the row equal-adopt of the decision table")                \
  X(kRowSplitTake, "row-split-take", "the row split-take of the decision table")                   \
  X(kRowSplitKeep, "row-split-keep", "the row split-keep of the decision table")                   \
  X(kRowSameEdit, "row-same-edit", "the row same-edit of the decision table")                      \
  X(kRowAfterDeletionTake, "row-after-deletion-take",                                              \
    "the row after-deletion-take of the decision table")                                           \
  X(kRowAfterDeletionKeep, "row-after-deletion-keep",                                              \
    "the row after-deletion-keep of the decision table")                                           \
  X(kRowChainTake, "row-chain-take", "the row chain-take of the decision table")                   \
  X(kRowChainKeep, "row-chain-keep", "the row chain-keep of the decision table")                   \
  /* puller.cc, fetch_file.cc */                                                                   \
  X(kNeedOfRemoved, "need-of-removed", "a need of a peer that was removed from the cluster")       \
  X(kDirectoryWaits, "directory-waits", "a directory that is to go waited for what is below it")   \
  X(kPlanMadeAnew, "plan-made-anew",                                                               \
    "the row had changed while content was on its way: planned anew")                              \
  X(kPlanDropped, "plan-dropped",                                                                  \
    "the row had changed while content was on its way: the content was dropped")                   \
  X(kRoomAgain, "room-again", "receiving went on after the volume had been full")                  \
  X(kAnotherNeed, "another-need", "another peer had announced the same path meanwhile")            \
  X(kNoSpace, "no-space", "a write found the volume full")                                         \
  X(kApplyBusy, "apply-busy", "a path was locked or still in use: tried again later")              \
  X(kSameContentOnItsWay, "same-content-on-its-way",                                               \
    "another path was getting the same content: waited for it")                                    \
  X(kAnotherPeerAsked, "another-peer-asked",                                                       \
    "a peer did not have all of a large file: the next one was asked")                             \
  X(kRenameWaits, "rename-waits", "content that was just leaving another name was waited for")     \
  X(kLocalCopyFailed, "local-copy-failed",                                                         \
    "a local file did not hold the content that the index says")                                   \
  X(kConflictCopyFetched, "conflict-copy-fetched", "the losing bytes of a conflict were fetched")  \
  X(kLateCopyTold, "late-copy-told", "losing bytes came late: those who had given up were told")   \
  X(kDamageRepaired, "damage-repaired", "the right bytes of a damaged file were asked for")        \
  X(kChunkResumed, "chunk-resumed", "a chunk was there already from an earlier try")               \
  X(kChunkFromHere, "chunk-from-here", "a chunk was copied from another local file")               \
  X(kPieceLost, "piece-lost", "a piece of a large file did not come")                              \
  X(kPartialCorrupt, "partial-corrupt",                                                            \
    "a large file did not have the announced content in the end")                                  \
  X(kContentCorrupt, "content-corrupt", "received content was not what was announced")             \
  X(kServedFileChanged, "served-file-changed",                                                     \
    "a file that a peer asked for had changed since it was hashed")                                \
  /* scanner.cc, check_job.cc */                                                                   \
  X(kChangedWhileRead, "changed-while-read", "a file changed while it was read")                   \
  X(kNotStillYet, "not-still-yet", "a file was left alone until it is still")                      \
  X(kNobodyWrites, "nobody-writes", "a file was touched a moment ago, and nobody had it open")     \
  X(kOverflow, "overflow", "the watcher lost hints: everything is listed")                         \
  X(kListingFailed, "listing-failed", "a directory could not be listed")                           \
  X(kListedBusyPath, "listed-busy-path", "a name was listed during its swap")                      \
  X(kFileBecameDir, "file-became-dir", "a directory stood where a file had been")                  \
  X(kIgnoredForgotten, "ignored-forgotten", "a row went as a rule to ignore it was added")         \
  X(kLookWaitsForSwap, "look-waits-for-swap", "a look at a name waited for the end of its swap")   \
  X(kRulesChanged, "rules-changed",                                                                \
    "all was to be told once more, for other paths are ignored now")                               \
  X(kCheckedBusyPath, "checked-busy-path", "a file was read during its swap: looked at again")     \
  X(kLookOutdated, "look-outdated", "the agent changed what a worker was looking at")              \
  X(kTouchedWhileRead, "touched-while-read", "a hint came for a file that was just being read")    \
  X(kFileLocked, "file-locked", "a file could not be opened")                                      \
  X(kRacyStamp, "racy-stamp", "a stamp was too young to be trusted")                               \
  X(kDamageFound, "damage-found", "bytes changed without a new time")                              \
  X(kDirBecameFile, "dir-became-file", "a file stood where a directory had been")                  \
  X(kMissingCameBack, "missing-came-back", "a missing name was there again at the second look")    \
  X(kUnversionedDeleted, "unversioned-deleted", "a file was deleted before it had a version")      \
  /* core.cc, replica.cc */                                                                        \
  X(kCommitFailed, "commit-failed", "the index could not be written")                              \
  X(kRootMissing, "root-missing", "the marker was missing")                                        \
  X(kRootReturned, "root-returned", "the volume came back")                                        \
  X(kRootGoneInRecovery, "root-gone-in-recovery", "the volume went away during recovery")          \
  X(kOnlyHere, "only-here", "what was here before joining was unknown to the others")              \
  X(kAdopted, "adopted",                                                                           \
    "a replica that joined, or whose index was lost, has compared all it has")                     \
  X(kPaused, "paused", "a person paused the replica")                                              \
  /* exchange.cc, peers.cc, gossip.cc, session.cc */                                               \
  X(kMergeWaits, "merge-waits", "a version that only merges waited for a swap under way")          \
  X(kDeletionSaidAgain, "deletion-said-again",                                                     \
    "a peer spoke of a file after it had acknowledged that it was deleted")                        \
  X(kNeedReplaced, "need-replaced",                                                                \
    "what was still to be fetched was answered by a later announcement")                           \
  X(kSilentLinkReplaced, "silent-link-replaced",                                                   \
    "a new connection took the place of a silent one")                                             \
  X(kBothDialled, "both-dialled", "two replicas dialled each other at the same time")              \
  X(kOldIndexNoticed, "old-index-noticed",                                                         \
    "a peer knew changes of this replica that its index does not remember")                        \
  X(kFormerIndexNoticed, "former-index-noticed",                                                   \
    "an index was put back that peers had seen replaced by a newer one")                           \
  X(kPeerLostIndex, "peer-lost-index", "a peer came back with another index")                      \
  X(kStranger, "stranger", "somebody who is not a member connected")                               \
  X(kJoined, "joined", "a replica joined with an invitation")                                      \
  X(kMemberRemoved, "member-removed", "a member was removed")                                      \
  X(kTombstoneForgotten, "tombstone-forgotten", "a deletion that everyone has was forgotten")      \
  X(kContentStream, "content-stream", "content travels on a further connection")                   \
  X(kContentStreamRefused, "content-stream-refused", "a stream for content of another link")       \
  X(kContentStreamLost, "content-stream-lost", "a stream for content broke, and its link with it") \
  X(kSilence, "silence", "nothing was heard for too long")                                         \
  X(kUploadWaits, "upload-waits", "content waited for the upload limit")                           \
  X(kContentInParts, "content-in-parts", "a content came in parts")                                \
  /* brake*.cc: very many files deleted or rewritten here */                                       \
  X(kBrake, "brake", "more was deleted or rewritten than may go unasked")                          \
  X(kBrakeMove, "brake-move", "very many files were moved")                                        \
  X(kBrakeMoveUndone, "brake-move-undone", "where it was moved to, somebody wrote meanwhile")      \
  X(kBrakeAfterRestart, "brake-after-restart", "a replica started with its brake on")              \
  X(kBrakeReleased, "brake-released", "a person let held changes go on")                           \
  X(kBrakeReverted, "brake-reverted", "a person took a held change back")                          \
  /* gate_*.cc, rows_gone.cc, early_word.cc: files and rows of the database */                     \
  X(kGateOpened, "gate-opened", "the row of a file that waited came")                              \
  X(kGateWaits, "gate-waits", "a file came before its row")                                        \
  X(kGateTimeUp, "gate-time-up", "a file appeared without a row")                                  \
  X(kGateNewVersion, "gate-new-version", "another version of a file came that waits")              \
  X(kGateAskedInParts, "gate-asked-in-parts", "more files wait than are asked for in one turn")    \
  X(kRowWentToo, "row-went-too", "a file and its row were deleted")                                \
  X(kVanishedHealed, "vanished-healed", "a file vanished while its row stood, and came back")      \
  X(kRowGone, "row-gone", "a row vanished, and its file went")                                     \
  X(kRowGoneFrozen, "row-gone-frozen", "a row vanished while replication stood still")             \
  X(kRowGoneEdited, "row-gone-edited", "a file was saved after its row was deleted")               \
  X(kRowsBrake, "rows-brake", "rows vanished by the hundred")                                      \
  X(kToldOfGoing, "told-of-going", "a peer said that a file is going")                             \
  X(kGoingPassedOn, "going-passed-on", "that was said on to the others")

// Those that the swarm does not reach: constant, the suite that does.
#define ATOZ_PROBES_ELSEWHERE(X)                                                             \
  X(kContentStreamRefused, "sim_scenario_test")                                              \
  X(kIgnoredForgotten, "sim_scenario_test") /* its replicas never change what they ignore */ \
  X(kRulesChanged, "sim_scenario_test")     /* nor here */                                   \
  X(kDecidedBeforeRecovery, "sim_scenario_test")                                             \
  X(kConflictCopyGone, "sim_scenario_test")                                                  \
  X(kKeptListedAgain, "sim_scenario_test")                                                   \
  X(kLateWriteOfUnknown, "swarm.regressions")                                                \
  X(kDeltaInVain, "sim_scenario_test")                                                       \
  X(kRowAfterDeletionKeep, "model_test") /* news that cross a forgetting */                  \
  X(kBrakeMoveUndone, "sim_brake_test")  /* one in tens of thousands */                      \
  X(kGateOpened, "sim_database_test")                                                        \
  X(kGateWaits, "sim_database_test")                                                         \
  X(kGateTimeUp, "sim_database_test")                                                        \
  X(kGateNewVersion, "sim_database_test")                                                    \
  X(kGateAskedInParts, "sim_database_test")                                                  \
  X(kRowWentToo, "sim_database_test")                                                        \
  X(kVanishedHealed, "sim_database_test")                                                    \
  X(kRowGone, "sim_database_test")                                                           \
  X(kRowGoneFrozen, "sim_database_test")                                                     \
  X(kRowGoneEdited, "sim_database_test")                                                     \
  X(kRowsBrake, "sim_database_test")                                                         \
  X(kToldOfGoing, "sim_database_test")                                                       \
  X(kGoingPassedOn, "sim_database_test")
