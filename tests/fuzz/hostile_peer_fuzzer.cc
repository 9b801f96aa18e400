// A whole replica beside a member of its cluster that keeps to no rule: it sends any messages in
// any order, with any fields, and rubbish. Whatever it does: no file of the user is lost or changed
// that it did not speak of, nothing stands anywhere that nobody put there, memory and kept files
// stay within bounds – and without it the replica agrees with an honest one again.
#include <cstdint>
#include <cstdio>

#include "sync/base/check.h"
#include "sync/engine/layout.h"
#include "tests/fuzz/hostile/hostile_script.h"
#include "tests/fuzz/memory_meter.h"

namespace atozsync {
namespace {

// Two replicas, the network and the hostile peer's own memory. Most is what waits for a peer that
// does not read (32 MiB, peer_link.cc) and content on its way (32 MiB, ReplicaOptions).
constexpr size_t kMemoryBytesMax = 128u << 20;
// Kept files: those of the first minutes, and so many for each row that was said and each thing
// that the user did.
constexpr size_t kKeptFilesFree = 32;
constexpr size_t kKeptFilesPerClaim = 4;
constexpr size_t kFileBytesMax = 512u << 10;  // no content that takes part is larger

std::vector<std::string> JudgeKept(HostileWorld& world, const Provenance& provenance) {
  std::vector<std::string> problems;
  size_t files = 0;
  size_t bytes = 0;
  for (const auto& [path, node] : world.victim().files().ListKept()) {
    if (node.kind != NodeKind::kFile) continue;
    ++files;
    bytes += node.content.size();
  }
  const size_t files_max =
      kKeptFilesFree + kKeptFilesPerClaim * (provenance.claims() + provenance.user_actions());
  if (files > files_max) problems.push_back(std::to_string(files) + " files are kept");
  if (bytes > files_max * kFileBytesMax) problems.push_back(std::to_string(bytes) + " bytes kept");
  for (const auto& [path, node] : world.victim().files().ListKept(layout::Staging().str())) {
    if (path.ends_with(".part")) continue;
    problems.push_back("left in staging: " + path);
  }
  return problems;
}

void Require(const std::vector<std::string>& problems, HostileWorld& world) {
  if (problems.empty()) return;
  for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  std::fprintf(stderr, "%s", world.Describe().c_str());
  CHECK(problems.empty());
}

void Live(Input& input, HostileWorld& world) {
  Provenance provenance;
  for (const auto& [path, node] : world.victim().files().UserTree()) {
    if (node.kind == NodeKind::kFile) provenance.Wrote(path, node.content);
  }
  world.peer().SetWitness(
      [&provenance](const protocol::Message& message) { provenance.Said(message); });
  // Some speak before they have been greeted.
  if (input.Byte() < 240) world.Connect();
  HostileScript(input, world, provenance).Run();
  world.RunFor(500);
  const bool settled = world.SettleAfterwards();
  Require(world.problems(), world);
  CHECK(settled);
  world.RunFor(20'000);  // what is thrown away is gone by then, too
  Require(provenance.Judge(world.victim().files().UserTree()), world);
  Require(JudgeKept(world, provenance), world);
  world.EditAfterwards();
  Require(world.problems(), world);
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const MemoryMeter meter;
  Input input(data, size);
  const uint8_t by = input.Byte();
  // Large contents take much of the time: not in each life.
  HostileWorld world(by, nullptr, by % 8 == 7 ? 400'000 : 4'000);
  Live(input, world);
  CHECK(meter.peak_bytes() <= kMemoryBytesMax);
  return 0;
}
