#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/format.h"

namespace atozsync {

namespace {

struct ResyncChoices {
  std::vector<std::string> paths;
  bool verify = false;
  bool dry_run = false;
  std::string peer;
  bool json = false;
};

void PrintReport(const Json& report) {
  for (const Json& difference : ListAt(report, "differences")) {
    fmt::print("{}: {}: {} – {}\n", TextAt(difference, "where"), TextAt(difference, "path"),
               TextAt(difference, "what"), TextAt(difference, "action"));
  }
  uint64_t listed = ListAt(report, "differences").size();
  uint64_t count = NumberAt(report, "difference_count");
  if (count > listed) fmt::print("… and {} more\n", count - listed);
  for (const Json& peer : ListAt(report, "unreachable_peers")) {
    if (peer.is_string()) {
      fmt::print("Not compared with {}: not connected\n", peer.get<std::string>());
    }
  }
  fmt::print("Looked at {}, compared with {}: {}\n",
             Count(NumberAt(report, "files"), "file", "files"),
             Count(NumberAt(report, "compared_peers"), "peer", "peers"),
             count == 0 ? "everything is equal" : Count(count, "difference", "differences"));
}

int Resync(const StateDir& state, const ResyncChoices& choices) {
  Json body = {{"verify", choices.verify},
               {"dry_run", choices.dry_run},
               {"peer", choices.peer},
               {"paths", Json::array()}};
  for (const std::string& path : choices.paths) body["paths"].push_back(PathArgument(path));
  ProgressLine progress;
  Result<Json> report = ControlClient(state).Stream(
      "/v1/resync", body, [&](const Json& line) { progress.Show(TextAt(line, "progress")); });
  progress.Clear();
  if (!report.ok()) return Fail(report.status());
  if (choices.json) {
    PrintJson(*report);
  } else {
    PrintReport(*report);
  }
  if (std::string problem = TextAt(*report, "problem"); !problem.empty()) {
    return Fail(problem, kFailed);
  }
  bool clean =
      NumberAt(*report, "difference_count") == 0 && ListAt(*report, "unreachable_peers").empty();
  return clean ? kDone : kNeedsPerson;
}

}  // namespace

void AddResync(CLI::App& app, CommandLine& line) {
  auto choices = std::make_shared<ResyncChoices>();
  CLI::App* command =
      AddCommand(app, "resync", "Look through the folder now and compare it with every peer");
  command->add_option("path", choices->paths, "Only these files or folders");
  command->add_flag("--verify", choices->verify, "Read every byte again");
  command->add_flag("--dry-run", choices->dry_run, "Say what differs, change nothing");
  command->add_option("--peer", choices->peer, "Compare with this one only");
  command->add_flag("--json", choices->json, "As JSON");
  command->callback([&line, choices] {
    line.run = [choices](const StateDir& state) { return Resync(state, *choices); };
  });
}

}  // namespace atozsync
