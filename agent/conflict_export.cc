#include "agent/conflict_export.h"

#include <utility>
#include <vector>

#include "agent/csv.h"

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
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string ConflictsCsv(const Json& conflicts) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : Cells(Json::object())) names.emplace_back(name);
  std::string out = CsvLine(names);
  for (const Json& conflict : conflicts) {
    std::vector<std::string> texts;
    for (auto& [unused, text] : Cells(conflict)) texts.push_back(text);
    out += CsvLine(texts);
  }
  return out;
}

std::string ConflictsHtml(const Json& conflicts) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Conflicts</title>\n"
      "<style>body{font-family:sans-serif}table{border-collapse:collapse}"
      "td,th{border:1px solid #999;padding:4px;text-align:left}</style></head>\n"
      "<body><h1>Conflicts</h1>\n<table><tr>";
  for (const auto& [name, unused] : Cells(Json::object())) {
    out += "<th>" + std::string(name) + "</th>";
  }
  out += "</tr>\n";
  for (const Json& conflict : conflicts) {
    out += "<tr>";
    for (const auto& [unused, text] : Cells(conflict)) out += "<td>" + Escaped(text) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table></body></html>\n";
}

}  // namespace atozsync
