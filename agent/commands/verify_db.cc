#include <fmt/core.h>

#include <cstdio>
#include <memory>

#include "agent/commands/command.h"
#include "agent/format.h"
#include "agent/verify_report.h"

namespace atozsync {

namespace {

constexpr uint64_t kListedJson = 10'000;
constexpr uint64_t kListedText = 200;

struct VerifyChoices {
  bool json = false;
  bool csv = false;
  bool cluster = false;
  uint64_t limit = 0;
  bool limited = false;
};

void PrintFinding(const Json& finding) {
  std::string path = TextAt(finding, "path");
  fmt::print("{:<12}  {}  {}\n", TextAt(finding, "kind"), path.empty() ? "(no place)" : path,
             TextAt(finding, "text"));
}

void PrintSummary(const Json& report, uint64_t listed) {
  const uint64_t count = NumberAt(report, "finding_count");
  if (count > listed) {
    fmt::print("… and {} more: --csv lists all, --limit more\n", count - listed);
  }
  const Json counts = report.value("counts", Json::object());
  const uint64_t missing = NumberAt(counts, "missing");
  fmt::print("{} that name a file, {} here\n", Count(NumberAt(report, "rows"), "row", "rows"),
             Count(NumberAt(report, "files"), "file", "files"));
  if (missing > 0) {
    fmt::print("  missing       {} ({} in transit, {} held here)\n", missing,
               NumberAt(counts, "missing_in_transit"), NumberAt(counts, "missing_held"));
  }
  for (const auto& [key, name] :
       {std::pair("orphan", "orphan"), std::pair("several_rows", "several-rows"),
        std::pair("wrong_folder", "wrong-folder"), std::pair("case_only", "case-only")}) {
    if (NumberAt(counts, key) > 0) fmt::print("  {:<12}  {}\n", name, NumberAt(counts, key));
  }
  for (const Json& entry : ListAt(report, "no_file")) {
    fmt::print("Needs no file: {}: {}\n", Count(NumberAt(entry, "rows"), "row", "rows"),
               TextAt(entry, "reason"));
  }
  for (const Json& table : ListAt(report, "passed_over")) {
    if (table.is_string()) fmt::print("Not looked at: {}\n", table.get<std::string>());
  }
  if (count == 0) fmt::print("Files and rows are in step\n");
}

int Verify(const StateDir& state, const VerifyChoices& choices) {
  const uint64_t limit = choices.limited ? choices.limit
                         : choices.json  ? kListedJson
                         : choices.csv   ? 0
                                         : kListedText;
  ProgressLine progress;
  Json findings = Json::array();
  uint64_t listed = 0;
  if (choices.csv) fmt::print("{}", FindingCsvHeader());
  auto take = [&](const Json& line) {
    if (std::string text = TextAt(line, "progress"); !text.empty()) progress.Show(text);
    for (const Json& finding : ListAt(line, "findings")) {
      progress.Clear();
      ++listed;
      if (choices.csv) {
        fmt::print("{}", FindingCsv(finding));
      } else if (choices.json) {
        findings.push_back(finding);
      } else {
        PrintFinding(finding);
      }
    }
  };
  Result<Json> report = ControlClient(state).Stream(
      "/v1/verify-db", {{"cluster", choices.cluster}, {"limit", limit}}, take);
  progress.Clear();
  if (!report.ok()) return Fail(report.status());
  if (choices.json) {
    (*report)["findings"] = std::move(findings);
    PrintJson(*report);
  } else if (!choices.csv) {
    PrintSummary(*report, listed);
  }
  return NumberAt(*report, "finding_count") == 0 ? kDone : kNeedsPerson;
}

}  // namespace

void AddVerifyDb(CLI::App& app, CommandLine& line) {
  auto choices = std::make_shared<VerifyChoices>();
  CLI::App* command = AddCommand(app, "verify-db",
                                 "Compare the practice's database with the folder: rows without "
                                 "files, files without rows, and what else does not fit");
  CLI::Option* json = command->add_flag("--json", choices->json, "As JSON");
  command->add_flag("--csv", choices->csv, "All findings, for a spreadsheet")->excludes(json);
  command->add_flag("--cluster", choices->cluster,
                    "Ask the other replicas for files that are not here");
  CLI::Option* limit = command->add_option(
      "--limit", choices->limit, "List so many findings at most, 0 for all (all are counted)");
  command->callback([&line, choices, limit] {
    choices->limited = limit->count() > 0;
    line.run = [choices](const StateDir& state) { return Verify(state, *choices); };
  });
}

}  // namespace atozsync
