// Runs a fuzzer's kept corpus as an ordinary test, with any compiler:
//
//   fuzz_NAME PREFIXES MUTATIONS DIRECTORY
//
// Each file of the directory in the order of names, then beginnings of it and copies with one byte
// changed: as many as the arguments say, the same ones each time. When the process dies, it says on
// stderr which input it was and leaves that input in the file replay-failure.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

constexpr uint64_t kSeed = 20240229;  // any number, always the same
// A corpus is small files: a larger one was put there by mistake.
constexpr uintmax_t kFileBytesMax = 1 << 20;

// What is being run; read by the signal handler only while it is being run.
const Input* running_input = nullptr;
std::string running_name;

void OnDeath(int signal_number) {
  // Only calls that a signal handler may make. The process is lost: failures here change nothing.
  const char kSays[] = "\nreplay: died on ";
  const char kKept[] = "; the input is in ./replay-failure\n";
  ssize_t written = ::write(STDERR_FILENO, kSays, sizeof(kSays) - 1);
  written = ::write(STDERR_FILENO, running_name.data(), running_name.size());
  written = ::write(STDERR_FILENO, kKept, sizeof(kKept) - 1);
  const int fd = ::open("replay-failure", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd >= 0 && running_input != nullptr) {
    written = ::write(fd, running_input->data(), running_input->size());
  }
  static_cast<void>(written);
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void Run(const Input& input, std::string name) {
  running_name = std::move(name);
  running_input = &input;
  // A copy of exactly this size: so that a sanitizer sees the first byte read behind it.
  const Input copy(input);
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
  running_input = nullptr;
}

// At most `count_max` lengths, spread evenly; all of them when they are few.
void RunPrefixes(const Input& input, const std::string& name, size_t count_max) {
  const size_t count = std::min(input.size(), count_max);
  for (size_t i = 0; i < count; ++i) {
    const size_t length = input.size() * i / count;
    Run(Input(input.begin(), input.begin() + static_cast<ptrdiff_t>(length)),
        name + ", first " + std::to_string(length) + " bytes");
  }
}

void RunMutations(const Input& input, const std::string& name, size_t count) {
  if (input.empty()) return;
  std::mt19937_64 random(kSeed);
  Input changed = input;
  for (size_t i = 0; i < count; ++i) {
    const size_t at = random() % input.size();
    const uint8_t by = static_cast<uint8_t>(1 + random() % 255);
    changed[at] = static_cast<uint8_t>(input[at] ^ by);
    Run(changed, name + ", byte " + std::to_string(at) + " xor " + std::to_string(by));
    changed[at] = input[at];
  }
}

size_t NumberOf(const char* text) {
  return static_cast<size_t>(std::strtoul(text, nullptr, 10));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s PREFIXES MUTATIONS DIRECTORY\n", argv[0]);
    return 2;
  }
  for (int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(number, OnDeath);
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(argv[3], error)) {
    files.push_back(entry.path());
  }
  if (files.empty()) {
    std::fprintf(stderr, "replay: %s holds no input\n", argv[3]);
    return 1;
  }
  std::sort(files.begin(), files.end());
  Run({}, "nothing");
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const uintmax_t size = std::filesystem::file_size(file, error);
    if (!in || error || size > kFileBytesMax) {
      std::fprintf(stderr, "replay: cannot use %s\n", file.c_str());
      return 1;
    }
    const Input input{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::string name = file.filename().string();
    Run(input, name);
    RunPrefixes(input, name, NumberOf(argv[1]));
    RunMutations(input, name, NumberOf(argv[2]));
  }
  std::printf("replayed %zu files\n", files.size());
  return 0;
}
