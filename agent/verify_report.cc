#include "agent/verify_report.h"

#include <algorithm>

#include "agent/csv.h"

namespace atozsync {

namespace {

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json() : Json(Printable(text));
}

Json NumberOrNull(int64_t number) {
  return number == 0 ? Json() : Json(number);
}

std::string CellAt(const Json& finding, const char* key) {
  auto found = finding.find(key);
  if (found == finding.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : Dump(*found);
}

constexpr const char* kColumns[] = {"kind",     "table", "key",  "pat_num", "path",
                                    "found_at", "where", "from", "text"};

}  // namespace

Json FindingJson(const Finding& finding) {
  Json json = {{"kind", FindingKindName(finding.kind)},
               {"table", TextOrNull(finding.table)},
               {"key", NumberOrNull(finding.key)},
               {"pat_num", NumberOrNull(finding.pat_num)},
               {"path", nullptr},
               {"found_at", TextOrNull(finding.found_at.str())},
               {"where", TextOrNull(finding.where)},
               {"from", TextOrNull(finding.from)},
               {"text", finding.text}};
  if (!finding.path.is_root()) PutPath(json, finding.path);
  return json;
}

Json CountsJson(const ReportCounts& counts) {
  Json kinds = {{"missing_in_transit", counts.in_transit}, {"missing_held", counts.held}};
  for (size_t i = 0; i < kFindingKinds; ++i) {
    std::string name = FindingKindName(static_cast<FindingKind>(i));
    std::replace(name.begin(), name.end(), '-', '_');
    kinds[name] = counts.findings[i];
  }
  Json no_file = Json::array();
  for (size_t i = 1; i < kNoFileCount; ++i) {
    if (counts.no_file[i] == 0) continue;
    no_file.push_back(
        {{"reason", NoFileText(static_cast<NoFile>(i))}, {"rows", counts.no_file[i]}});
  }
  Json tables = Json::object();
  for (size_t i = 0; i < counts.rows_of_table.size(); ++i) {
    tables[NamingTables()[i].name] = counts.rows_of_table[i];
  }
  return {{"files", counts.files},
          {"rows", counts.rows},
          {"finding_count", counts.findings_total()},
          {"counts", std::move(kinds)},
          {"no_file", std::move(no_file)},
          {"tables", std::move(tables)},
          {"passed_over", counts.passed_over},
          {"peers_asked", counts.peers_asked}};
}

std::string FindingCsvHeader() {
  return kCsvBegin + CsvLine({std::begin(kColumns), std::end(kColumns)});
}

std::string FindingCsv(const Json& finding) {
  std::vector<std::string> cells;
  for (const char* column : kColumns) cells.push_back(CellAt(finding, column));
  return CsvLine(cells);
}

}  // namespace atozsync
