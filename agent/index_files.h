// What an index says of files, for the consistency report: all of them in pages that are short
// turns of the loop, and single ones. Loop thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "database/report.h"
#include "sync/engine/index.h"
#include "sync/engine/reports.h"

namespace atozsync {

using PeerNames = std::function<std::string(const ReplicaId&)>;

// Here, on its way from a peer, or nowhere (then: with kept versions?).
ListedFile StandingOf(Index& index, const PeerNames& names, const RelPath& path);

// Goes by path: the index may be another one at the next turn. Remembers the folders that are still
// to be listed: not more than the folders beside those on the way down.
class IndexWalk {
 public:
  static constexpr size_t kFilesPerTurn = 500;  // or one folder, where that holds more
  static constexpr size_t kDirsPerTurn = 50;

  // The next files; maybe none. `held` is asked once.
  std::vector<ListedFile> Turn(Index& index, const PeerNames& names,
                               const std::function<std::vector<HeldFile>()>& held);
  bool done() const { return part_ == Part::kDone; }

 private:
  enum class Part { kTree, kNeeds, kHeld, kDone };
  void Tree(Index& index, std::vector<ListedFile>& page);
  void Needs(Index& index, const PeerNames& names, std::vector<ListedFile>& page);

  Part part_ = Part::kTree;
  std::vector<RelPath> dirs_ = {RelPath()};  // still to be listed
  uint64_t arrival_ = 0;
};

}  // namespace atozsync
