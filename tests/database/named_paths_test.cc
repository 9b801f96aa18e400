#include "database/named_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "database/name_rules.h"

namespace atozsync {
namespace {

using testing::ElementsAre;

std::vector<FileRow> NamesOf(const std::string& table, const DbCells& cells,
                             const NamingContext& context = {}) {
  std::vector<FileRow> rows;
  for (const NamingTable& one : NamingTables()) {
    if (table == one.name) one.names_of(cells, context, rows);
  }
  return rows;
}

FileRow Document(const std::string& name, const std::string& pat_num = "15",
                 const std::string& note = "", const std::string& source = "",
                 const std::string& in_database = "0") {
  return NamesOf("document",
                 {"1", pat_num, name, "1", "S", "SmithJohn15", in_database, note, source})
      .at(0);
}

TEST(NamedPathsTest, ADocumentLiesInItsPatientsFolder) {
  EXPECT_EQ(Document("a.jpg").path.str(), "S/SmithJohn15/a.jpg");
  EXPECT_EQ(Document("a.jpg", "0").path.str(), "MedLabEmbeddedFiles/a.jpg");
}

TEST(NamedPathsTest, RowsThatNeedNoFileSayWhy) {
  EXPECT_EQ(Document("").no_file, NoFile::kHalfMade);
  EXPECT_EQ(Document(".jpg").no_file, NoFile::kHalfMade);
  EXPECT_EQ(Document("x", "15", "_rawBase64_:").no_file, NoFile::kPlaceholder);
  EXPECT_EQ(Document("x", "15", "_download_:h").no_file, NoFile::kPlaceholder);
  EXPECT_EQ(Document("x", "15", "a note").no_file, NoFile::kHasFile);  // somebody's own name
  EXPECT_EQ(Document("a.jpg", "15", "", "", "1").no_file, NoFile::kInDatabase);
  EXPECT_EQ(Document("a.jpg", "15", "", "Dropbox").forgiven, NoFile::kInCloud);
}

TEST(NamedPathsTest, NullsAreNotNames) {
  DbCells cells(9);
  FileRow row = NamesOf("document", cells).at(0);
  EXPECT_EQ(row.no_file, NoFile::kHalfMade);
  for (const NamingTable& table : NamingTables()) {
    std::vector<FileRow> rows;
    table.names_of({}, {}, rows);
    for (const FileRow& one : rows) EXPECT_TRUE(one.path.is_root()) << table.name;
  }
}

TEST(NamedPathsTest, ASheetImageMayBeItsClinics) {
  FileRow row = NamesOf("sheetfield", {"1", "15", "logo.png", "3"}).at(0);
  EXPECT_EQ(row.path.str(), "SheetImages/logo.png");
  EXPECT_EQ(row.other_path.str(), "SheetImages/3/logo.png");
}

TEST(NamedPathsTest, MarkupNamesImages) {
  EXPECT_THAT(ImagesInMarkup("a [[img:x y.png]] b [[img:z.gif]] [[img:x y.png]]"),
              ElementsAre("x y.png", "z.gif"));
  EXPECT_THAT(ImagesInMarkup("[[img:a]]]]"), ElementsAre("a"));  // the shortest match
  EXPECT_THAT(ImagesInMarkup("[[img:a [[img:b]]"), ElementsAre("a [[img:b"));
  EXPECT_THAT(ImagesInMarkup("[[img:unclosed"), ElementsAre());
  EXPECT_THAT(ImagesInMarkup("[[img:]]"), ElementsAre());
  EXPECT_THAT(ImagesInMarkup("[[file:C:\\x.doc]] [[folder:C:\\]]"), ElementsAre());
  std::vector<FileRow> rows =
      NamesOf("wikipage", {"1", "0", "", "[[img:https://a.example/b.png]][[img:c.png]]"});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].no_file, NoFile::kElsewhere);
  EXPECT_EQ(rows[1].path.str(), "Wiki/c.png");
}

TEST(NamedPathsTest, ValuesAreNotTrusted) {
  EXPECT_EQ(PathOfValue("EmailAttachments", "In\\a.jpg")->str(), "EmailAttachments/In/a.jpg");
  EXPECT_EQ(PathOfValue("EmailAttachments", "Out/a.jpg")->str(), "EmailAttachments/Out/a.jpg");
  for (const char* bad : {"..", "..\\x", "a\\..\\..\\x", "\\x", "a\\\\b", "", "C:\\x", "a\\"}) {
    EXPECT_FALSE(PathOfValue("EOBs", bad).ok()) << bad;
  }
}

TEST(NamedPathsTest, FullPathsBelowTheFolderAreFound) {
  std::vector<std::string> roots = RootsOf("\\\\SERVER1\\OpenDentImages;D:\\OpenDentImages\\;");
  ASSERT_EQ(roots.size(), 2u);
  EXPECT_EQ(BelowRoots("\\\\server1\\opendentimages\\Invoices\\a.pdf", roots), "Invoices/a.pdf");
  EXPECT_EQ(BelowRoots("d:/OpenDentImages/a.pdf", roots), "a.pdf");
  EXPECT_EQ(BelowRoots("D:\\OpenDentImages2\\a.pdf", roots), std::nullopt);
  EXPECT_EQ(BelowRoots("D:\\OpenDentImages\\", roots), std::nullopt);
  EXPECT_EQ(BelowRoots("E:\\a.pdf", roots), std::nullopt);
}

TEST(NamedPathsTest, LettersFoldAsWindowsDoes) {
  EXPECT_EQ(FoldCase("ÉMOND Zoë ß × Ż ŸЖΩĹ"), "émond zoë ß × ż ÿжωĺ");
  EXPECT_EQ(FoldCase("\xff\xc3"), "\xff\xc3");  // not UTF-8: as it is
  EXPECT_EQ(FoldCase("日本"), "日本");
}

TEST(NamedPathsTest, FilesNeedRowsWhereOpenDentalMakesThem) {
  for (const char* path :
       {"S/SmithJohn15/a.jpg", "É/ÉmondLuc19/a", "EOBs/a", "Amendments/a", "MedLabEmbeddedFiles/a",
        "EmailAttachments/a", "EmailAttachments/In/a"}) {
    EXPECT_TRUE(FilesNeedRows(RelPath::Trusted(path))) << path;
  }
  for (const char* path : {"S/SmithJohn15/Thumbnails/a.jpg", "Forms/a.pdf", "a.gif", "S/a",
                           "SheetImages/logo.png", "SetupFiles/Setup.exe", "EOBs/sub/a"}) {
    EXPECT_FALSE(FilesNeedRows(RelPath::Trusted(path))) << path;
  }
}

// A lock on a whole table must not last long: every statement goes along the primary key, with a
// limit, and reads only.
TEST(NamedPathsTest, EveryStatementIsBounded) {
  std::vector<std::string> statements = {PatientsSql(7)};
  for (const NamingTable& table : NamingTables()) {
    statements.push_back(RowsSql(table, 7, {}));
    statements.push_back(RowsSql(table, 7, 9));
    if (table.sparse()) statements.push_back(StepEndSql(table, 7));
    EXPECT_LE(table.step, 2000u);
  }
  for (const std::string& sql : statements) {
    EXPECT_EQ(sql.compare(0, 7, "SELECT "), 0) << sql;
    EXPECT_NE(sql.find(">7"), std::string::npos) << sql;
    EXPECT_NE(sql.find(" ORDER BY "), std::string::npos) << sql;
    EXPECT_NE(sql.find(" LIMIT "), std::string::npos) << sql;
    EXPECT_EQ(sql.find(';'), std::string::npos) << sql;
  }
}

}  // namespace
}  // namespace atozsync
