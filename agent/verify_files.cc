#include "agent/verify_files.h"

#include <algorithm>
#include <utility>

#include "agent/loop_question.h"

namespace atozsync {

namespace {

PeerNames NamesOf(Agent& agent) {
  return [agent = &agent](const ReplicaId& id) {
    for (const PeerConfig& peer : agent->config().peers) {
      if (peer.id == id) return peer.name;
    }
    return id.ToString();
  };
}

// Questions to peers that are open: what they said, in the order of the paths.
struct Asked {
  explicit Asked(Answer<std::vector<PeersWord>> to) : answer(std::move(to)) {}
  std::vector<PeersWord> words;
  size_t waiting = 0;
  std::vector<std::string> connected;
  Answer<std::vector<PeersWord>> answer;
};

PeersWord WordFrom(const ExplainReport& report, const std::vector<std::string>& connected) {
  PeersWord word;
  for (const ExplainVersion& peer : report.peers) {
    bool there = std::find(connected.begin(), connected.end(), peer.replica) != connected.end();
    if (peer.known && peer.version.kind == VersionKind::kFile) {
      word.have.push_back(peer.replica);
    } else if (!peer.known && !there) {
      word.silent.push_back(peer.replica);
    }
  }
  return word;
}

}  // namespace

AgentFiles::AgentFiles(Agent& agent, Interrupt& interrupt)
    : agent_(agent), interrupt_(interrupt), walk_(std::make_shared<IndexWalk>()) {}

Result<std::vector<ListedFile>> AgentFiles::NextPage() {
  struct Page {
    std::vector<ListedFile> files;
    bool last = false;
  };
  for (;;) {
    ASSIGN_OR_RETURN(Page page, AskLoop<Page>(agent_.executor(), interrupt_,
                                              [agent = &agent_, walk = walk_](Answer<Page> answer) {
                                                if (agent->replica() == nullptr) return;
                                                Page made;
                                                made.files = walk->Turn(
                                                    *agent->index(), NamesOf(*agent), [agent] {
                                                      return agent->replica()->Held(kHeldMax);
                                                    });
                                                made.last = walk->done();
                                                answer(std::move(made));
                                              }));
    if (!page.files.empty() || page.last) return std::move(page.files);
  }
}

Result<std::vector<ListedFile>> AgentFiles::LookUp(const std::vector<RelPath>& paths) {
  CHECK(paths.size() <= kPageMax);
  return AskLoop<std::vector<ListedFile>>(
      agent_.executor(), interrupt_,
      [agent = &agent_, paths](Answer<std::vector<ListedFile>> answer) {
        if (agent->replica() == nullptr) return;
        std::vector<ListedFile> files;
        files.reserve(paths.size());
        for (const RelPath& path : paths) {
          files.push_back(StandingOf(*agent->index(), NamesOf(*agent), path));
        }
        answer(std::move(files));
      });
}

Result<std::vector<PeersWord>> AgentFiles::AskPeers(const std::vector<RelPath>& paths) {
  std::vector<PeersWord> words;
  for (size_t start = 0; start < paths.size(); start += kPeerQuestionsAtOnce) {
    size_t end = std::min(paths.size(), start + kPeerQuestionsAtOnce);
    std::vector<RelPath> some(paths.begin() + static_cast<ptrdiff_t>(start),
                              paths.begin() + static_cast<ptrdiff_t>(end));
    auto question = [agent = &agent_,
                     some = std::move(some)](Answer<std::vector<PeersWord>> answer) {
      if (agent->replica() == nullptr) return;
      auto asked = std::make_shared<Asked>(std::move(answer));
      asked->words.resize(some.size());
      asked->waiting = some.size();
      for (const PeerReport& peer : agent->report().peers) {
        if (peer.connected) asked->connected.push_back(peer.name);
      }
      for (size_t i = 0; i < some.size(); ++i) {
        agent->replica()->Explain(some[i], [asked, i](const ExplainReport& report) {
          asked->words[i] = WordFrom(report, asked->connected);
          if (--asked->waiting == 0) asked->answer(std::move(asked->words));
        });
      }
    };
    ASSIGN_OR_RETURN(
        std::vector<PeersWord> said,
        AskLoop<std::vector<PeersWord>>(agent_.executor(), interrupt_, std::move(question)));
    for (PeersWord& word : said) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace atozsync
