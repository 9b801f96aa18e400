// Copying a whole simulated volume and putting it back to the copy.
#include "tests/sim/sim_file_system.h"

namespace atozsync {

namespace {

SimDiskImage ImageOf(const SimInode& node) {
  SimDiskImage image{node.kind, node.number, node.mtime_ns, node.ctime_ns, node.data, {}, 0};
  for (const auto& [name, child] : node.entries) image.entries.emplace(name, ImageOf(*child));
  return image;
}

SimInodePtr NodeOf(const SimDiskImage& image) {
  auto node = std::make_shared<SimInode>();
  node->kind = image.kind;
  node->number = image.number;
  node->mtime_ns = image.mtime_ns;
  node->ctime_ns = image.ctime_ns;
  node->data = image.data;
  node->MakeContentDurable();
  for (const auto& [name, child] : image.entries) {
    node->durable_entries.emplace(name, NodeOf(child));
  }
  return node;
}

}  // namespace

SimDiskImage SimFileSystem::TakeImage() const {
  SimDiskImage image = ImageOf(*volume_root_);
  image.next_number = next_number_;
  return image;
}

void SimFileSystem::PutBack(const SimDiskImage& image) {
  journal_.DropAll();
  volume_root_ = NodeOf(image);
  // What was made since is not there: its numbers are given again.
  next_number_ = image.next_number;
  Restart(nullptr);
}

}  // namespace atozsync
