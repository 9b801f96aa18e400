#include <fmt/core.h>

#include <charconv>
#include <filesystem>
#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/format.h"
#include "agent/held_table.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

struct PathOptions {
  std::string path;
  std::string version;
  std::string to;
  bool json = false;
};

void PrintVersion(const std::string& who, const Json& version) {
  if (!version.is_object()) {
    fmt::print("  {}: knows nothing of it\n", who);
  } else if (TextAt(version, "kind") == "file") {
    fmt::print("  {}: {} bytes, changed {}, content {}, by {}\n", who, NumberAt(version, "size"),
               TextAt(version, "mtime"), TextAt(version, "hash"), TextAt(version, "replica"));
  } else {
    fmt::print("  {}: {}, by {}\n", who, TextAt(version, "kind"), TextAt(version, "replica"));
  }
}

int Explain(const StateDir& state, const PathOptions& options) {
  Result<Json> report =
      ControlClient(state).Call("POST", "/v1/explain", PathArgument(options.path));
  if (!report.ok()) return Fail(report.status());
  if (options.json) {
    PrintJson(*report);
    return kDone;
  }
  fmt::print("{}\nOn disk: {}\n", TextAt(*report, "path"), TextAt(*report, "on_disk"));
  fmt::print("{}", HeldWords(ListAt(*report, "held")));
  std::string reason = TextAt(*report, "reason");
  if (!reason.empty()) fmt::print("Last decision: {}\n", reason);
  fmt::print("Versions:\n");
  PrintVersion("here", report->value("row", Json()));
  for (const Json& peer : ListAt(*report, "peers")) {
    PrintVersion(TextAt(peer, "replica"), peer.value("version", Json()));
  }
  for (const Json& need : ListAt(*report, "waiting_for")) PrintVersion("waiting for", need);
  return kDone;
}

int History(const StateDir& state, const PathOptions& options) {
  Result<Json> history =
      ControlClient(state).Call("POST", "/v1/history", PathArgument(options.path));
  if (!history.ok()) return Fail(history.status());
  if (options.json) {
    PrintJson(*history);
    return kDone;
  }
  size_t number = 0;
  for (const Json& version : ListAt(*history, "versions")) {
    bool live = TextAt(version, "version") == "live";
    std::string kept = TextAt(version, "kept");
    std::string content = TextAt(version, "kind") == "file"
                              ? fmt::format("{} bytes, changed {}", NumberAt(version, "size"),
                                            TextAt(version, "mtime"))
                              : TextAt(version, "kind");
    fmt::print("{:>4}  {}, by {}{}\n", live ? "live" : std::to_string(++number), content,
               TextAt(version, "replica"), live ? "" : ", " + TextAt(version, "why") + " " + kept);
  }
  if (ListAt(*history, "versions").empty()) {
    fmt::print("No versions of {} are kept here.\n", TextAt(*history, "path"));
  }
  return kDone;
}

// `wanted`: an id, or a number as `history` shows it; empty means the newest kept one.
Result<std::string> ChooseVersion(const ControlClient& agent, const Json& path,
                                  const std::string& wanted) {
  ASSIGN_OR_RETURN(Json history, agent.Call("POST", "/v1/history", path));
  size_t number = 1;
  if (!wanted.empty()) {
    auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error != std::errc() || end != wanted.data() + wanted.size()) number = 0;
  }
  size_t count = 0;
  for (const Json& version : ListAt(history, "versions")) {
    std::string id = TextAt(version, "version");
    if (!wanted.empty() && id == wanted) return id;
    if (id != "live" && ++count == number) return id;
  }
  return Status(Errc::kNotFound,
                wanted.empty() ? "no earlier version of " + TextAt(history, "path") +
                                     " is kept here: `atozsync history` on the other replicas may "
                                     "show one"
                               : "there is no version '" + Printable(wanted) +
                                     "': `atozsync history` lists them");
}

Status CopyOut(const StateDir& state, const ControlClient& agent, const Json& request,
               const std::string& to) {
  ASSIGN_OR_RETURN(Config config, LoadConfig(state.ConfigFile()));
  ASSIGN_OR_RETURN(Json file, agent.Call("POST", "/v1/version-file", request));
  ASSIGN_OR_RETURN(RelPath path, PathFrom(file, config.root));
  std::error_code error;
  std::filesystem::copy_file(NativePath(config.root + "/" + path.str()), NativePath(to), error);
  if (!error) return Status::Ok();
  return {Errc::kIo, Printable(to) + ": " + error.message() + ": choose another --to"};
}

int Restore(const StateDir& state, const PathOptions& options) {
  ControlClient agent(state);
  Json request = PathArgument(options.path);
  Result<std::string> version = ChooseVersion(agent, request, options.version);
  if (!version.ok()) return Fail(version.status());
  request["version"] = *version;
  Status done = options.to.empty() ? agent.Call("POST", "/v1/restore", request).status()
                                   : CopyOut(state, agent, request, options.to);
  if (!done.ok()) return Fail(done);
  fmt::print("Restored {}{}\n", Printable(options.path),
             options.to.empty() ? "" : " to " + Printable(options.to));
  return kDone;
}

}  // namespace

void AddPathCommands(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<PathOptions>();
  auto add = [&](const char* name, const char* what,
                 int (*run)(const StateDir&, const PathOptions&)) {
    CLI::App* command = AddCommand(app, name, what);
    command->add_option("path", options->path, "File, relative to the folder or absolute")
        ->required();
    command->callback([&line, options, run] {
      line.run = [options, run](const StateDir& state) { return run(state, *options); };
      line.as_owner = false;  // reads the folder, which its owner may not without the service
    });
    return command;
  };
  add("explain", "A path's versions on each replica, and why it is as it is", Explain)
      ->add_flag("--json", options->json, "As JSON");
  add("history", "The kept versions of a file", History)
      ->add_flag("--json", options->json, "As JSON");
  CLI::App* restore = add("restore", "Bring a kept version back, for all replicas", Restore);
  restore->add_option("--version", options->version,
                      "Number or id from `history` (default: the newest kept one)");
  restore->add_option("--to", options->to, "Copy it to this new file instead");
}

}  // namespace atozsync
