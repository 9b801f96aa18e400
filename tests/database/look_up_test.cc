// Which rows name which files: every awkward row of the seed, on both engines of the field.
#include <gtest/gtest.h>

#include <map>

#include "database/folder_map.h"
#include "database/hint_basket.h"
#include "tests/database/rows_rig.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

class LookUpTest : public testing::TestWithParam<bool> {
 protected:
  static TestServer& Server(bool innodb) {
    std::unique_ptr<TestServer>& server = servers_[innodb];
    if (server == nullptr) {
      server = std::make_unique<TestServer>();
      server->LoadOpenDental(innodb);
    }
    return *server;
  }
  static void TearDownTestSuite() { servers_.clear(); }

  LookUpTest() : server_(Server(GetParam())), rig_({server_.settings()}) {}

  void Sql(const std::string& sql) { server_.ExecuteIn("opendental", sql); }
  void Expect(const std::string& path, RowState state) {
    EXPECT_TRUE(rig_.UntilState(path, state)) << path << " should be " << static_cast<int>(state);
  }

  static std::map<bool, std::unique_ptr<TestServer>> servers_;
  TestServer& server_;
  RowsRig rig_;
};
std::map<bool, std::unique_ptr<TestServer>> LookUpTest::servers_;

TEST_P(LookUpTest, FilesOfCompleteRowsAreNamed) {
  for (const char* path :
       {"S/SmithJohn15/SmithJohn389.jpg", "S/SmithJohn15/SmithJohn390.tif",
        "S/SmithJohn15/SmithJohn391.dcm", "S/SmithJohn15/Welcome letter392.docx",
        "O/OBrienLeeZoë16/TPArchive393.pdf", "O/OBrienLeeZoë16/xOBrienLeeZoë394.pdf",
        "D/delaCruzAna17/delaCruzAna401.jpg", "1/18/403.jpg", "É/ÉmondLuc19/19_Selfie_20241001.bmp",
        "S/SmithJon21/SmithJon350.pdf", "MedLabEmbeddedFiles/K3Q0ZA20241001081300.pdf",
        "EOBs/20241001_100000_12.jpg", "Amendments/20241001_110000_3.pdf"}) {
    Expect(path, RowState::kNamed);
  }
}

TEST_P(LookUpTest, OthersAreNot) {
  for (const char* path :
       {"S/SmithJohn15/SmithJohn388.jpg",         // deleted
        "S/SmithJohn15/.jpg",                     // a half-made row
        "S/SmithJohn15/x",                        // placeholder of an upload
        "S/SmithJohn15/SmithJohn389.JPG",         // letter case
        "S/SmithJohn15/smithjohn389.jpg",         //
        "O/OBrienLeeZoë16/xOBrienLeeZoe394.pdf",  // accents
        "S/SmithJohn15/SmithJohn389.jpg ",        // trailing space
        "S/SmithJohn15/SmithJon350.pdf",          // stranded by a merge: the row is Jon's
        "D/delaCruzAna17/SmithJohn389.jpg",       // another's
        "d/delaCruzAna17/delaCruzAna401.jpg",     // the letter's case
        "S/smithJohn15/SmithJohn389.jpg",         // the folder's case
        "S/SmithJohn16/SmithJohn389.jpg",         // nobody's folder
        "É/ÉmondLuc19/e\xcc\x81.bmp",             //
        "S/SmithJohn15/\xff\xfe.jpg",             // no text
        "MedLabEmbeddedFiles/other.pdf", "EOBs/20241001_100000_13.pdf",
        "EOBs/20241001_100001_12.jpg", "Amendments/20241001_110000_4.pdf"}) {
    Expect(path, RowState::kNotNamed);
  }
}

TEST_P(LookUpTest, NobodyKnowsOfTheRest) {
  ASSERT_TRUE(rig_.UntilState("S/SmithJohn15/SmithJohn388.jpg", RowState::kNotNamed));
  for (const char* path :
       {"UB04.jpg", "EmailAttachments/20241001_361234567890123.pdf", "Wiki/logo.gif",
        "EmailAttachments/In/20241001_361234567890_ab3F_tooth2.jpg", "SheetImages/office-logo.png",
        "ProviderImages/drsmith.jpg", "MedLabHL7/Processed/A1B2C320241001080000.txt",
        "S/SmithJohn15/Thumbnails/SmithJohn389.jpg", "S/loose.txt", "EOBs/by hand.pdf"}) {
    EXPECT_EQ(rig_.LookUp(path), RowState::kUnknown) << path;
  }
}

TEST_P(LookUpTest, ManyPathsOfOneQuestionKeepTheirOrder) {
  ASSERT_TRUE(rig_.UntilState("S/SmithJohn15/SmithJohn388.jpg", RowState::kNotNamed));
  std::string patients = "INSERT INTO patient (PatNum,ImageFolder) VALUES ";
  std::string documents =
      "INSERT INTO document (DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,Thumbnail,"
      "OcrResponseData) VALUES ";
  std::vector<std::string> paths;
  std::vector<RowState> expected;
  for (int i = 0; i < 250; ++i) {
    const std::string number = std::to_string(2000 + i);
    const std::string comma = i == 0 ? "" : ",";
    patients += comma + "(" + number + ",'Many" + number + "')";
    documents += comma + "(NOW(),136," + number + ",'Doc" + number + ".jpg','','','','')";
    paths.push_back("M/Many" + number + "/Doc" + number + ".jpg");
    expected.push_back(RowState::kNamed);
    paths.push_back("M/Many" + number + "/none.jpg");
    expected.push_back(RowState::kNotNamed);
  }
  Sql(patients + ";" + documents);
  EXPECT_EQ(rig_.LookUp(paths), expected);
  Sql("DELETE FROM patient WHERE PatNum>=2000; DELETE FROM document WHERE PatNum>=2000");
}

TEST_P(LookUpTest, FollowsARowThroughItsMaking) {
  const std::string path = "S/SmithJohn15/SmithJohn900.jpg";
  Expect(path, RowState::kNotNamed);
  Sql("INSERT INTO document (DocNum,DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,"
      "Thumbnail,OcrResponseData) VALUES (900,NOW(),136,15,'.jpg','','','','')");
  EXPECT_EQ(rig_.LookUp(path), RowState::kNotNamed);
  Sql("UPDATE document SET FileName='SmithJohn900.jpg' WHERE DocNum=900");
  EXPECT_EQ(rig_.LookUp(path), RowState::kNamed);
  Sql("UPDATE document SET RawBase64='AAAA' WHERE DocNum=900");
  EXPECT_EQ(rig_.LookUp(path), RowState::kNotNamed);  // the picture is in the database
  Sql("UPDATE document SET RawBase64='', FileName='smithjohn900.jpg' WHERE DocNum=900");
  EXPECT_EQ(rig_.LookUp(path), RowState::kNotNamed);
  Sql("DELETE FROM document WHERE DocNum=900");
  EXPECT_EQ(rig_.LookUp("S/SmithJohn15/smithjohn900.jpg"), RowState::kNotNamed);
}

TEST_P(LookUpTest, AFileThatIsReallyCalledXIsNamed) {
  Sql("INSERT INTO document (DocNum,DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,"
      "Thumbnail,OcrResponseData) VALUES (901,NOW(),136,16,'x','a note','','','')");
  Expect("O/OBrienLeeZoë16/x", RowState::kNamed);
  Sql("DELETE FROM document WHERE DocNum=901");
}

TEST_P(LookUpTest, FoldersThatWereCutAreFoundByTheWalk) {
  const std::string cut = "L" + std::string(98, 'o') + "7";  // 100 characters: "…7" of "…77"
  Sql("INSERT INTO patient (PatNum,ImageFolder) VALUES (77,'" + cut +
      "'),(78,'Shared78'),(79,'Shared78');"
      "INSERT INTO document (DocNum,DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,"
      "Thumbnail,OcrResponseData) VALUES (910,NOW(),1,77,'a.jpg','','','',''),"
      "(911,NOW(),1,78,'b.jpg','','','',''),(912,NOW(),1,79,'c.jpg','','','','')");
  rig_.Restart();
  Expect("L/" + cut + "/a.jpg", RowState::kNamed);
  Expect("L/" + cut + "/b.jpg", RowState::kNotNamed);
  Expect("S/Shared78/b.jpg", RowState::kNamed);
  Expect("S/Shared78/c.jpg", RowState::kNamed);  // 79's file in 78's folder
  Expect("S/Shared78/a.jpg", RowState::kNotNamed);
  // 79 gets a folder of his own: the walk's knowledge is not believed over the row.
  Sql("UPDATE patient SET ImageFolder='Own79' WHERE PatNum=79");
  EXPECT_EQ(rig_.LookUp("S/Shared78/c.jpg"), RowState::kNotNamed);
  EXPECT_EQ(rig_.LookUp("O/Own79/c.jpg"), RowState::kNamed);
  Sql("DELETE FROM patient WHERE PatNum IN (77,78,79); DELETE FROM document WHERE PatNum>=77");
}

// More than one answer holds elsewhere: a loop in a bridge made them, or a restored table.
TEST_P(LookUpTest, AnyNumberOfRowsMayHaveOneName) {
  Sql("INSERT INTO document (DocNum,PatNum,FileName,RawBase64,Note,Thumbnail) SELECT "
      "100000+seq,15,'Same.jpg','','','' FROM seq_1_to_" +
      std::to_string(DatabaseConnection::kRowsMax + 1));
  Expect("S/SmithJohn15/Same.jpg", RowState::kNamed);
  Expect("S/SmithJohn15/same.jpg", RowState::kNotNamed);
  const std::vector<RowState> both = {RowState::kNamed, RowState::kNamed};
  const std::vector<std::string> paths = {"S/SmithJohn15/SmithJohn389.jpg",
                                          "S/SmithJohn15/Same.jpg"};
  EXPECT_EQ(rig_.LookUp(paths), both);
  Sql("DELETE FROM document WHERE DocNum>100000");
}

class FolderMapTest : public testing::Test {
 protected:
  FolderMapTest() {
    server_.LoadOpenDental();
    connection_ = std::move(DatabaseConnection::Open(server_.settings()).value());
  }
  void Walk(FolderMap& folders, int64_t now_ms) {
    folders.Doubt(now_ms);
    while (!folders.walked()) ASSERT_TRUE(folders.Step(*connection_, now_ms).ok());
  }
  TestServer server_;
  std::unique_ptr<DatabaseConnection> connection_;
};

TEST_F(FolderMapTest, NobodysFolderIsBelievedForAWhileOnly) {
  FolderMap folders(1);
  EXPECT_FALSE(folders.IsSure(true, 0));
  Walk(folders, 1000);
  EXPECT_TRUE(folders.IsSure(false, 1000 + FolderMap::kFreshMs));
  EXPECT_GT(folders.due_ms(), 1000 + FolderMap::kFreshMs);
  EXPECT_TRUE(folders.IsSure(true, 1001 + FolderMap::kFreshMs));
  EXPECT_FALSE(folders.IsSure(false, 1001 + FolderMap::kFreshMs));
  EXPECT_LE(folders.due_ms(), 1001 + FolderMap::kFreshMs) << "a new round is asked for";
  folders.Doubt(2000);
  EXPECT_FALSE(folders.IsSure(true, 2000));
}

TEST_F(FolderMapTest, MoreOddFoldersThanItKeepsAreNeverSure) {
  server_.ExecuteIn(
      "opendental",
      "INSERT INTO patient (PatNum,ImageFolder) SELECT 1000+seq,CONCAT('Odd',seq,'y') "
      "FROM seq_1_to_" +
          std::to_string(FolderMap::kOddMax + 1));
  FolderMap folders(1);
  Walk(folders, 0);
  EXPECT_FALSE(folders.IsSure(true, 0));
  EXPECT_EQ(folders.OwnersOf("O/Odd1y"), std::vector<int64_t>{1001});
  EXPECT_TRUE(folders.OwnersOf("O/Odd" + std::to_string(FolderMap::kOddMax + 1) + "y").empty());
}

using HintBasketTest = FolderMapTest;

// So that a question waits behind a few statements, and no turn of the loop has thousands.
TEST_F(HintBasketTest, AFullBasketIsGivenOutInPartsAndWhatIsUrgentFirst) {
  constexpr int64_t kUrgent = HintBasket::kTakenMax + 30;
  constexpr int64_t kChanged = HintBasket::kTakenMax;
  server_.ExecuteIn("opendental",
                    "INSERT INTO patient (PatNum,ImageFolder) SELECT 1000+seq,CONCAT('Own',"
                    "1000+seq) FROM seq_1_to_" +
                        std::to_string(kUrgent + kChanged));
  FolderMap folders(1);
  HintBasket basket;
  for (int64_t i = 1; i <= kChanged; ++i) basket.Changed(1000 + kUrgent + i);
  for (int64_t i = 1; i <= kUrgent; ++i) basket.Urgent(1000 + i);
  std::vector<RowHint> all;
  size_t parts = 0;
  for (; !basket.empty(); ++parts) {
    ASSERT_LT(parts, 4u);
    auto part = basket.Take(*connection_, folders);
    ASSERT_TRUE(part.ok()) << part.status().ToString();
    EXPECT_LE(part->size(), HintBasket::kTakenMax);
    all.insert(all.end(), part->begin(), part->end());
  }
  EXPECT_EQ(parts, 3u);
  ASSERT_EQ(all.size(), static_cast<size_t>(kUrgent + kChanged));
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].kind, i < kUrgent ? RowHintKind::kUrgent : RowHintKind::kChanged) << i;
    EXPECT_EQ(all[i].path.str(), "O/Own" + std::to_string(1001 + i));
  }
  for (int64_t i = 1; i <= kUrgent; ++i) basket.Urgent(1000 + i);
  basket.Anywhere();
  EXPECT_EQ(basket.Take(*connection_, folders)->size(), HintBasket::kTakenMax);
  EXPECT_EQ(basket.Take(*connection_, folders)->back().path, RelPath());
  EXPECT_TRUE(basket.empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, LookUpTest, testing::Bool(),
                         [](const auto& param) { return param.param ? "InnoDb" : "MyIsam"; });

}  // namespace
}  // namespace atozsync
