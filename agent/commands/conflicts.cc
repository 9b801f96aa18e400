#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/conflict_export.h"
#include "agent/format.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

struct ConflictOptions {
  bool json = false;
  std::string id;
  std::string keep;
  std::string format;
  std::string output;
};

Result<Json> Fetch(const StateDir& state) {
  return ControlClient(state).Call("GET", "/v1/conflicts");
}

bool IsOpen(const Json& conflict) {
  return TextAt(conflict, "state") == "open";
}

int List(const StateDir& state, bool json) {
  Result<Json> conflicts = Fetch(state);
  if (!conflicts.ok()) return Fail(conflicts.status());
  size_t open = 0;
  for (const Json& conflict : *conflicts) open += IsOpen(conflict) ? 1 : 0;
  if (json) {
    PrintJson(*conflicts);
  } else {
    for (const Json& conflict : *conflicts) {
      if (!IsOpen(conflict)) continue;
      fmt::print("{}  {}  {}  {}: {} won over {}\n", TextAt(conflict, "id").substr(0, 12),
                 TextAt(conflict, "detected"), TextAt(conflict, "kind"), TextAt(conflict, "path"),
                 TextAt(conflict["winner"], "replica"), TextAt(conflict["loser"], "replica"));
    }
    fmt::print("{} open, {} decided\n", open, conflicts->size() - open);
  }
  return open == 0 ? kDone : kNeedsPerson;
}

// The only conflict whose id begins with `prefix`.
Result<Json> Find(const StateDir& state, const std::string& prefix) {
  ASSIGN_OR_RETURN(Json conflicts, Fetch(state));
  Json found;
  for (const Json& conflict : conflicts) {
    if (prefix.empty() || TextAt(conflict, "id").compare(0, prefix.size(), prefix) != 0) continue;
    if (!found.is_null()) {
      return Status(Errc::kInvalid, "several conflicts begin with '" + Printable(prefix) +
                                        "': give more of the id");
    }
    found = conflict;
  }
  if (found.is_null()) {
    return Status(Errc::kNotFound, "there is no conflict '" + Printable(prefix) +
                                       "': `atozsync conflicts` lists them");
  }
  return found;
}

void PrintSide(const char* title, const Json& side) {
  fmt::print("{}: from {}", title, TextAt(side, "replica"));
  if (TextAt(side, "kind") == "file") {
    fmt::print(", {} bytes, changed {}, content {}", NumberAt(side, "size"), TextAt(side, "mtime"),
               TextAt(side, "hash"));
  } else {
    fmt::print(", {}", TextAt(side, "kind") == "directory" ? "a folder" : TextAt(side, "kind"));
  }
  std::string kept = TextAt(side, "kept_at");
  if (!kept.empty()) fmt::print("\n  kept at {}", kept);
  fmt::print("\n");
}

int Show(const StateDir& state, const ConflictOptions& options) {
  Result<Json> conflict = Find(state, options.id);
  if (!conflict.ok()) return Fail(conflict.status());
  if (options.json) {
    PrintJson(*conflict);
    return kDone;
  }
  fmt::print("{}\n{}, {}, detected {}, rule {}\n", TextAt(*conflict, "path"),
             TextAt(*conflict, "kind"), TextAt(*conflict, "state"), TextAt(*conflict, "detected"),
             TextAt(*conflict, "rule"));
  PrintSide("Winner", (*conflict)["winner"]);
  PrintSide("Loser", (*conflict)["loser"]);
  return kDone;
}

int Resolve(const StateDir& state, const ConflictOptions& options) {
  Result<Json> conflict = Find(state, options.id);
  if (!conflict.ok()) return Fail(conflict.status());
  Result<Json> resolved = ControlClient(state).Call(
      "POST", "/v1/conflicts/" + TextAt(*conflict, "id") + "/resolve", {{"keep", options.keep}});
  return resolved.ok() ? kDone : Fail(resolved.status());
}

ExportFacts FactsOf(const StateDir& state) {
  using std::chrono::duration_cast;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Result<Config> config = LoadConfig(state.ConfigFile());
  return {config.ok() ? config->name : "",
          UtcTime(duration_cast<std::chrono::milliseconds>(now).count())};
}

int Export(const StateDir& state, const ConflictOptions& options) {
  Result<Json> conflicts = Fetch(state);
  if (!conflicts.ok()) return Fail(conflicts.status());
  std::string text = options.format == "csv"    ? ConflictsCsv(*conflicts)
                     : options.format == "html" ? ConflictsHtml(*conflicts, FactsOf(state))
                                                : Dump(*conflicts, 2) + "\n";
  if (options.output.empty()) {
    fmt::print("{}", text);
    return kDone;
  }
  Status written = WriteSmallFile(options.output, text);
  return written.ok() ? kDone : Fail(written);
}

void AddExport(CLI::App& conflicts, CommandLine& line, std::shared_ptr<ConflictOptions> options) {
  CLI::App* command = AddCommand(conflicts, "export", "The whole report, for a file");
  command->add_option("--format", options->format, "csv, json or html")
      ->required()
      ->check(CLI::IsMember({"csv", "json", "html"}));
  command->add_option("--output", options->output, "Write to this file, not to the terminal");
  command->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Export(state, *options); };
    line.as_owner = false;  // its file is whose command it is
  });
}

}  // namespace

void AddConflicts(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ConflictOptions>();
  CLI::App* conflicts = AddCommand(app, "conflicts", "The conflict report, and deciding conflicts");
  conflicts->add_flag("--json", options->json, "As JSON");
  conflicts->callback([&line, options, conflicts] {
    if (!conflicts->get_subcommands().empty()) return;
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  AddCommand(*conflicts, "list", "List them")->callback([&line, options] {
    line.run = [options](const StateDir& state) { return List(state, options->json); };
  });
  CLI::App* show = AddCommand(*conflicts, "show", "One conflict in full");
  show->add_option("id", options->id, "Its id, or the beginning of it")->required();
  show->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Show(state, *options); };
  });
  CLI::App* resolve = AddCommand(*conflicts, "resolve", "Decide one, for all replicas");
  resolve->add_option("id", options->id, "Its id, or the beginning of it")->required();
  resolve->add_option("--keep", options->keep, "winner, loser or both")
      ->required()
      ->check(CLI::IsMember({"winner", "loser", "both"}));
  resolve->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Resolve(state, *options); };
  });
  AddExport(*conflicts, line, options);
}

}  // namespace atozsync
