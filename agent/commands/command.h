// What the commands share: their exit codes, how they fail, how they show progress. Each command
// registers itself with the command line parser and leaves a function behind that main() runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "agent/control_client.h"
#include "agent/state_dir.h"
#include "sync/base/status.h"

namespace atozsync {

// The contract with scripts; `--help` lists them.
enum ExitCode : int {
  kDone = 0,
  kNeedsPerson = 1,  // done, and something needs a person
  kUsage = 2,        // usage or configuration error
  kTimeUp = 3,
  kNotRunning = 4,  // the agent is not running
  kFailed = 5,
};

struct CommandLine {
  std::string state_path;
  std::function<int(const StateDir&)> run;  // of the command that was given
  // Root becomes the user whom the state directory belongs to before it runs the command: what it
  // writes there has to be the agent's.
  bool as_owner = true;
};

void AddInit(CLI::App& app, CommandLine& line);
void AddId(CLI::App& app, CommandLine& line);
void AddInvite(CLI::App& app, CommandLine& line);
void AddJoin(CLI::App& app, CommandLine& line);
void AddPeers(CLI::App& app, CommandLine& line);
void AddRun(CLI::App& app, CommandLine& line);
void AddStatus(CLI::App& app, CommandLine& line);
void AddWait(CLI::App& app, CommandLine& line);
void AddResync(CLI::App& app, CommandLine& line);
void AddConflicts(CLI::App& app, CommandLine& line);
void AddHeld(CLI::App& app, CommandLine& line);
void AddDoctor(CLI::App& app, CommandLine& line);
void AddUi(CLI::App& app, CommandLine& line);
void AddVerifyDb(CLI::App& app, CommandLine& line);
void AddService(CLI::App& app, CommandLine& line);
// A hidden one: prints the commands and options as JSON, for manual and completions.
void AddCommandTree(CLI::App& app, CommandLine& line);
void AddPathCommands(CLI::App& app, CommandLine& line);  // explain, history, restore
void AddPause(CLI::App& app, CommandLine& line);         // pause, resume

// A subcommand of `parent` that also understands what stands in front of it (--state).
CLI::App* AddCommand(CLI::App& parent, const std::string& name, const std::string& what);

// Prints "atozsync: what went wrong: what to do about it"; the exit code for it.
int Fail(const Status& status);
int Fail(const std::string& text, ExitCode code);
// An error unless `init` was run for `state`.
Status CheckInitialized(const StateDir& state);
// Of this machine, without its domain.
std::string HostName();
// {"path": …} or {"path_raw": …} for a path as a person typed it.
Json PathArgument(const std::string& typed);
void PrintJson(const Json& json);

// One line on stderr that is redrawn on a terminal, and a line each where it is piped.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void Show(const std::string& text);
  void Clear();

 private:
  const bool terminal_;
  bool shown_ = false;
  std::string last_;
};

}  // namespace atozsync
