#include "database/connection.h"

#include <gtest/gtest.h>

#include "tests/database/test_server.h"

namespace atozsync {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer({true, {}});
    server_->LoadOpenDental();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static std::unique_ptr<DatabaseConnection> Open(ConnectionLimits limits = {}) {
    auto connection = DatabaseConnection::Open(server_->settings(), limits);
    EXPECT_TRUE(connection.ok()) << connection.status().ToString();
    return std::move(connection).value();
  }
  static TestServer* server_;
};
TestServer* ConnectionTest::server_ = nullptr;

TEST_F(ConnectionTest, ReadsRowsAsUtf8) {
  auto connection = Open();
  Result<Rows> rows = connection->Query(
      "SELECT PatNum, ImageFolder, NULL FROM patient WHERE PatNum IN (16,19) ORDER BY PatNum");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(NumberIn((*rows)[0][0]), 16);
  EXPECT_EQ(TextIn((*rows)[0][1]), "OBrienLeeZoë16");
  EXPECT_EQ(TextIn((*rows)[1][1]), "ÉmondLuc19");
  EXPECT_FALSE((*rows)[1][2].has_value());
  EXPECT_TRUE(connection->is_mariadb());
}

TEST_F(ConnectionTest, CannotWrite) {
  auto connection = Open();
  Result<Rows> rows = connection->Query("UPDATE patient SET LName='x' WHERE PatNum=15");
  EXPECT_FALSE(rows.ok());
  EXPECT_EQ(
      TextIn(
          server_->QueryAsRoot("SELECT LName FROM opendental.patient WHERE PatNum=15").at(0).at(0)),
      "Smith");
}

TEST_F(ConnectionTest, OverTcpToo) {
  auto connection = DatabaseConnection::Open(server_->tcp_settings());
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  EXPECT_EQ(TextIn((*connection)->Query("SELECT 1")->at(0).at(0)), "1");
}

}  // namespace
}  // namespace atozsync
