// Contents for people to look at: opening the file that holds a version, with its kind told from
// its bytes, on a worker lane. Loop thread only; the replies too.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/control_handler.h"

namespace atozsync {

// What can be shown is not longer than this.
inline constexpr uint64_t kContentBytesMax = 256u << 20;

struct ContentRequest {
  std::optional<RelPath> place;  // below the root; nothing: not here
  uint64_t size = 0;             // that the version has, bytes
};

struct ContentFacts {
  bool available = false;
  std::string media_type;  // empty where it is not available
  uint64_t size = 0;
  std::shared_ptr<File> file;  // open, where it is available
};

// `done` in a later turn, one answer for each request. Nobody answers when the replica is built
// anew meanwhile: `done` is destroyed.
void OpenContents(Agent& agent, std::vector<ContentRequest> requests,
                  UniqueFunction<void(std::vector<ContentFacts>)> done);

// {available, media_type, size, previewable}
Json ContentJson(const ContentFacts& facts);

// The bytes as an answer. `name`: for a download, from the server, ASCII.
ControlReply ContentReply(ContentFacts facts, const std::string& name, bool download);

}  // namespace atozsync
