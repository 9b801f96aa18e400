// What is noticed, by itself, about rows that come, change and go – as the user of
// opendental-grants.sql, on both engines of the field.
#include <gtest/gtest.h>

#include <map>

#include "database/hint_basket.h"
#include "tests/database/rows_rig.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

const std::string kDocument =
    "INSERT INTO document (DocNum,DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,"
    "Thumbnail,OcrResponseData) VALUES ";

class PollerTest : public testing::TestWithParam<bool> {
 protected:
  static TestServer& Server(bool innodb) {
    std::unique_ptr<TestServer>& server = servers_[innodb];
    if (server == nullptr) {
      server = std::make_unique<TestServer>(TestServerOptions{true, {}});
      server->LoadOpenDental(innodb);
      user_[innodb] = server->LoadGrants();
    }
    return *server;
  }
  static void TearDownTestSuite() { servers_.clear(); }

  static MariaRowsOptions Options(bool innodb) {
    MariaRowsOptions options;
    options.settings = user_[innodb];
    options.poll_ms = 20;
    // What the walks would find is not for them to find here.
    options.walk_pause_ms = 3600 * 1000;
    options.recent_walk_pause_ms = 3600 * 1000;
    return options;
  }
  PollerTest() : server_(Server(GetParam())), rig_(Options(GetParam())) {
    EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, ""));  // the connection stands
    rig_.Forget();
  }

  void Sql(const std::string& sql) { server_.ExecuteIn("opendental", sql); }
  static std::string Values(int64_t doc_num, int64_t pat_num, const std::string& name) {
    return "(" + std::to_string(doc_num) + ",NOW(),136," + std::to_string(pat_num) + ",'" + name +
           "','','','','')";
  }

  static std::map<bool, std::unique_ptr<TestServer>> servers_;
  static std::map<bool, DatabaseSettings> user_;
  TestServer& server_;
  RowsRig rig_;
};
std::map<bool, std::unique_ptr<TestServer>> PollerTest::servers_;
std::map<bool, DatabaseSettings> PollerTest::user_;

TEST_P(PollerTest, NewChangedAndVanishedRowsAreHinted) {
  Sql(kDocument + Values(500, 15, ".jpg"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "S/SmithJohn15"));
  rig_.Forget();
  Sql("UPDATE document SET FileName='SmithJohn500.jpg' WHERE DocNum=500");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "S/SmithJohn15"));
  rig_.Forget();
  Sql("UPDATE document SET PatNum=17 WHERE DocNum=500");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "S/SmithJohn15"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "D/delaCruzAna17"));
  rig_.Forget();
  Sql("DELETE FROM document WHERE DocNum=500");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "D/delaCruzAna17"));
  EXPECT_FALSE(rig_.Saw(RowHintKind::kChanged, ""));
}

TEST_P(PollerTest, RowsOfNobodyAreHintedWhereTheirFilesAre) {
  Sql(kDocument + Values(510, 0, "K510.pdf"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "MedLabEmbeddedFiles"));
  Sql("DELETE FROM document WHERE DocNum=510");
}

TEST_P(PollerTest, AnArchiveOfASignedPlanIsUrgent) {
  Sql(kDocument + Values(520, 16, "TPArchive520.pdf"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kUrgent, "O/OBrienLeeZoë16/TPArchive520.pdf"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "O/OBrienLeeZoë16"));
  Sql("DELETE FROM document WHERE DocNum=520");
}

// More rows than one look reads.
TEST_P(PollerTest, AFloodIsHintedToTheLastPatient) {
  const auto flood = [&](int first, int last) {
    const std::string seq = "seq_" + std::to_string(first) + "_to_" + std::to_string(last);
    Sql("INSERT INTO patient (PatNum,ImageFolder) SELECT seq,CONCAT('Many',seq) FROM " + seq +
        ";INSERT INTO document (DateCreated,DocCategory,PatNum,FileName,Note,RawBase64,Thumbnail,"
        "OcrResponseData) SELECT NOW(),136,seq,'a.jpg','','','','' FROM " +
        seq);
  };
  flood(10001, 11200);
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "M/Many11200"));
  for (int patient = 10001; patient <= 11200; ++patient) {
    EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "M/Many" + std::to_string(patient)));
  }
  EXPECT_FALSE(rig_.Saw(RowHintKind::kChanged, ""));
  Sql("DELETE FROM document WHERE PatNum>10000; DELETE FROM patient WHERE PatNum>10000");
}

TEST(HintBasketTest, MorePatientsThanItHoldsAreEverywhere) {
  TestServer server;
  server.LoadOpenDental();
  auto connection = DatabaseConnection::Open(server.settings());
  ASSERT_TRUE(connection.ok());
  FolderMap folders(1);
  HintBasket basket;
  for (size_t i = 0; i <= HintBasket::kPatientsMax; ++i) {
    basket.Changed(static_cast<int64_t>(i));
    basket.Urgent(15);
  }
  const std::vector<RowHint> expected = {{RowHintKind::kUrgent, RelPath::Trusted("S/SmithJohn15")},
                                         {RowHintKind::kChanged, RelPath()}};
  EXPECT_EQ(basket.Take(**connection, folders).value(), expected);
  EXPECT_TRUE(basket.empty());
}

// As Open Dental deletes: the log first, the row some time after it.
TEST_P(PollerTest, TheLogTellsOfADeletionAndTheRowIsWaitedFor) {
  Sql(kDocument + Values(100, 19, "old.jpg") + "," + Values(30000, 18, "newest.jpg"));
  // Long ago now: no window reaches that far down.
  rig_.Restart();
  ASSERT_TRUE(rig_.UntilHint(RowHintKind::kChanged, ""));
  rig_.Forget();
  Sql("INSERT INTO securitylog (PermType,LogDateTime,LogText,PatNum) VALUES "
      "(44,NOW(),'Document Deleted: old.jpg with category BWs',19)");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
  rig_.Forget();
  Sql("DELETE FROM document WHERE DocNum=100");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
  Sql("DELETE FROM document WHERE DocNum=30000");
}

TEST_P(PollerTest, PatientsOfTodayAndTomorrowAreUrgent) {
  rig_.Restart();
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kUrgent, "O/OBrienLeeZoë16"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kUrgent, "S/SmithJohn15"));
  EXPECT_FALSE(rig_.Saw(RowHintKind::kUrgent, "D/delaCruzAna17"));
  EXPECT_FALSE(rig_.Saw(RowHintKind::kUrgent, "É/ÉmondLuc19"));
  EXPECT_FALSE(rig_.Saw(RowHintKind::kUrgent, "1/18"));
}

INSTANTIATE_TEST_SUITE_P(Engines, PollerTest, testing::Bool(),
                         [](const auto& param) { return param.param ? "InnoDb" : "MyIsam"; });

// The walks, on a table of some thousand rows.
class WalkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer({true, {"--auto-increment-increment=3"}});
    server_->LoadOpenDental();
    settings_ = new DatabaseSettings(server_->LoadGrants());
    server_->ExecuteIn("opendental", "DELETE FROM document;" + kDocument +
                                         "(3,NOW(),136,15,'a','','','','');"
                                         "INSERT INTO document (DocNum,DateCreated,DocCategory,"
                                         "PatNum,FileName,Note,RawBase64,Thumbnail,OcrResponseData)"
                                         " SELECT 3*seq,NOW(),136,15,CONCAT('f',seq),'','','','' "
                                         "FROM seq_2_to_4000");
  }
  static void TearDownTestSuite() {
    delete server_;
    delete settings_;
  }
  static MariaRowsOptions Options() {
    MariaRowsOptions options;
    options.settings = *settings_;
    options.poll_ms = 20;
    options.walk_pause_ms = 5;
    options.recent_walk_pause_ms = 5;
    return options;
  }
  WalkTest() : rig_(Options()) {
    // A change that only a finished round can have seen before.
    EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, ""));
    for (int i = 0; i < 500 && !rig_.Saw(RowHintKind::kChanged, "S/SmithJohn15"); ++i) {
      const std::string name = "c" + std::to_string(++changes_);
      Sql("UPDATE document SET FileName='" + name + "' WHERE DocNum=6");
      EXPECT_TRUE(rig_.UntilState("S/SmithJohn15/" + name, RowState::kNamed));
    }
    EXPECT_TRUE(rig_.Saw(RowHintKind::kChanged, "S/SmithJohn15"));
    rig_.Forget();
  }
  static void Sql(const std::string& sql) { server_->ExecuteIn("opendental", sql); }

  static TestServer* server_;
  static DatabaseSettings* settings_;
  static int changes_;
  RowsRig rig_;
};
TestServer* WalkTest::server_ = nullptr;
DatabaseSettings* WalkTest::settings_ = nullptr;
int WalkTest::changes_ = 0;

TEST_F(WalkTest, RowsThatArriveLateWithLowKeysAreFound) {
  Sql(kDocument + "(301,NOW(),136,17,'late.jpg','','','','')");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "D/delaCruzAna17"));
  // The keys its server gives next are looked for by name.
  rig_.Forget();
  Sql(kDocument + "(304,NOW(),136,18,'late2.jpg','','','','')");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "1/18"));
}

TEST_F(WalkTest, RowsThatVanishWithoutAWordAreNoticed) {
  Sql(kDocument + "(401,NOW(),136,19,'b.jpg','','','','')");
  ASSERT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
  rig_.Forget();
  Sql("DELETE FROM document WHERE DocNum=401");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
}

TEST_F(WalkTest, RowsThatMoveToAnotherPatientAreNoticedForBoth) {
  Sql(kDocument + "(502,NOW(),136,19,'b.jpg','','','','')");
  ASSERT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
  rig_.Forget();
  Sql("UPDATE document SET PatNum=16 WHERE DocNum=502");
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "É/ÉmondLuc19"));
  EXPECT_TRUE(rig_.UntilHint(RowHintKind::kChanged, "O/OBrienLeeZoë16"));
}

}  // namespace
}  // namespace atozsync
