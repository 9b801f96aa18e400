// The questions of the review as JSON, and its answers. Pure functions; whatever stands in a body,
// they answer with an error at worst.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "agent/json_reports.h"

namespace atozsync {

inline constexpr std::array kConflictKinds = {
    ConflictKind::kEditEdit, ConflictKind::kCreateCreate, ConflictKind::kEditDelete,
    ConflictKind::kType,     ConflictKind::kCase,         ConflictKind::kLateWrite};

struct ReviewDecision {
  ContentHash id;
  Keep keep = Keep::kWinner;
};

Result<Keep> ParseKeep(const std::string& word);
// {state, kind, office, text, from, to, sort, descending, offset, limit}: all may be missing.
Result<ConflictFilter> ParseConflictFilter(const Json& body, const ReplicaNames& names);
// [{id, keep}]; not longer than `decisions_max`, no id twice.
Result<std::vector<ReviewDecision>> ParseDecisions(const Json& list, size_t decisions_max);
// "2026-11-23T10:00:00Z", as the reports have it. kInvalid: something else.
Result<int64_t> ParseUtcTime(const std::string& text);
// {id, path, possible, text, effects: [{effect, path, text}]}
Json PreviewJson(const ContentHash& id, Keep keep, const DecisionPreview& preview);

}  // namespace atozsync
