// What people are shown of a document, with exactly the rights of opendental-grants.sql, and with
// fewer.
#include "database/document_fact.h"

#include <gtest/gtest.h>

#include "tests/database/test_server.h"

namespace atozsync {
namespace {

class DocumentFactTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    TestServerOptions options;
    options.tcp = true;
    server_ = std::make_unique<TestServer>(options);
    server_->LoadOpenDental();
    user_ = std::make_unique<DatabaseSettings>(server_->LoadGrants());
  }
  static void TearDownTestSuite() { server_.reset(); }

  std::optional<DocumentFact> Of(const std::string& path) {
    Result<std::unique_ptr<DatabaseConnection>> connection = DatabaseConnection::Open(*user_);
    EXPECT_TRUE(connection.ok()) << connection.status().ToString();
    Result<std::optional<DocumentFact>> fact = LookUpDocument(**connection, RelPath::Trusted(path));
    EXPECT_TRUE(fact.ok()) << fact.status().ToString();
    return fact.ok() ? *fact : std::nullopt;
  }

  static std::unique_ptr<TestServer> server_;
  static std::unique_ptr<DatabaseSettings> user_;
};
std::unique_ptr<TestServer> DocumentFactTest::server_;
std::unique_ptr<DatabaseSettings> DocumentFactTest::user_;

TEST_F(DocumentFactTest, PatientCategoryDayAndDescription) {
  const std::optional<DocumentFact> fact = Of("S/SmithJohn15/SmithJohn390.tif");
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->doc_num, 390);
  EXPECT_EQ(fact->pat_num, 15);
  EXPECT_EQ(fact->patient, "Smith, John");
  EXPECT_EQ(fact->category, "BWs");
  EXPECT_EQ(fact->date, "2024-10-01 08:05:00");
  EXPECT_EQ(fact->description, "Pano");
  EXPECT_EQ(Of("1/18/403.jpg")->patient, "1234");  // no first name
  EXPECT_EQ(Of("O/OBrienLeeZoë16/TPArchive393.pdf")->patient, "O'Brien-Lee, Zoë");
}

TEST_F(DocumentFactTest, NothingWhereNoRowNamesExactlyThisPath) {
  for (const char* path :
       {"S/SmithJohn15/SmithJohn390.TIF", "S/SmithJohn15/other.tif", "S/SmithJohn15/x",
        "S/SmithJohn15/.jpg", "S/SmithJohn15/' OR 1=1 -- .jpg", "S/SmithJohn15/a\\",
        "T/SmithJohn15/SmithJohn390.tif", "S/Smith15/SmithJohn390.tif", "S/Nobody99/x.jpg",
        "EOBs/20241001_100000_12.jpg", "SheetImages/logo.png", "S/SmithJohn15/\xFF.jpg"}) {
    EXPECT_FALSE(Of(path).has_value()) << path;
  }
}

TEST_F(DocumentFactTest, ARightThatIsMissingLeavesItsFieldEmpty) {
  const char* rights[] = {"SELECT (LName, FName) ON opendental.patient",
                          "SELECT (DefNum, ItemName) ON opendental.definition",
                          "SELECT (DateCreated, Description, DocCategory) ON opendental.document"};
  const std::string user = " FROM 'atozsync'@'127.0.0.1'";
  server_->Execute(std::string("REVOKE ") + rights[0] + user);
  std::optional<DocumentFact> fact = Of("S/SmithJohn15/SmithJohn390.tif");
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->patient, "");
  EXPECT_EQ(fact->category, "BWs");
  server_->Execute(std::string("REVOKE ") + rights[1] + user);
  fact = Of("S/SmithJohn15/SmithJohn390.tif");
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->category, "");
  EXPECT_EQ(fact->description, "Pano");
  server_->Execute(std::string("REVOKE ") + rights[2] + user);
  fact = Of("S/SmithJohn15/SmithJohn390.tif");
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->doc_num, 390);
  EXPECT_EQ(fact->description, "");
  for (const char* right : rights) {
    server_->Execute(std::string("GRANT ") + right + " TO 'atozsync'@'127.0.0.1'");
  }
}

}  // namespace
}  // namespace atozsync
