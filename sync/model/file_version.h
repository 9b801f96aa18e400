// FileVersion: everything the cluster knows about one version of one path. Plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "sync/base/ids.h"
#include "sync/model/version_vector.h"

namespace atozsync {

// The numbers are on disk and on the wire: do not change them.
enum class VersionKind : uint8_t { kTombstone = 0, kFile = 1, kDir = 2 };
const char* VersionKindName(VersionKind kind);

// The change that made this content (or removed it): who, and that replica's counter.
struct Dot {
  AuthorId author = 0;
  uint64_t counter = 0;
  auto operator<=>(const Dot&) const = default;
};

struct FileVersion {
  static constexpr size_t kChainMax = 8;
  static constexpr size_t kMembersMax = 256;
  // Of a vector that may be taken over; VersionVector::kEntriesMax bounds what is made of it.
  static constexpr size_t kAuthorsJoinedMax = 1024;

  VersionKind kind = VersionKind::kTombstone;
  uint64_t size = 0;     // bytes; files only
  int64_t mtime_ns = 0;  // carried exactly, decides nothing; files only
  ContentHash hash;      // files only
  VersionVector vector;
  Dot dot;
  uint64_t hlc = 0;  // hybrid logical time at which an agent first saw this version
  // Contents it replaced, newest first, at most kChainMax; an empty hash stands for the time
  // between a deletion (or a directory) and what was made after it.
  std::vector<ContentHash> chain;
  // Tombstones only: replica prefixes, sorted. Who has this deletion; who knows that all have it.
  std::vector<uint32_t> known_by;
  std::vector<uint32_t> complete_by;

  bool exists() const { return kind != VersionKind::kTombstone; }
  bool SameContent(const FileVersion& other) const {
    return kind == other.kind &&
           (kind != VersionKind::kFile || (size == other.size && hash == other.hash));
  }
  bool ChainHas(const ContentHash& content) const;
  // Was this made, or merged, in knowledge of that change? (Preguiça et al., "Brief announcement:
  // efficient causality tracking in distributed storage systems with dotted version vectors",
  // PODC 2012.)
  bool HasSeen(const Dot& change) const;
  // Was this saved over the very content of `older`, or that content deleted for it? Not when
  // `older` brought a content back that had been replaced or deleted by then: that is an edit which
  // nobody here has seen.
  bool Replaced(const FileVersion& older) const;
  bool operator==(const FileVersion&) const = default;
};

// Bounds and order of what came from outside; kCorrupt where it cannot be.
Status ValidateVersion(const FileVersion& version);

// Would every version that is made of these two be valid, with room for many more changes here?
// kCorrupt where not: the others would refuse it, and with it all that stands in the same page.
Status CheckJoin(const FileVersion& local, const FileVersion& remote);

// The total order of concurrent versions, the same on every replica: what exists before what is
// deleted, directories before files, then the later hybrid logical time, then author and counter,
// then content. Greater wins. Never file times.
std::strong_ordering CompareRank(const FileVersion& a, const FileVersion& b);

// Union of two sorted sets of members.
std::vector<uint32_t> JoinMembers(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);

// The dot of what was found in the place of `older`: where only the time was set, the change that
// made the content is still the old one, and whoever saved over that has replaced this, too.
Dot DotAfter(const FileVersion& older, const FileVersion& found);

// `older`'s chain with `older`'s content in front, each content once, cut to kChainMax.
std::vector<ContentHash> ChainAfter(const FileVersion& older);

}  // namespace atozsync
