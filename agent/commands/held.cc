#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/held_table.h"

namespace atozsync {

namespace {

struct HeldOptions {
  bool json = false;
  std::string which;
};

Result<Json> Fetch(const StateDir& state) {
  return ControlClient(state).Call("GET", "/v1/held");
}

int List(const StateDir& state, bool json) {
  Result<Json> held = Fetch(state);
  if (!held.ok()) return Fail(held.status());
  if (json) {
    PrintJson(*held);
  } else {
    fmt::print("{}", HeldTable(*held));
  }
  return HeldNeedsPerson(*held) ? kNeedsPerson : kDone;
}

// `what`: release or revert.
int Decide(const StateDir& state, const HeldOptions& options, const std::string& what) {
  Result<Json> held = Fetch(state);
  if (!held.ok()) return Fail(held.status());
  Result<std::optional<Json>> entry = FindHeld(*held, options.which);
  if (!entry.ok()) return Fail(entry.status());
  const Json path = entry->value_or(PathArgument(options.which));
  Result<Json> done = ControlClient(state).Call("POST", "/v1/held/" + what, path);
  if (!done.ok()) return Fail(done.status());
  if (options.json) {
    PrintJson(*done);
  } else {
    fmt::print("{} {}\n", what == "release" ? "Released" : "Reverted",
               *entry ? TextAt(path, "path") : Printable(options.which));
  }
  return kDone;
}

}  // namespace

void AddHeld(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<HeldOptions>();
  CLI::App* held = AddCommand(app, "held", "What waits: for its row, for a person, for a lock");
  held->add_flag("--json", options->json, "As JSON");
  held->callback([&line, options, held] {
    if (!held->get_subcommands().empty()) return;
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  AddCommand(*held, "list", "List it, oldest first")->callback([&line, options] {
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  const std::pair<const char*, const char*> decisions[] = {
      {"release",
       "Let it go on now: a waiting file appears, a deletion is made, one in use is tried again"},
      {"revert",
       "Take it back: a file that is gone returns, a rewritten one is as before, one that lost its "
       "row stays"}};
  for (const auto& [name, about] : decisions) {
    CLI::App* command = AddCommand(*held, name, about);
    command->add_option("file", options->which, "Its path, or its id (or the beginning of that)")
        ->required();
    command->callback([&line, options, what = std::string(name)] {
      line.run = [options, what](const StateDir& state) { return Decide(state, *options, what); };
    });
  }
}

}  // namespace atozsync
