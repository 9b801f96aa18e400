#include "agent/doctor/finding.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr size_t kListedMax = 20;  // of one finding; the rest is counted

size_t CountOf(const Findings& findings, Grade grade) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const Finding& finding) { return finding.grade == grade; }));
}

std::string Indented(const std::string& lines) {
  std::string text;
  for (size_t start = 0; start < lines.size();) {
    size_t end = std::min(lines.find('\n', start), lines.size());
    text += "         → " + lines.substr(start, end - start) + "\n";
    start = end + 1;
  }
  return text;
}

}  // namespace

const char* GradeName(Grade grade) {
  switch (grade) {
    case Grade::kOk: return "ok";
    case Grade::kWarning: return "warning";
    case Grade::kProblem: return "problem";
  }
  return "";
}

std::string Joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (size_t i = 0; i < parts.size() && i < kListedMax; ++i) {
    text += (i == 0 ? "" : between) + parts[i];
  }
  if (parts.size() <= kListedMax) return text;
  return text + between + "and " + std::to_string(parts.size() - kListedMax) + " more";
}

std::string FindingsText(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    const char* mark = finding.grade == Grade::kOk ? "OK" : GradeName(finding.grade);
    text += fmt::format("{:<8} {}: {}\n", mark, finding.check, finding.text);
    text += Indented(finding.advice);
  }
  const size_t problems = CountOf(findings, Grade::kProblem);
  const size_t warnings = CountOf(findings, Grade::kWarning);
  if (problems + warnings == 0) return text + "Everything is as it should be.\n";
  return text + Count(problems, "problem", "problems") + ", " +
         Count(warnings, "warning", "warnings") + "\n";
}

Json FindingsJson(const Findings& findings) {
  Json checks = Json::array();
  for (const Finding& finding : findings) {
    checks.push_back({{"check", finding.check},
                      {"result", GradeName(finding.grade)},
                      {"text", finding.text},
                      {"advice", finding.advice.empty() ? Json() : Json(finding.advice)}});
  }
  return {{"checks", std::move(checks)},
          {"problems", CountOf(findings, Grade::kProblem)},
          {"warnings", CountOf(findings, Grade::kWarning)}};
}

bool NeedsPerson(const Findings& findings) {
  return CountOf(findings, Grade::kOk) != findings.size();
}

}  // namespace atozsync
