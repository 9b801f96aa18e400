// fuzz_seeds write CORPUS: puts the seeds of all fuzzers into CORPUS/NAME/seed-….
// fuzz_seeds check CORPUS: fails when what lies there is not what would be written.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/seeds.h"

namespace atozsync {
namespace {

namespace fs = std::filesystem;

bool Write(const fs::path& file, const Bytes& bytes) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  return out.good();
}

Bytes Read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

int WriteAll(const fs::path& corpus, const Seeds& seeds) {
  for (const auto& [name, bytes] : seeds) {
    if (Write(corpus / name, bytes)) continue;
    std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", (corpus / name).c_str());
    return 1;
  }
  std::printf("%zu seeds\n", seeds.size());
  return 0;
}

int CheckAll(const fs::path& corpus, const Seeds& seeds) {
  int wrong = 0;
  for (const auto& [name, bytes] : seeds) {
    if (fs::exists(corpus / name) && Read(corpus / name) == bytes) continue;
    std::fprintf(stderr, "fuzz_seeds: %s is missing or old\n", name.c_str());
    ++wrong;
  }
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    const std::string name = fs::relative(entry.path(), corpus).string();
    const bool is_seed = entry.path().filename().string().starts_with("seed-");
    if (!is_seed || seeds.contains(name)) continue;
    std::fprintf(stderr, "fuzz_seeds: %s is made by nobody\n", name.c_str());
    ++wrong;
  }
  if (wrong > 0) std::fprintf(stderr, "fuzz_seeds: run it with `write`, then look at the diff\n");
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace atozsync

int main(int argc, char** argv) {
  const std::string what = argc == 3 ? argv[1] : "";
  if (what != "write" && what != "check") {
    std::fprintf(stderr, "usage: %s write|check CORPUS\n", argv[0]);
    return 2;
  }
  atozsync::Seeds seeds;
  atozsync::AddPeerSeeds(seeds);
  atozsync::AddHostileSeeds(seeds);
  atozsync::AddLocalSeeds(seeds);
  return what == "write" ? atozsync::WriteAll(argv[2], seeds) : atozsync::CheckAll(argv[2], seeds);
}
