// AgentFiles: the files a running replica knows of, for the consistency report: page by page from
// its index, each page in one short turn of the loop. Lives on the report's thread; what it asks
// runs on the loop thread. A replica that is built anew meanwhile is asked on by path.
#pragma once

#include <memory>

#include "agent/agent.h"
#include "agent/index_files.h"
#include "database/report.h"

namespace atozsync {

class AgentFiles final : public FileList {
 public:
  static constexpr size_t kPeerQuestionsAtOnce = 16;
  static constexpr size_t kHeldMax = 10'000;

  // Both outlive it, and the agent every turn of the loop.
  AgentFiles(Agent& agent, Interrupt& interrupt);

  Result<std::vector<ListedFile>> NextPage() override;
  Result<std::vector<ListedFile>> LookUp(const std::vector<RelPath>& paths) override;
  Result<std::vector<PeersWord>> AskPeers(const std::vector<RelPath>& paths) override;

 private:
  Agent& agent_;
  Interrupt& interrupt_;
  // Of the turns of the loop; shared with one that may still be waiting when the run is over.
  std::shared_ptr<IndexWalk> walk_;
};

}  // namespace atozsync
