// Names of the single values that the engine keeps in the index (Index::Meta). On disk: do not
// change them.
#pragma once

namespace atozsync::meta {

inline constexpr char kAuthor[] = "author";  // AuthorId of this incarnation, decimal
// "AUTHOR:0,…": the incarnations that made changes in this very index. One that was set aside had
// others: what they did is told by the members, and exactly.
inline constexpr char kAuthorsHere[] = "authors-here";
inline constexpr char kCounter[] = "counter";    // last counter given to a version made here
inline constexpr char kHlc[] = "hlc";            // last hybrid logical time
inline constexpr char kAdopting[] = "adopting";  // 1: rows found wait for a comparison with a peer
inline constexpr char kAuthority[] = "authority";  // number of enum Authority
// "LIFE:SEQUENCE,…", oldest first: each start's random number and where the stream stood then.
inline constexpr char kLives[] = "lives";
// "AUTHOR:COUNTER,…" of this replica's authors: up to where its changes may have been forgotten.
inline constexpr char kForgotten[] = "forgotten";
inline constexpr char kLifeOf[] = "life-of-";  // + a peer's id: its life when it said what came
// + a peer's id: "INDEX:0,…", oldest first: the indexes it had before.
inline constexpr char kFormerIndexesOf[] = "former-indexes-of-";
inline constexpr char kRetention[] = "retention-clock";  // RetentionClock, ms
inline constexpr char kKeptRebuilt[] = "kept-rebuilt";   // 1: the kept versions on disk are listed
// Until when nothing was known of what others have, by the retention clock, ms.
inline constexpr char kAdoptedMs[] = "adopted-ms";
// Rows up to this sequence were compared with names that differ in letter case only.
inline constexpr char kNamesCompared[] = "names-compared";
// IgnoreRules::text() of the last life. What others said of a path that was ignored was not kept.
inline constexpr char kIgnoreRules[] = "ignore-rules";
inline constexpr char kGateNotes[] = "gate-notes";  // 1: there may be notes of the gate
// Core::KeptMs() at which the brake began to hold what happens to files here; 0: it does not.
inline constexpr char kBrake[] = "brake";
inline constexpr char kRowsBrake[] = "rows-brake";  // 1: rows vanished by the hundred

}  // namespace atozsync::meta
