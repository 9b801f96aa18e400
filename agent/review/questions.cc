#include "agent/review/questions.h"

#include <chrono>
#include <cstdio>
#include <set>

namespace atozsync {

namespace {

constexpr size_t kTextBytesMax = 1024;

Status ReadStateAndKind(const Json& body, ConflictFilter& filter) {
  const std::string state = TextAt(body, "state");
  if (state == "open" || state == "decided") filter.open = state == "open";
  if (!state.empty() && state != "all" && !filter.open) {
    return {Errc::kInvalid, "state: one of open, decided, all"};
  }
  const std::string kind = TextAt(body, "kind");
  if (kind.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(filter.kind, ParseConflictKind(kind));
  return Status::Ok();
}

Status ReadOffice(const Json& body, const ReplicaNames& names, ConflictFilter& filter) {
  const std::string office = TextAt(body, "office");
  if (office.empty()) return Status::Ok();
  for (const auto& [prefix, name] : names) {
    if (name == office) filter.replicas.push_back(prefix);
  }
  if (!filter.replicas.empty()) return Status::Ok();
  return {Errc::kInvalid, "office: there is no replica called '" + Printable(office) + "'"};
}

Status ReadTimes(const Json& body, ConflictFilter& filter) {
  if (const std::string from = TextAt(body, "from"); !from.empty()) {
    ASSIGN_OR_RETURN(filter.from_ms, ParseUtcTime(from));
  }
  if (const std::string to = TextAt(body, "to"); !to.empty()) {
    ASSIGN_OR_RETURN(filter.until_ms, ParseUtcTime(to));
    filter.until_ms += 999;  // of that second, too
  }
  return Status::Ok();
}

Status ReadOrder(const Json& body, ConflictFilter& filter) {
  const std::string sort = TextAt(body, "sort");
  if (sort == "path") filter.sort = ConflictFilter::Sort::kPath;
  if (sort == "kind") filter.sort = ConflictFilter::Sort::kKind;
  if (!sort.empty() && sort != "path" && sort != "kind" && sort != "detected") {
    return {Errc::kInvalid, "sort: one of detected, path, kind"};
  }
  filter.descending = FlagAt(body, "descending");
  filter.offset = NumberAt(body, "offset");
  if (uint64_t limit = NumberAt(body, "limit"); limit != 0) filter.limit = limit;
  return Status::Ok();
}

std::string PreviewText(Keep keep, const DecisionPreview& preview) {
  if (!preview.problem.ok()) return preview.problem.error().context;
  switch (keep) {
    case Keep::kWinner: return "What stands in the folder stays.";
    case Keep::kLoser: return "The other version takes the place of the one in the folder.";
    case Keep::kBoth:
      return "The other version gets a name of its own beside the one in the folder.";
  }
  return "";
}

std::string EffectText(DecisionEffect::Kind kind) {
  switch (kind) {
    case DecisionEffect::Kind::kStays: return "stays as it is";
    case DecisionEffect::Kind::kReplaced: return "is replaced by the other version";
    case DecisionEffect::Kind::kKeptVersion: return "stays among the kept versions";
    case DecisionEffect::Kind::kNewFile: return "appears as a new file";
    case DecisionEffect::Kind::kRemoved: return "is deleted";
  }
  return "";
}

}  // namespace

Result<Keep> ParseKeep(const std::string& word) {
  if (word == "winner") return Keep::kWinner;
  if (word == "loser") return Keep::kLoser;
  if (word == "both") return Keep::kBoth;
  return Status(Errc::kInvalid, "keep: one of winner, loser, both");
}

Result<ConflictFilter> ParseConflictFilter(const Json& body, const ReplicaNames& names) {
  ConflictFilter filter;
  TRY(ReadStateAndKind(body, filter));
  TRY(ReadOffice(body, names, filter));
  TRY(ReadTimes(body, filter));
  TRY(ReadOrder(body, filter));
  filter.text = TextAt(body, "text");
  if (filter.text.size() > kTextBytesMax) return Status(Errc::kInvalid, "text: too long");
  return filter;
}

Result<std::vector<ReviewDecision>> ParseDecisions(const Json& list, size_t decisions_max) {
  if (list.size() > decisions_max) {
    return Status(Errc::kInvalid, "more than " + std::to_string(decisions_max) + " decisions");
  }
  std::vector<ReviewDecision> decisions;
  std::set<ContentHash> seen;
  for (const Json& entry : list) {
    ReviewDecision decision;
    ASSIGN_OR_RETURN(decision.id, ContentHash::Parse(TextAt(entry, "id")));
    ASSIGN_OR_RETURN(decision.keep, ParseKeep(TextAt(entry, "keep")));
    if (!seen.insert(decision.id).second) {
      return Status(Errc::kInvalid, "conflict " + decision.id.ToHex() + " is decided twice");
    }
    decisions.push_back(decision);
  }
  return decisions;
}

Result<int64_t> ParseUtcTime(const std::string& text) {
  const Status wrong(Errc::kInvalid,
                     "'" + Printable(text) + "' is no time: write it like 2026-11-23T10:00:00Z");
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  int end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2uZ%n", &year, &month, &day, &hour, &minute,
                  &second, &end) != 6 ||
      end != static_cast<int>(text.size())) {
    return wrong;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return wrong;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((int64_t{days} * 24 + hour) * 60 + minute) * 60'000 + int64_t{second} * 1000;
}

Json PreviewJson(const ContentHash& id, Keep keep, const DecisionPreview& preview) {
  Json effects = Json::array();
  for (const DecisionEffect& effect : preview.effects) {
    Json json = {{"effect", DecisionEffectName(effect.kind)}, {"text", EffectText(effect.kind)}};
    PutPath(json, effect.path);
    effects.push_back(std::move(json));
  }
  Json json = {{"id", id.ToHex()},
               {"possible", preview.problem.ok()},
               {"text", PreviewText(keep, preview)},
               {"effects", std::move(effects)}};
  if (preview.path.is_root()) {
    json["path"] = nullptr;
  } else {
    PutPath(json, preview.path);
  }
  return json;
}

}  // namespace atozsync
