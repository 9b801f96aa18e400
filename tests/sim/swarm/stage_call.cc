// Users who come in between two calls of the agent, more than once or while it only reads.
#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

namespace {

bool IsUsersFile(SimNode& node, const RelPath& path) {
  bool users = !path.is_root() && !path.str().starts_with(".atozsync");
  return users && node.files().ReadFile(path.str()).has_value();
}

}  // namespace

// So many calls after the agent began to read a file, the file is saved anew: between two reads of
// it, before it is looked at again, or before what was read is made use of.
void Stage::EditAtRead(SimNode& node, const Step& step) {
  struct Wait {
    uint32_t reads;
    uint32_t calls;
    std::string path;
    bool done = false;
  };
  Wait wait{step.x % 4, step.y % 7, ""};
  node.files().SetHook(
      [this, &node, step, wait](FsCall call, const RelPath& path, const RelPath&) mutable {
        if (wait.done || !UserCanAct(node)) return;
        if (wait.path.empty()) {
          if (call != FsCall::kRead || !IsUsersFile(node, path) || wait.reads-- > 0) return;
          wait.path = path.str();
        }
        if (wait.calls-- > 0) return;
        wait.done = true;
        if (!IsUsersFile(node, RelPath::Trusted(wait.path))) return;
        cluster_.Write(node.name(), wait.path, NewContent(node.name(), step.x % 200));
      });
  Narrate("a user will edit what " + node.name() + " has just read");
}

// The first change of a file by the agent shows the user which one.
void Stage::EditAtCalls(SimNode& node, const Step& step) {
  std::string path;
  node.files().SetHook([this, &node, step, path, left = step.x % 4 + 2](
                           FsCall call, const RelPath& a, const RelPath& b) mutable {
    if (left == 0 || !UserCanAct(node) || !IsMutating(call)) return;
    for (const RelPath& touched : {a, b}) {
      if (path.empty() && IsUsersFile(node, touched)) path = touched.str();
    }
    if (path.empty() || !Possible(node, path, NodeKind::kFile)) return;
    --left;
    cluster_.Replace(node.name(), path, NewContent(node.name(), step.y % 40));
  });
  Narrate("a user will save a file again and again while " + node.name() + " changes it");
}

}  // namespace atozsync::swarm
