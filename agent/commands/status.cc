#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <thread>

#include "agent/commands/command.h"
#include "agent/format.h"
#include "agent/health/check_line.h"
#include "agent/held_table.h"
#include "sync/os/process.h"

namespace atozsync {

namespace {

constexpr auto kWatchPause = std::chrono::seconds(1);
constexpr auto kWaitPause = std::chrono::milliseconds(100);

constexpr size_t kHeldShown = 5;

struct StatusOptions {
  bool json = false;
  bool watch = false;
  bool check = false;
};

std::string Remaining(const Json& backlog) {
  return Count(NumberAt(backlog, "files"), "file", "files") + " (" +
         HumanBytes(NumberAt(backlog, "bytes")) + ")";
}

std::string PeerText(const Json& peer) {
  std::string text = "  " + TextAt(peer, "name") + ": ";
  if (!FlagAt(peer, "connected")) {
    text += "not connected";
    std::string seen = TextAt(peer, "last_seen");
    text += seen.empty() ? ", never seen" : ", last seen " + seen;
  } else if (FlagAt(peer, "in_sync")) {
    text += "in sync";
  } else {
    text +=
        "to receive " + Remaining(peer["to_receive"]) + ", to send " + Remaining(peer["to_send"]);
  }
  if (std::string address = TextAt(peer, "address"); !address.empty()) text += " [" + address + "]";
  if (std::string problem = TextAt(peer, "problem"); !problem.empty()) text += " – " + problem;
  return text + "\n";
}

std::string WorkText(const Json& status) {
  std::string text;
  auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (uint64_t scan = NumberAt(status, "to_scan")) {
    add(Count(scan, "directory to list", "directories to list"));
  }
  if (uint64_t hash = NumberAt(status, "to_hash")) {
    add(Count(hash, "file to read", "files to read"));
  }
  if (uint64_t keep = NumberAt(status, "to_keep")) {
    add(Count(keep, "losing version of a conflict", "losing versions of conflicts") + " to fetch");
  }
  const Json receive = status.value("to_receive", Json::object());
  if (NumberAt(receive, "files") > 0) add(Remaining(receive) + " to receive");
  return text;
}

// `held`: the oldest few of what waits.
std::string StatusText(const Json& status, const Json& held) {
  const Json replica = status.value("replica", Json::object());
  std::string text = TextAt(replica, "name") + "  " + TextAt(replica, "root") + "\n";
  text += "State: " + TextAt(status, "state") +
          (FlagAt(status, "in_sync") ? ", everything is the same everywhere" : "") + "\n";
  text += "Folder: " + Count(NumberAt(status, "files"), "file", "files") + " in " +
          Count(NumberAt(status, "directories"), "directory", "directories") + ", " +
          HumanBytes(NumberAt(status, "bytes")) + "\n";
  if (std::string work = WorkText(status); !work.empty()) text += "Left to do: " + work + "\n";
  const Json limit = status.value("upload_limit", Json());
  if (limit.is_object()) text += "Upload limit: " + TextAt(limit, "text") + "\n";
  const Json peers = ListAt(status, "peers");
  text += peers.empty() ? "Peers: none yet (`atozsync invite` and `atozsync join` pair replicas)\n"
                        : "Peers:\n";
  for (const Json& peer : peers) text += PeerText(peer);
  if (uint64_t open = NumberAt(status, "conflicts_open")) {
    text += "Conflicts: " + std::to_string(open) + " open (`atozsync conflicts` lists them)\n";
  }
  text += DatabaseLine(status.value("database", Json()));
  text += HeldLines(status.value("held", Json::object()), held);
  const Json dashboard = status.value("dashboard", Json());
  if (dashboard.is_object()) {
    const std::string problem = TextAt(dashboard, "problem");
    text +=
        "Dashboard: " +
        (problem.empty() ? "http://" + TextAt(dashboard, "address") + "/ (`atozsync ui` opens it)"
                         : problem) +
        "\n";
  }
  for (const Json& problem : ListAt(status, "problems")) {
    if (problem.is_string()) text += "Problem: " + problem.get<std::string>() + "\n";
  }
  std::string error = TextAt(status, "last_error");
  return error.empty() ? text : text + "Error: " + error + "\n";
}

// Status without the files that wait shows their number alone.
Json OldestHeld(const ControlClient& agent, const Json& status) {
  const Json counts = status.value("held", Json::object());
  const char* const kinds[] = {"row", "locked", "brake"};
  bool any = std::any_of(std::begin(kinds), std::end(kinds),
                         [&](const char* kind) { return NumberAt(counts, kind) > 0; });
  if (!any) return Json::array();
  Result<Json> held = agent.Call("GET", "/v1/held/" + std::to_string(kHeldShown));
  return held.ok() && held->is_array() ? *held : Json::array();
}

int ShowStatus(const StateDir& state, const StatusOptions& options) {
  ControlClient agent(state);
  const bool terminal = IsTerminal(Stream::kOut);
  std::string shown;
  for (;;) {
    Result<Json> status = agent.Call("GET", "/v1/status");
    if (!status.ok()) return Fail(status.status());
    std::string text = options.json ? Dump(*status, options.watch ? -1 : 2) + "\n"
                                    : StatusText(*status, OldestHeld(agent, *status));
    if (text != shown) {
      if (options.watch && !options.json && terminal) fmt::print("\x1b[H\x1b[2J");
      fmt::print("{}", text);
      std::fflush(stdout);
      shown = text;
    }
    if (!options.watch) return kDone;
    std::this_thread::sleep_for(kWatchPause);
  }
}

// For monitoring programs: their exit codes, not ours.
int Check(const StateDir& state) {
  CheckLine result;
  Status ready = CheckInitialized(state);
  if (!ready.ok()) {
    result = CheckFailed(CheckLine::kUnknown, ready.error().context);
  } else if (Result<Json> overview = ControlClient(state).Call("GET", "/v1/overview");
             overview.ok()) {
    result = CheckOverview(*overview);
  } else {
    result = CheckFailed(CheckLine::kCritical, overview.error().context);
  }
  fmt::print("{}\n", result.line);
  return result.code;
}

int Wait(const StateDir& state, double timeout_s) {
  using Clock = std::chrono::steady_clock;
  const bool forever = timeout_s < 0;
  const auto end = Clock::now() +
                   std::chrono::milliseconds(forever ? 0 : static_cast<int64_t>(timeout_s * 1000));
  ControlClient agent(state);
  for (;;) {
    Result<Json> settled = agent.Call("GET", "/v1/settled");
    if (!settled.ok() && !settled.Is(Errc::kBusy)) return Fail(settled.status());
    if (settled.ok() && FlagAt(*settled, "settled")) return kDone;
    if (!forever && Clock::now() >= end) {
      return Fail(
          "the time is up and not everything is the same everywhere: `atozsync status` "
          "shows what is left",
          kTimeUp);
    }
    std::this_thread::sleep_for(kWaitPause);
  }
}

}  // namespace

void AddStatus(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command =
      AddCommand(app, "status", "Show folder, peers, database, what is left to do, conflicts");
  command->add_flag("--json", options->json, "As JSON");
  command->add_flag("--watch", options->watch, "Again whenever it changes, until interrupted");
  command->add_flag("--check", options->check,
                    "One line for a monitoring program; exit status 0 OK, 1 warning, 2 critical, "
                    "3 unknown");
  command->callback([&line, options] {
    line.run = [options](const StateDir& state) {
      return options->check ? Check(state) : ShowStatus(state, *options);
    };
  });
}

void AddWait(CLI::App& app, CommandLine& line) {
  auto timeout_s = std::make_shared<double>(-1);
  CLI::App* command = AddCommand(
      app, "wait", "Wait until every peer is connected and everything is the same everywhere");
  command->add_option("--timeout", *timeout_s, "Give up after so many seconds (exit status 3)")
      ->check(CLI::Range(0.0, 1e7));
  command->callback([&line, timeout_s] {
    line.run = [timeout_s](const StateDir& state) { return Wait(state, *timeout_s); };
  });
}

void AddPause(CLI::App& app, CommandLine& line) {
  for (const char* name : {"pause", "resume"}) {
    const std::string what = name;
    AddCommand(app, what,
               what == "pause" ? "Stop exchanging files until `resume`" : "Go on exchanging files")
        ->callback([&line, what] {
          line.run = [what](const StateDir& state) -> int {
            Result<Json> done = ControlClient(state).Call("POST", "/v1/" + what);
            return done.ok() ? kDone : Fail(done.status());
          };
        });
  }
}

}  // namespace atozsync
