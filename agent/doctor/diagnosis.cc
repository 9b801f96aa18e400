#include "agent/doctor/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr size_t kListedMax = 20;  // of one diagnosis; the rest is counted

size_t CountOf(const Diagnoses& diagnoses, Grade grade) {
  return static_cast<size_t>(
      std::count_if(diagnoses.begin(), diagnoses.end(),
                    [&](const Diagnosis& diagnosis) { return diagnosis.grade == grade; }));
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

std::string DiagnosesText(const Diagnoses& diagnoses) {
  std::string text;
  for (const Diagnosis& diagnosis : diagnoses) {
    const char* mark = diagnosis.grade == Grade::kOk ? "OK" : GradeName(diagnosis.grade);
    text += fmt::format("{:<8} {}: {}\n", mark, diagnosis.check, diagnosis.text);
    text += Indented(diagnosis.advice);
  }
  const size_t problems = CountOf(diagnoses, Grade::kProblem);
  const size_t warnings = CountOf(diagnoses, Grade::kWarning);
  if (problems + warnings == 0) return text + "Everything is as it should be.\n";
  return text + Count(problems, "problem", "problems") + ", " +
         Count(warnings, "warning", "warnings") + "\n";
}

Json DiagnosesJson(const Diagnoses& diagnoses) {
  Json checks = Json::array();
  for (const Diagnosis& diagnosis : diagnoses) {
    checks.push_back({{"check", diagnosis.check},
                      {"result", GradeName(diagnosis.grade)},
                      {"text", diagnosis.text},
                      {"advice", diagnosis.advice.empty() ? Json() : Json(diagnosis.advice)}});
  }
  return {{"checks", std::move(checks)},
          {"problems", CountOf(diagnoses, Grade::kProblem)},
          {"warnings", CountOf(diagnoses, Grade::kWarning)}};
}

bool NeedsPerson(const Diagnoses& diagnoses) {
  return CountOf(diagnoses, Grade::kOk) != diagnoses.size();
}

}  // namespace atozsync
