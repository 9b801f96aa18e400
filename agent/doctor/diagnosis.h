// What `doctor` finds: one thing looked at, how it is, and what to do about it. Plain values.
#pragma once

#include <string>
#include <vector>

#include "agent/json_reports.h"

namespace atozsync {

enum class Grade { kOk, kWarning, kProblem };
const char* GradeName(Grade grade);  // "ok", "warning", "problem"

struct Diagnosis {
  Grade grade = Grade::kOk;
  std::string check;   // "folder", "database rights"
  std::string text;    // how it is
  std::string advice;  // what to do; empty when nothing is; may have several lines
};
using Diagnoses = std::vector<Diagnosis>;

// The parts with `between` in between; of more than 20 the rest is counted.
std::string Joined(const std::vector<std::string>& parts, const char* between);

// One line each, and one per line of advice.
std::string DiagnosesText(const Diagnoses& diagnoses);
Json DiagnosesJson(const Diagnoses& diagnoses);
bool NeedsPerson(const Diagnoses& diagnoses);  // any warning or problem

}  // namespace atozsync
