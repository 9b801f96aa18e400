// What this machine allows, without any synchronizer: a bare walk of a directory tree with one stat
// per entry, XXH3-128 over bytes that are in the page cache, and bytes through one TCP connection.
// Each command prints two numbers: how much was done, and the seconds it took. bench/run calls it.
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace atozsync {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench_limits: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Directory {
  std::string path;
  uint64_t files = 0;  // directly in it
  std::vector<std::string> below;
};

// Lists one directory by its handle, as the fastest walk would.
Directory Look(const std::string& path) {
  Directory found;
  found.path = path;
  int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) Fail(path);
  DIR* stream = ::fdopendir(fd);
  if (stream == nullptr) Fail(path);
  while (const dirent* entry = ::readdir(stream)) {
    const char* name = entry->d_name;
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    struct stat status {};
    if (::fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) Fail(path + "/" + name);
    if (S_ISDIR(status.st_mode)) {
      found.below.push_back(path + "/" + name);
    } else {
      ++found.files;
    }
  }
  ::closedir(stream);
  return found;
}

uint64_t FilesBelow(const std::string& top) {
  uint64_t files = 0;
  std::vector<std::string> waiting = {top};
  while (!waiting.empty()) {
    std::string path = std::move(waiting.back());
    waiting.pop_back();
    Directory directory = Look(path);
    files += directory.files;
    for (std::string& below : directory.below) waiting.push_back(std::move(below));
  }
  return files;
}

// One share of the tree in a process of its own; returns the end from which its count is read.
int WalkShare(const std::vector<std::string>& tops, size_t first, size_t step) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) Fail("pipe");
  pid_t child = ::fork();
  if (child < 0) Fail("fork");
  if (child == 0) {
    uint64_t files = 0;
    for (size_t i = first; i < tops.size(); i += step) files += FilesBelow(tops[i]);
    bool told = ::write(ends[1], &files, sizeof(files)) == sizeof(files);
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  return ends[0];
}

// The two uppermost levels are dealt out to the processes in turn.
int Walk(const std::string& root, size_t processes) {
  double start = Now();
  Directory top = Look(root);
  uint64_t files = top.files;
  std::vector<std::string> shares;
  for (const std::string& path : top.below) {
    Directory second = Look(path);
    files += second.files;
    shares.insert(shares.end(), second.below.begin(), second.below.end());
  }
  std::vector<int> counts;
  for (size_t i = 0; i < processes; ++i) counts.push_back(WalkShare(shares, i, processes));
  for (int fd : counts) {
    uint64_t count = 0;
    if (::read(fd, &count, sizeof(count)) != sizeof(count)) Fail("a share of the walk");
    files += count;
  }
  std::printf("%llu %.6f\n", static_cast<unsigned long long>(files), Now() - start);
  return 0;
}

int Hash(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) Fail(path);
  std::vector<char> piece(kPieceBytes);
  XXH3_state_t* state = XXH3_createState();
  XXH3_128bits_reset(state);
  double start = Now();
  uint64_t bytes = 0;
  while (true) {
    ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0) Fail(path);
    if (got == 0) break;
    XXH3_128bits_update(state, piece.data(), static_cast<size_t>(got));
    bytes += static_cast<uint64_t>(got);
  }
  XXH128_hash_t hash = XXH3_128bits_digest(state);
  double seconds = Now() - start;
  XXH3_freeState(state);
  ::close(fd);
  // Printed, so that nothing of it can be left out.
  std::printf("%llu %.6f %016llx\n", static_cast<unsigned long long>(bytes), seconds,
              static_cast<unsigned long long>(hash.low64));
  return 0;
}

void SendAll(uint16_t port, uint64_t bytes) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = port;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0) Fail("connect");
  std::vector<char> piece(kPieceBytes, 'x');
  while (bytes > 0) {
    ssize_t sent = ::write(fd, piece.data(), std::min<uint64_t>(piece.size(), bytes));
    if (sent < 0) Fail("send");
    bytes -= static_cast<uint64_t>(sent);
  }
  ::close(fd);
}

int Tcp(uint64_t bytes) {
  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(where);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&where), length) != 0 ||
      ::listen(listener, 1) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&where), &length) != 0) {
    Fail("listen on loopback");
  }
  pid_t child = ::fork();
  if (child < 0) Fail("fork");
  if (child == 0) {
    SendAll(where.sin_port, bytes);
    ::_exit(0);
  }
  int fd = ::accept(listener, nullptr, nullptr);
  if (fd < 0) Fail("accept");
  std::vector<char> piece(kPieceBytes);
  uint64_t received = 0;
  double start = Now();
  while (true) {
    ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0) Fail("receive");
    if (got == 0) break;
    received += static_cast<uint64_t>(got);
  }
  std::printf("%llu %.6f\n", static_cast<unsigned long long>(received), Now() - start);
  ::close(fd);
  ::close(listener);
  ::waitpid(child, nullptr, 0);
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "walk") {
    size_t processes = std::strtoul(arguments[2].c_str(), nullptr, 10);
    if (processes >= 1 && processes <= 64) return Walk(arguments[1], processes);
  }
  if (arguments.size() == 2 && arguments[0] == "hash") return Hash(arguments[1]);
  if (arguments.size() == 2 && arguments[0] == "tcp") {
    return Tcp(std::strtoull(arguments[1].c_str(), nullptr, 10));
  }
  std::fprintf(stderr, "usage: bench_limits walk DIR PROCESSES(1..64) | hash FILE | tcp BYTES\n");
  return 2;
}

}  // namespace
}  // namespace atozsync

int main(int count, char** arguments) {
  return atozsync::Main(std::vector<std::string>(arguments + 1, arguments + count));
}
