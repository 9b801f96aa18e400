// atozsync: reads the command line and runs one command. Everything else is in commands/.
#include <fmt/core.h>

#include "agent/commands/command.h"
#include "agent/runtime.h"
#include "agent/service/owner.h"
#include "sync/os/system_files.h"

namespace {

constexpr const char* kAbout =
    "Keeps the Open Dental A to Z folder the same on several replicas.\n"
    "Exit status: 0 done; 1 done, and something needs a person; 2 usage or configuration error;\n"
    "3 the time ran out; 4 the agent is not running; 5 failed.";

}  // namespace

int main(int argc, char** argv) {
  using namespace atozsync;
  CLI::App app{kAbout, "atozsync"};
  CommandLine line;
  line.state_path = StateDir::DefaultPath();
  app.add_option("--state", line.state_path, "The state directory (or ATOZSYNC_STATE)");
  app.set_version_flag("--version", std::string("atozsync ") + kProgramVersion);
  app.require_subcommand(1);
  for (auto add : {AddInit, AddId, AddInvite, AddJoin, AddPeers, AddRun, AddStatus, AddWait,
                   AddResync, AddConflicts, AddHeld, AddPathCommands, AddPause, AddDoctor,
                   AddVerifyDb, AddUi, AddService, AddCommandTree}) {
    add(app, line);
  }
  // The library reports everything, help too, by exceptions: they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    // The library calls an unknown command a missing one.
    bool named_one = error.get_name() == "RequiredError" && !app.remaining().empty();
    if (named_one && app.get_subcommands().empty()) {
      return Fail("'" + Printable(app.remaining().front()) +
                      "' is not a command: `atozsync --help` lists them",
                  kUsage);
    }
    return Fail(std::string(error.what()) + ": `atozsync --help` lists commands and options",
                kUsage);
  }
  const std::string path = CleanName(line.state_path);
  if (path.empty()) return Fail("--state: an empty name: give a directory", kUsage);
  if (line.as_owner) {
    if (Status acting = ActAsOwnerOf(path); !acting.ok()) return Fail(acting);
  }
  return line.run(StateDir(path));
}
