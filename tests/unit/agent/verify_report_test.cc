#include "agent/verify_report.h"

#include <gtest/gtest.h>

#include "agent/csv.h"

namespace atozsync {
namespace {

Finding Missing() {
  Finding finding;
  finding.table = "document";
  finding.key = 389;
  finding.pat_num = 15;
  finding.path = RelPath::Trusted("S/SmithJohn15/a,\xff.jpg");
  finding.where = "in-transit";
  finding.from = "north-office";
  finding.text = "document 389 names a file that is not here";
  return finding;
}

TEST(VerifyReportTest, AFindingAsJson) {
  Json json = FindingJson(Missing());
  EXPECT_EQ(TextAt(json, "kind"), "missing");
  EXPECT_EQ(json["key"], 389);
  EXPECT_EQ(TextAt(json, "path"), "S/SmithJohn15/a,\\xff.jpg");
  EXPECT_EQ(TextAt(json, "path_raw"), "532f536d6974684a6f686e31352f612cff2e6a7067");
  EXPECT_EQ(TextAt(json, "from"), "north-office");
  EXPECT_TRUE(json["found_at"].is_null());
  Json nowhere = FindingJson(Finding{});
  EXPECT_TRUE(nowhere["path"].is_null());
  EXPECT_TRUE(nowhere["table"].is_null());
  EXPECT_TRUE(nowhere["pat_num"].is_null());
}

TEST(VerifyReportTest, AFindingAsCsv) {
  EXPECT_EQ(FindingCsvHeader(),
            "\xEF\xBB\xBFkind,table,key,pat_num,path,found_at,where,from,text\r\n");
  EXPECT_EQ(FindingCsv(FindingJson(Missing())),
            "missing,document,389,15,\"S/SmithJohn15/a,\\xff.jpg\",,in-transit,north-office,"
            "document 389 names a file that is not here\r\n");
}

TEST(VerifyReportTest, SpreadsheetsRunNothing) {
  EXPECT_EQ(CsvLine({"=1+1", "+1", "-1", "@x", "a=b", "say \"x\"", "two\nlines"}),
            "'=1+1,'+1,'-1,'@x,a=b,\"say \"\"x\"\"\",\"two\nlines\"\r\n");
}

TEST(VerifyReportTest, CountsByKindAndReason) {
  ReportCounts counts;
  counts.rows = 7;
  counts.rows_of_table.assign(NamingTables().size(), 0);
  counts.findings[static_cast<size_t>(FindingKind::kSeveralRows)] = 2;
  counts.no_file[static_cast<size_t>(NoFile::kBuiltIn)] = 3;
  Json json = CountsJson(counts);
  EXPECT_EQ(NumberAt(json, "finding_count"), 2u);
  EXPECT_EQ(NumberAt(json["counts"], "several_rows"), 2u);
  ASSERT_EQ(json["no_file"].size(), 1u);
  EXPECT_EQ(NumberAt(json["no_file"][0], "rows"), 3u);
  EXPECT_TRUE(json["tables"].contains("document"));
}

}  // namespace
}  // namespace atozsync
