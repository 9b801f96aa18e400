// The tables of Open Dental as the consistency report reads them, on a real server: every awkward
// row of opendental-subset.sql, both storage engines, steps, missing tables and rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "database/database_rows.h"
#include "database/report.h"
#include "tests/database/listed_files.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ReadPace kNoPauses{0, 0, 10, 3};

// What was read, as text: "document 389 15 S/SmithJohn15/SmithJohn389.jpg".
class Recorder final : public RowTaker {
 public:
  void OnPatient(int64_t pat_num, const RelPath& folder) override {
    patients[pat_num] = folder.str();
  }
  void OnRow(size_t table, FileRow row) override {
    std::string line = std::string(NamingTables()[table].name) + " " + std::to_string(row.key) +
                       " " + std::to_string(row.pat_num) + " ";
    if (row.no_file != NoFile::kHasFile) {
      line += std::string("- ") + NoFileText(row.no_file);
    } else if (row.path.is_root()) {
      line += "? " + row.trouble;
    } else {
      line += row.path.str();
      if (!row.other_path.is_root()) line += " or " + row.other_path.str();
      if (row.forgiven != NoFile::kHasFile) line += std::string(" or ") + NoFileText(row.forgiven);
    }
    lines[NamingTables()[table].name].push_back(line);
  }
  void OnPassedOver(size_t table, const std::string& why) override {
    passed_over[NamingTables()[table].name] = why;
  }
  void OnProgress(const std::string&) override {}

  std::map<int64_t, std::string> patients;
  std::map<std::string, std::vector<std::string>> lines;
  std::map<std::string, std::string> passed_over;
};

class VerifyRowsTest : public testing::TestWithParam<bool> {
 protected:
  static void SetUpTestSuite() { server_ = new TestServer({true, {}}); }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  void SetUp() override {
    server_->Execute("DROP DATABASE IF EXISTS opendental");
    server_->LoadOpenDental(GetParam());
  }
  Recorder ReadAll() {
    Recorder recorder;
    Interrupt interrupt;
    DatabaseRows rows(server_->settings(), interrupt, kNoPauses);
    Status read = rows.ReadAll(recorder);
    EXPECT_TRUE(read.ok()) << read.ToString();
    return recorder;
  }
  static TestServer* server_;
};
TestServer* VerifyRowsTest::server_ = nullptr;

TEST_P(VerifyRowsTest, EveryAwkwardDocumentIsUnderstood) {
  Recorder read = ReadAll();
  EXPECT_THAT(read.lines["document"],
              ElementsAre("document 389 15 S/SmithJohn15/SmithJohn389.jpg",
                          "document 390 15 S/SmithJohn15/SmithJohn390.tif",
                          "document 391 15 S/SmithJohn15/SmithJohn391.dcm",
                          "document 392 15 S/SmithJohn15/Welcome letter392.docx",
                          "document 393 16 O/OBrienLeeZoë16/TPArchive393.pdf",
                          "document 394 16 O/OBrienLeeZoë16/xOBrienLeeZoë394.pdf",
                          "document 395 15 - being made: no complete name yet",
                          "document 396 0 - being made: no complete name yet",
                          "document 397 15 - uploaded through the API and not opened yet",
                          "document 398 15 - uploaded through the API and not opened yet",
                          "document 399 0 MedLabEmbeddedFiles/K3Q0ZA20241001081300.pdf",
                          "document 400 21 S/SmithJon21/SmithJon350.pdf",
                          "document 401 17 D/delaCruzAna17/delaCruzAna401.jpg",
                          "document 402 17 D/delaCruzAna17/delaCruzAna401.jpg",
                          "document 403 18 1/18/403.jpg",
                          "document 404 19 É/ÉmondLuc19/19_Selfie_20241001.bmp"));
  EXPECT_EQ(read.patients.size(), 6u);  // Newman has no folder yet
  EXPECT_EQ(read.patients[19], "É/ÉmondLuc19");
}

TEST_P(VerifyRowsTest, EveryOtherTableIsUnderstood) {
  Recorder read = ReadAll();
  EXPECT_THAT(read.lines["eobattach"],
              ElementsAre("eobattach 12 0 EOBs/20241001_100000_12.jpg",
                          "eobattach 13 0 - being made: no complete name yet"));
  EXPECT_THAT(
      read.lines["emailattach"],
      ElementsAre("emailattach 1 15 EmailAttachments/20241001_361234567890123.pdf",
                  "emailattach 2 15 EmailAttachments/In/20241001_361234567890_ab3F_tooth2.jpg",
                  "emailattach 3 15 EmailAttachments/Out/20230101_361234567890_zz9Q_form.pdf",
                  "emailattach 4 0 EmailAttachments/Out/20241001_361234567999_q1W2_brochure.pdf"));
  EXPECT_THAT(read.lines["claimattach"],
              ElementsAre("claimattach 1 15 EmailAttachments/20241001_36999999999912.jpg or "
                          "S/SmithJohn15/20241001_36999999999912.jpg",
                          "claimattach 2 15 EmailAttachments/SmithJohn390.tif or "
                          "S/SmithJohn15/SmithJohn390.tif or sent with a claim and not saved",
                          "claimattach 3 15 - sent with a claim and not saved"));
  EXPECT_THAT(read.lines["ehramendment"],
              ElementsAre("ehramendment 3 15 Amendments/20241001_110000_3.pdf",
                          "ehramendment 4 15 - no file attached"));
  EXPECT_THAT(read.lines["medlab"],
              ElementsAre("medlab 1 0 MedLabHL7/Processed/A1B2C320241001080000.txt"));
  EXPECT_THAT(read.lines["sheetfield"],
              ElementsAre("sheetfield 1 15 SheetImages/office-logo.png",
                          "sheetfield 2 15 - image built into Open Dental"));
  EXPECT_THAT(read.lines["sheetfielddef"],
              ElementsAre("sheetfielddef 1 0 SheetImages/office-logo.png"));
  EXPECT_THAT(read.lines["claimformitem"],
              ElementsAre("claimformitem 1 0 - image built into Open Dental",
                          "claimformitem 2 0 UB04.jpg"));
  EXPECT_THAT(read.lines["wikipage"],
              ElementsAre("wikipage 1 0 Wiki/map of office.png", "wikipage 1 0 Wiki/logo.gif"));
  EXPECT_THAT(read.lines["emailmessage"], ElementsAre("emailmessage 77 0 EmailImages/logo.png"));
  EXPECT_THAT(read.lines["provider"], ElementsAre("provider 1 0 ProviderImages/drsmith.jpg"));
  EXPECT_THAT(read.lines["transactioninvoice"],
              ElementsAre("transactioninvoice 1 0 Invoices/inv1.pdf"));
  EXPECT_EQ(read.passed_over["emailtemplate"], "is not in this database");
}

// With exactly the rights of packaging/opendental-grants.sql.
TEST_P(VerifyRowsTest, TheLeastRightsSuffice) {
  Recorder as_root = ReadAll();
  Recorder recorder;
  Interrupt interrupt;
  DatabaseRows rows(server_->LoadGrants(), interrupt, kNoPauses);
  Status read = rows.ReadAll(recorder);
  ASSERT_TRUE(read.ok()) << read.ToString();
  EXPECT_EQ(recorder.lines, as_root.lines);
  EXPECT_EQ(recorder.passed_over.size(), 2u);  // the seed has no emailtemplate, no wikipagehist
}

// An office may keep the texts of its e-mails to itself: their attachments are looked at all the
// same.
TEST_P(VerifyRowsTest, WhatMayNotBeReadIsPassedOver) {
  DatabaseSettings user = server_->LoadGrants();
  server_->Execute(
      "REVOKE SELECT (BodyText) ON opendental.emailmessage FROM 'atozsync'@'127.0.0.1'");
  Recorder recorder;
  Interrupt interrupt;
  DatabaseRows rows(user, interrupt, kNoPauses);
  ASSERT_TRUE(rows.ReadAll(recorder).ok());
  EXPECT_THAT(recorder.passed_over["emailmessage"], HasSubstr("grants"));
  EXPECT_EQ(recorder.lines["emailattach"].size(), 4u);
}

TEST_P(VerifyRowsTest, StepsReachEveryRow) {
  // Steps of 500 rows and 2000 keys; keys with gaps, as random keys have them.
  server_->ExecuteIn("opendental",
                     "INSERT INTO document (DocNum,PatNum,FileName,DateCreated,DocCategory,Note,"
                     "RawBase64,Thumbnail,OcrResponseData) SELECT 1000+seq*7,15,CONCAT('a',seq,"
                     "'.jpg'),NOW(),1,'','','','' FROM seq_1_to_1500;"
                     "INSERT INTO sheetfield (SheetFieldNum,SheetNum,FieldType,FieldName) SELECT "
                     "100+seq*3,60,IF(seq%3=0,4,1),CONCAT('logo',seq,'.png') FROM seq_1_to_6000;"
                     "INSERT INTO provider (ProvNum,WebSchedImageLocation) SELECT 100+seq,"
                     "CONCAT('p',seq) FROM seq_1_to_1000");
  Recorder read = ReadAll();
  auto distinct = [&](const char* table) {
    return std::set<std::string>(read.lines[table].begin(), read.lines[table].end()).size();
  };
  EXPECT_EQ(read.lines["document"].size(), 1516u);
  EXPECT_EQ(distinct("document"), 1516u);
  EXPECT_EQ(read.lines["sheetfield"].size(), 2002u);
  EXPECT_EQ(distinct("sheetfield"), 2002u);
  EXPECT_EQ(read.lines["provider"].size(), 1001u);
}

TEST_P(VerifyRowsTest, LongTextsAreReadToo) {
  server_->ExecuteIn("opendental",
                     "INSERT INTO wikipage (PageTitle,PageContent) VALUES "
                     "('Long',CONCAT(REPEAT('é',100000),'[[img:far away.png]]'))");
  EXPECT_THAT(ReadAll().lines["wikipage"], testing::Contains("wikipage 2 0 Wiki/far away.png"));
}

TEST_P(VerifyRowsTest, PatientsWithoutFolderOrRowAreTrouble) {
  server_->ExecuteIn("opendental",
                     "INSERT INTO document (DocNum,PatNum,FileName,DateCreated,DocCategory,Note,"
                     "RawBase64,Thumbnail,OcrResponseData) VALUES "
                     "(900,20,'a.jpg',NOW(),1,'','','',''),(901,99,'b.jpg',NOW(),1,'','','',''),"
                     "(902,15,'In\\\\..\\\\c.jpg',NOW(),1,'','','',''),"
                     "(903,15,'d.jpg',NOW(),1,'','AAAA','','')");
  std::vector<std::string> lines = ReadAll().lines["document"];
  ASSERT_EQ(lines.size(), 20u);
  EXPECT_EQ(lines[16], "document 900 20 ? patient 20 has no image folder");
  EXPECT_EQ(lines[17], "document 901 99 ? there is no patient 99");
  EXPECT_THAT(lines[18], HasSubstr("document 902 15 ? 'In\\..\\c.jpg' cannot be the name"));
  EXPECT_EQ(lines[19], "document 903 15 - content is in the database");
}

TEST_P(VerifyRowsTest, WithoutTheTablesThereIsNoReport) {
  server_->ExecuteIn("opendental", "DROP TABLE document");
  Recorder recorder;
  Interrupt interrupt;
  DatabaseRows rows(server_->settings(), interrupt, kNoPauses);
  Status read = rows.ReadAll(recorder);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(WordOf(read.error()), RowsWord::kNoRows);
}

TEST_P(VerifyRowsTest, ALockedTableIsWaitedFor) {
  auto locker = DatabaseConnection::Open(server_->settings());
  ASSERT_TRUE(locker.ok());
  ASSERT_TRUE((*locker)->Run("SET SESSION TRANSACTION READ WRITE").ok());
  ASSERT_TRUE((*locker)->Run("LOCK TABLES document WRITE").ok());
  class Unlocker final : public RowTaker {
   public:
    explicit Unlocker(DatabaseConnection& connection) : connection_(connection) {}
    void OnPatient(int64_t, const RelPath&) override {}
    void OnRow(size_t, FileRow) override { ++rows; }
    void OnPassedOver(size_t, const std::string&) override {}
    void OnProgress(const std::string& text) override {
      if (text.find("locked") == std::string::npos) return;
      waited = true;
      EXPECT_TRUE(connection_.Run("UNLOCK TABLES").ok());
    }
    size_t rows = 0;
    bool waited = false;

   private:
    DatabaseConnection& connection_;
  } taker(**locker);
  Interrupt interrupt;
  DatabaseRows rows(server_->settings(), interrupt, kNoPauses);
  Status read = rows.ReadAll(taker);
  EXPECT_TRUE(read.ok()) << read.ToString();
  EXPECT_TRUE(taker.waited);
  EXPECT_GT(taker.rows, 20u);
}

TEST_P(VerifyRowsTest, AnInterruptEndsIt) {
  Interrupt interrupt;
  interrupt.Set();
  Recorder recorder;
  DatabaseRows rows(server_->settings(), interrupt);
  EXPECT_TRUE(rows.ReadAll(recorder).Is(Errc::kCancelled));
  EXPECT_THAT(recorder.patients, IsEmpty());
}

// The seed's rows against a folder with each kind of disorder in it.
TEST_P(VerifyRowsTest, TheReportFindsTheDisorder) {
  ListedFiles files({"S/SmithJohn15/SmithJohn389.jpg",       // in order
                     "S/SmithJohn15/smithjohn390.TIF",       // case
                     "J/JonesJohn15/SmithJohn391.dcm",       // another folder of patient 15
                     "D/delaCruzAna17/SmithJon350.pdf",      // patient 21's, in 17's folder
                     "D/delaCruzAna17/delaCruzAna401.jpg",   // two rows
                     "S/SmithJohn15/dropped by a user.pdf",  // orphan
                     "EOBs/20241001_100000_12.jpg", "EmailAttachments/In/orphan.jpg",
                     "SheetImages/office-logo.png", "SetupFiles/Setup_24_3.exe",
                     "S/SmithJohn15/Thumbnails/SmithJohn389.jpg"});
  files.Coming("O/OBrienLeeZoë16/TPArchive393.pdf", "north-office");
  files.Held("1/18/403.jpg", "no row names it yet");
  TempDir dir;
  Interrupt interrupt;
  DatabaseRows rows(server_->settings(), interrupt, kNoPauses);
  std::vector<std::string> found;
  ReportOptions options;
  options.scratch_file = dir.path() + "/scratch";
  Result<ReportCounts> counts = MakeReport(
      options, rows, files, interrupt,
      [&](const Finding& finding) { found.push_back(FindingLine(finding)); },
      [](const std::string&) {});
  ASSERT_TRUE(counts.ok()) << counts.status().ToString();
  EXPECT_THAT(found,
              testing::IsSupersetOf(
                  {"case-only document 390 15 S/SmithJohn15/SmithJohn390.tif -> "
                   "S/SmithJohn15/smithjohn390.TIF",
                   "wrong-folder document 391 15 S/SmithJohn15/SmithJohn391.dcm -> "
                   "J/JonesJohn15/SmithJohn391.dcm",
                   "wrong-folder document 400 21 S/SmithJon21/SmithJon350.pdf -> "
                   "D/delaCruzAna17/SmithJon350.pdf",
                   "several-rows document 401 17 D/delaCruzAna17/delaCruzAna401.jpg",
                   "orphan  0 15 S/SmithJohn15/dropped by a user.pdf",
                   "orphan  0 0 EmailAttachments/In/orphan.jpg",
                   "missing document 393 16 O/OBrienLeeZoë16/TPArchive393.pdf in-transit",
                   "missing document 403 18 1/18/403.jpg held",
                   "missing document 392 15 S/SmithJohn15/Welcome letter392.docx not-here"}));
  EXPECT_EQ(counts->findings[static_cast<size_t>(FindingKind::kOrphan)], 2u);
  EXPECT_EQ(counts->findings[static_cast<size_t>(FindingKind::kWrongFolder)], 2u);
  EXPECT_EQ(counts->findings[static_cast<size_t>(FindingKind::kCaseOnly)], 1u);
  EXPECT_EQ(counts->findings[static_cast<size_t>(FindingKind::kSeveralRows)], 1u);
  EXPECT_EQ(counts->in_transit, 1u);
  EXPECT_EQ(counts->held, 1u);
  // Sent with a claim: 390.tif is nowhere under that name, and need not be; the one without a name.
  EXPECT_EQ(counts->no_file[static_cast<size_t>(NoFile::kNotSaved)], 2u);
  EXPECT_EQ(counts->findings_total(), found.size());
}

INSTANTIATE_TEST_SUITE_P(Engines, VerifyRowsTest, testing::Bool(),
                         [](const auto& engine) { return engine.param ? "InnoDB" : "MyISAM"; });

}  // namespace
}  // namespace atozsync
