#include "agent/conflict_export.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/csv.h"
#include "agent/format.h"

namespace atozsync {

namespace {

using Row = std::vector<std::pair<const char*, std::string>>;

std::string SizeText(const Json& side) {
  return side.is_object() && side.contains("size") && side["size"].is_number()
             ? std::to_string(NumberAt(side, "size"))
             : "";
}

Row Cells(const Json& conflict) {
  const Json winner = conflict.value("winner", Json::object());
  const Json loser = conflict.value("loser", Json::object());
  return {{"id", TextAt(conflict, "id")},
          {"path", TextAt(conflict, "path")},
          {"kind", TextAt(conflict, "kind")},
          {"detected", TextAt(conflict, "detected")},
          {"state", TextAt(conflict, "state")},
          {"winner replica", TextAt(winner, "replica")},
          {"winner size", SizeText(winner)},
          {"winner mtime", TextAt(winner, "mtime")},
          {"loser replica", TextAt(loser, "replica")},
          {"loser size", SizeText(loser)},
          {"loser mtime", TextAt(loser, "mtime")},
          {"kept at", TextAt(loser, "kept_at")},
          {"rule", TextAt(conflict, "rule")}};
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

constexpr const char* kStyle =
    "@page{size:landscape;margin:12mm}"
    "body{font:13px/1.4 system-ui,sans-serif;margin:24px;color:#111}"
    "h1{font-size:20px;margin:0}h2{font-size:15px;margin:20px 0 6px}p{margin:4px 0}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "th,td{border:1px solid #999;padding:4px 6px;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#eee}"
    "small{display:block;color:#444}.when{width:12%}.kind{width:12%}.side{width:22%}"
    "@media print{body{margin:0;font-size:10px}th{background:none}}";

std::string KindWords(const std::string& kind) {
  static constexpr std::pair<const char*, const char*> kWords[] = {
      {"edit-edit", "changed in two places"},
      {"create-create", "made in two places"},
      {"edit-delete", "changed here, deleted there"},
      {"type", "a file and a folder"},
      {"case", "names differ in letter case only"},
      {"late-write", "written to after it was replaced"}};
  for (const auto& [name, words] : kWords) {
    if (kind == name) return words;
  }
  return kind;
}

std::string Small(const std::string& text) {
  return text.empty() ? "" : "<small>" + Escaped(text) + "</small>";
}

// "2026-11-23T10:00:00.123456789Z" as people read it.
std::string TimeWords(const std::string& time) {
  if (time.size() < 19) return time;
  return time.substr(0, 10) + " " + time.substr(11, 8) + " UTC";
}

std::string SideCell(const Json& side) {
  std::string out = "<td>" + Escaped(TextAt(side, "replica"));
  const std::string kind = TextAt(side, "kind");
  if (kind == "file") {
    out +=
        Small(HumanBytes(NumberAt(side, "size")) + ", changed " + TimeWords(TextAt(side, "mtime")));
  } else {
    out += Small(kind == "directory" ? "a folder" : kind);
  }
  const std::string kept = TextAt(side, "kept_at");
  return out + Small(kept.empty() ? "" : "kept at " + kept) + "</td>";
}

std::string Section(const char* title, const std::vector<const Json*>& conflicts) {
  if (conflicts.empty()) return "";
  std::string out = "<h2>" + std::string(title) + "</h2>\n<table><thead><tr>";
  out +=
      "<th class=\"when\">Detected</th><th>File</th><th class=\"kind\">What</th>"
      "<th class=\"side\">In the folder</th><th class=\"side\">Put aside</th></tr></thead>\n";
  out += "<tbody>";
  for (const Json* conflict : conflicts) {
    const std::string state = TextAt(*conflict, "state");
    out += "<tr><td>" + Escaped(TimeWords(TextAt(*conflict, "detected"))) +
           Small(TextAt(*conflict, "id").substr(0, 12)) + "</td><td>" +
           Escaped(TextAt(*conflict, "path")) + Small(TextAt(*conflict, "other_path")) +
           "</td><td>" + Escaped(KindWords(TextAt(*conflict, "kind"))) +
           Small(state == "open" ? "" : state) + "</td>";
    out += SideCell(conflict->value("winner", Json::object())) +
           SideCell(conflict->value("loser", Json::object())) + "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace

std::string ConflictsCsv(const Json& conflicts) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : Cells(Json::object())) names.emplace_back(name);
  std::string out = kCsvBegin + CsvLine(names);
  for (const Json& conflict : conflicts) {
    std::vector<std::string> texts;
    for (auto& [unused, text] : Cells(conflict)) texts.push_back(text);
    out += CsvLine(texts);
  }
  return out;
}

std::string ConflictsHtml(const Json& conflicts, const ExportFacts& facts) {
  std::vector<const Json*> open;
  std::vector<const Json*> decided;
  for (const Json& conflict : conflicts) {
    (TextAt(conflict, "state") == "open" ? open : decided).push_back(&conflict);
  }
  // On paper a person looks for a file.
  for (std::vector<const Json*>* list : {&open, &decided}) {
    std::stable_sort(list->begin(), list->end(), [](const Json* a, const Json* b) {
      return TextAt(*a, "path") < TextAt(*b, "path");
    });
  }
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">";
  out += "<title>Conflicts, " + Escaped(facts.replica) + "</title>\n<style>";
  out += kStyle;
  out += "</style></head>\n<body><h1>Conflicts in the A to Z folder</h1>\n<p>" +
         Escaped(facts.replica) + ", " + Escaped(facts.made) + " &middot; " +
         std::to_string(open.size()) + " open, " + std::to_string(decided.size()) +
         " decided</p>\n";
  out += Section("Open", open) + Section("Decided", decided);
  if (conflicts.empty()) out += "<p>There are no conflicts.</p>\n";
  return out + "</body></html>\n";
}

}  // namespace atozsync
