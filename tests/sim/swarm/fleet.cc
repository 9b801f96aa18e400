#include "tests/sim/swarm/fleet.h"

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <new>

#include "tests/sim/swarm/draw.h"

namespace atozsync::swarm {

namespace {

// Of processor time: one history takes milliseconds, under a sanitizer some seconds. What the
// machine does beside it does not count.
constexpr time_t kHangSeconds = 60;
constexpr size_t kTextMax = 200'000;  // of one verdict

struct Worker {
  std::atomic<uint64_t> seed{0};  // under way; 0 = between two
  Tally tally;
};

// What parent and children share.
struct Shared {
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::array<Worker, FleetOptions::kJobsMax> workers;
};

void StartHangTimer() {
  itimerval limit{{0, 0}, {kHangSeconds, 0}};
  CHECK(setitimer(ITIMER_VIRTUAL, &limit, nullptr) == 0);
}

void NoteFailure(Tally& tally, uint64_t seed) {
  if (tally.failed_seed == 0 || seed < tally.failed_seed) tally.failed_seed = seed;
}

void RunOne(uint64_t seed, bool twice, Tally& tally) {
  Scenario scenario = DrawScenario(seed);
  RunResult result = RunScenario(scenario);
  ++tally.runs;
  tally.simulated_s += static_cast<uint64_t>(result.simulated_ns / kSecond);
  tally.events += result.events;
  for (size_t i = 0; i < kStepKindCount; ++i) tally.steps[i] += result.steps[i];
  bool same = true;
  if (twice) {
    same = RunScenario(scenario).trace_hash == result.trace_hash;
    ++tally.repeated;
  }
  if (!result.violations.empty() || !same) NoteFailure(tally, seed);
}

void Work(const FleetOptions& options, Shared& shared, Worker& worker) {
  ResetProbes();
  while (!shared.stop) {
    uint64_t index = shared.next.fetch_add(1);
    if (index >= options.runs) break;
    uint64_t seed = options.first_seed + index;
    worker.seed = seed;
    StartHangTimer();
    bool twice = options.repeat_every != 0 && index % options.repeat_every == 0;
    RunOne(seed, twice, worker.tally);
    worker.seed = 0;
    if (worker.tally.failed_seed != 0) shared.stop = true;
  }
  std::vector<ProbeCounter> probes = ProbeHits();
  for (size_t i = 0; i < kProbeCount; ++i) worker.tally.probes[i] = probes[i].hits;
}

void Watch(const FleetOptions& options, Shared& shared, int jobs) {
  uint64_t said = 0;
  for (int left = jobs; left > 0;) {
    int state = 0;
    if (waitpid(-1, &state, options.progress ? WNOHANG : 0) > 0) {
      --left;
      // A child that died leaves its seed behind; the others have ended or will.
      if (!WIFEXITED(state)) shared.stop = true;
      continue;
    }
    usleep(200'000);
    uint64_t begun = std::min(shared.next.load(), options.runs);
    if (begun < said + 10'000) continue;
    said = begun;
    std::fprintf(stderr, "%llu histories begun\n", static_cast<unsigned long long>(begun));
  }
}

}  // namespace

void Tally::Add(const Tally& other) {
  runs += other.runs;
  repeated += other.repeated;
  simulated_s += other.simulated_s;
  events += other.events;
  for (size_t i = 0; i < kStepKindCount; ++i) steps[i] += other.steps[i];
  for (size_t i = 0; i < kProbeCount; ++i) probes[i] += other.probes[i];
  if (other.failed_seed != 0) NoteFailure(*this, other.failed_seed);
}

Tally RunFleet(const FleetOptions& options) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  auto* shared = new (memory) Shared();
  int jobs = std::clamp(options.jobs, 1, FleetOptions::kJobsMax);
  for (int i = 0; i < jobs; ++i) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) continue;
    Work(options, *shared, shared->workers[static_cast<size_t>(i)]);
    _exit(0);
  }
  Watch(options, *shared, jobs);
  Tally total;
  for (const Worker& worker : shared->workers) {
    total.Add(worker.tally);
    if (worker.seed != 0) NoteFailure(total, worker.seed);
  }
  munmap(memory, sizeof(Shared));
  return total;
}

Verdict RunApart(const Scenario& scenario) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    StartHangTimer();
    RunResult result = RunScenario(scenario);
    std::string answer = ViolationKind(result) + "\n";
    for (const std::string& violation : result.violations) answer += violation + "\n";
    if (result.violations.empty() && RunScenario(scenario).trace_hash != result.trace_hash) {
      answer = "trace\ntrace: two runs of one scenario differ\n";
    }
    answer = "\1" + answer;  // what comes before it are last words of the program
    for (size_t at = 0; at < answer.size();) {
      ssize_t written = write(ends[1], answer.data() + at, answer.size() - at);
      if (written <= 0) _exit(1);
      at += static_cast<size_t>(written);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string answer;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
    if (answer.size() < kTextMax) answer.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  int state = 0;
  waitpid(child, &state, 0);
  if (!WIFEXITED(state)) {
    return {WIFSIGNALED(state) && WTERMSIG(state) == SIGVTALRM ? "hang" : "crash", answer};
  }
  size_t begin = answer.find('\1') + 1;
  size_t end = answer.find('\n', begin);
  return {answer.substr(begin, end - begin), answer.substr(end + 1)};
}

}  // namespace atozsync::swarm
