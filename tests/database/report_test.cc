// The consistency report on rows and files that a test makes up: no server.
#include "database/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "database/report_store.h"
#include "tests/contract/temp_dir.h"
#include "tests/database/listed_files.h"

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

size_t TableNamed(const std::string& name) {
  for (size_t i = 0; i < NamingTables().size(); ++i) {
    if (name == NamingTables()[i].name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

class MadeUpRows final : public FileRowSource {
 public:
  void Add(const std::string& table, int64_t key, int64_t pat_num, const std::string& path,
           const std::string& other = "") {
    FileRow row;
    row.key = key;
    row.pat_num = pat_num;
    row.path = RelPath::Trusted(path);
    row.other_path = RelPath::Trusted(other);
    row.name = row.path.name();
    Put(table, row);
  }
  void Put(const std::string& table, const FileRow& row) {
    rows_.emplace_back(TableNamed(table), row);
  }
  void Patient(int64_t pat_num, const std::string& folder) {
    patients_.emplace_back(pat_num, RelPath::Trusted(folder));
  }
  Status ReadAll(RowTaker& taker) override {
    for (const auto& [pat_num, folder] : patients_) taker.OnPatient(pat_num, folder);
    for (const auto& [table, row] : rows_) taker.OnRow(table, row);
    return status;
  }
  Status status;

 private:
  std::vector<std::pair<size_t, FileRow>> rows_;
  std::vector<std::pair<int64_t, RelPath>> patients_;
};

class ReportTest : public testing::Test {
 protected:
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    findings_.clear();
    Result<ReportCounts> counts = Make();
    EXPECT_TRUE(counts.ok()) << counts.status().ToString();
    if (counts.ok()) counts_ = *counts;
    for (const Finding& finding : findings_) lines.push_back(FindingLine(finding));
    return lines;
  }
  Result<ReportCounts> Make() {
    options_.scratch_file = dir_.path() + "/scratch";
    return MakeReport(
        options_, rows_, files_, interrupt_,
        [&](const Finding& finding) {
          findings_.push_back(finding);
          if (interrupt_after_ != 0 && findings_.size() == interrupt_after_) interrupt_.Set();
        },
        [](const std::string&) {});
  }

  Finding Of(int64_t key) const {
    for (const Finding& finding : findings_) {
      if (finding.key == key) return finding;
    }
    return {};
  }

  TempDir dir_;
  ReportOptions options_;
  MadeUpRows rows_;
  ListedFiles files_;
  Interrupt interrupt_;
  size_t interrupt_after_ = 0;
  std::vector<Finding> findings_;
  ReportCounts counts_;
};

TEST_F(ReportTest, InOrderIsClean) {
  rows_.Add("document", 1, 15, "S/SmithJohn15/a.jpg");
  rows_.Add("sheetfield", 1, 0, "SheetImages/logo.png");
  files_.Here("S/SmithJohn15/a.jpg");
  files_.Here("SheetImages/logo.png");
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_EQ(counts_.files, 2u);
  EXPECT_EQ(counts_.rows, 2u);
  // The temporary file is gone.
  for (const auto& left : std::filesystem::directory_iterator(dir_.path())) {
    ADD_FAILURE() << left.path();
  }
}

TEST_F(ReportTest, WhatGoesOnMeanwhileIsNoFinding) {
  rows_.Add("document", 1, 15, "S/SmithJohn15/new.jpg");
  files_.ComesLater("S/SmithJohn15/new.jpg");
  files_.Here("S/SmithJohn15/deleted.jpg");
  files_.GoesLater("S/SmithJohn15/deleted.jpg");
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(ReportTest, CaseTwinsAreOneFindingEach) {
  rows_.Add("document", 1, 15, "S/SmithJohn15/A.jpg");
  rows_.Add("document", 2, 15, "S/SmithJohn15/b.jpg");
  files_.Here("S/SmithJohn15/a.jpg");
  files_.Here("S/SmithJohn15/b.jpg");
  files_.Here("S/SmithJohn15/B.jpg");  // a twin of a file that has its row: an orphan, too
  EXPECT_THAT(Lines(), UnorderedElementsAre(
                           "case-only document 1 15 S/SmithJohn15/A.jpg -> S/SmithJohn15/a.jpg",
                           "orphan  0 15 S/SmithJohn15/B.jpg",
                           "case-only  0 15 S/SmithJohn15/B.jpg -> S/SmithJohn15/b.jpg"));
}

TEST_F(ReportTest, ThePatientsOwnOtherFolderComesFirst) {
  rows_.Patient(7, "A/Adams7");
  rows_.Add("document", 1, 15, "S/SmithJohn15/ccd.xml");
  files_.Here("A/Adams7/ccd.xml");
  files_.Here("J/JonesJohn15/ccd.xml");
  EXPECT_THAT(Lines(), UnorderedElementsAre("wrong-folder document 1 15 S/SmithJohn15/ccd.xml -> "
                                            "J/JonesJohn15/ccd.xml",
                                            "orphan  0 7 A/Adams7/ccd.xml"));
  EXPECT_THAT(findings_[0].text, HasSubstr("another folder of this patient"));
}

TEST_F(ReportTest, AFileInAnotherPatientsFolderIsFoundOnce) {
  rows_.Patient(7, "A/AdamsOldName");  // no number at the end: the database knows whose it is
  rows_.Add("document", 1, 15, "S/SmithJohn15/x1.jpg");
  rows_.Add("document", 2, 16, "T/Tate16/x1.jpg");
  files_.Here("A/AdamsOldName/x1.jpg");
  EXPECT_THAT(Lines(),
              UnorderedElementsAre(
                  "wrong-folder document 1 15 S/SmithJohn15/x1.jpg -> A/AdamsOldName/x1.jpg",
                  "missing document 2 16 T/Tate16/x1.jpg not-here"));
  EXPECT_THAT(findings_[0].text, HasSubstr("belongs to patient 7"));
}

TEST_F(ReportTest, ARowWithoutAFolderFindsItsFileByNumber) {
  FileRow row;
  row.key = 5;
  row.pat_num = 20;
  row.name = "NewmanNora5.jpg";
  row.trouble = "patient 20 has no image folder";
  rows_.Put("document", row);
  row.key = 6;
  row.name = "other.jpg";
  rows_.Put("document", row);
  files_.Here("N/NewmanNora20/NewmanNora5.jpg");
  EXPECT_THAT(Lines(),
              UnorderedElementsAre("wrong-folder document 5 20  -> N/NewmanNora20/NewmanNora5.jpg",
                                   "missing document 6 20  not-here"));
}

TEST_F(ReportTest, SharedFilesMayHaveManyRows) {
  for (int64_t key = 1; key <= 50; ++key) {
    rows_.Add("sheetfield", key, 0, "SheetImages/logo.png");
    rows_.Add("emailattach", key, 0, "EmailAttachments/a.pdf");
    rows_.Add("document", key, 15, "S/SmithJohn15/a.jpg");
  }
  files_.Here("EmailAttachments/a.pdf");
  files_.Here("S/SmithJohn15/a.jpg");
  EXPECT_THAT(Lines(), UnorderedElementsAre("missing sheetfield 1 0 SheetImages/logo.png not-here",
                                            "several-rows document 1 15 S/SmithJohn15/a.jpg"));
  EXPECT_THAT(findings_[0].text, HasSubstr("(50 rows do)"));
  EXPECT_THAT(findings_[1].text, HasSubstr("50 rows name this file: document 1, "));
}

TEST_F(ReportTest, EitherPlaceWillDo) {
  rows_.Add("claimattach", 1, 15, "EmailAttachments/pano.tif", "S/SmithJohn15/pano.tif");
  rows_.Add("sheetfield", 1, 15, "SheetImages/logo.png", "SheetImages/3/logo.png");
  rows_.Add("sheetfield", 2, 15, "SheetImages/logo.png", "SheetImages/4/logo.png");
  rows_.Add("document", 1, 15, "S/SmithJohn15/pano.tif");
  files_.Here("S/SmithJohn15/pano.tif");
  files_.Here("SheetImages/3/logo.png");
  EXPECT_THAT(Lines(), ElementsAre("missing sheetfield 2 15 SheetImages/logo.png not-here"));
}

TEST_F(ReportTest, AForgivenRowIsCountedApart) {
  FileRow row;
  row.key = 1;
  row.path = RelPath::Trusted("EmailAttachments/a.jpg");
  row.name = "a.jpg";
  row.forgiven = NoFile::kNotSaved;
  rows_.Put("claimattach", row);
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_EQ(counts_.no_file[static_cast<size_t>(NoFile::kNotSaved)], 1u);
  EXPECT_EQ(counts_.rows, 0u);
}

TEST_F(ReportTest, ThePeersAreAskedWithinTheLimit) {
  options_.cluster = true;
  options_.ask_max = 3;
  rows_.Add("document", 1, 1, "A/A1/a");
  rows_.Add("document", 2, 1, "A/A1/b");
  rows_.Add("document", 3, 1, "A/A1/c");
  rows_.Add("document", 4, 1, "A/A1/d");
  rows_.Add("document", 5, 1, "A/A1/coming");
  files_.Coming("A/A1/coming", "south");
  files_.peers_say["A/A1/a"] = {true, {"north", "south"}, {}};
  files_.peers_say["A/A1/b"] = {true, {}, {"van"}};
  EXPECT_THAT(Lines(), UnorderedElementsAre("missing document 1 1 A/A1/a in-transit",
                                            "missing document 2 1 A/A1/b not-here",
                                            "missing document 3 1 A/A1/c nowhere",
                                            "missing document 4 1 A/A1/d not-here",
                                            "missing document 5 1 A/A1/coming in-transit"));
  EXPECT_THAT(files_.asked, ElementsAre("A/A1/a", "A/A1/b", "A/A1/c"));
  EXPECT_EQ(counts_.in_transit, 2u);
  EXPECT_EQ(Of(1).from, "north, south");
  EXPECT_THAT(Of(2).text, HasSubstr("van could not be asked"));
}

TEST_F(ReportTest, WhatIsHeldIsNotHere) {
  rows_.Add("document", 1, 1, "A/A1/a");
  files_.Here("A/A1/a");
  files_.Held("A/A1/a", "gone from the folder while its row stands");
  EXPECT_THAT(Lines(), ElementsAre("missing document 1 1 A/A1/a held"));
  EXPECT_EQ(counts_.held, 1u);
}

TEST_F(ReportTest, AnInterruptEndsIt) {
  for (int64_t key = 1; key <= 1000; ++key) {
    rows_.Add("document", key, 1, "A/A1/" + std::to_string(key));
  }
  interrupt_after_ = 10;
  EXPECT_TRUE(Make().Is(Errc::kCancelled));
  EXPECT_LT(findings_.size(), 500u);
}

TEST_F(ReportTest, AFailingSourceFailsIt) {
  rows_.status = Status(Errc::kPeerGone, "no server there");
  Result<ReportCounts> counts = Make();
  EXPECT_TRUE(counts.Is(Errc::kPeerGone));
  EXPECT_THAT(findings_, IsEmpty());
}

TEST_F(ReportTest, AWrongPlaceForTheTemporaryFileIsSaid) {
  std::filesystem::create_directories(dir_.path() + "/scratch/full");
  Result<ReportCounts> counts = Make();
  EXPECT_FALSE(counts.ok());
  EXPECT_THAT(counts.status().ToString(), HasSubstr("scratch"));
}

}  // namespace
}  // namespace atozsync
