// PracticeTest: a real database server with the practice's tables, one for all tests of a program;
// each test begins with the same rows, a folder that Data Paths names, and a user who may read.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/database/test_server.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {

class PracticeTest : public testing::Test {
 protected:
  static TestServer& Server() {
    static TestServer server({true, {"--server-id=2"}});
    static const bool loaded = [] {
      server.LoadOpenDental();
      // Two tables that the rights name and the subset leaves out.
      server.ExecuteIn("opendental",
                       "CREATE TABLE IF NOT EXISTS wikipagehist LIKE wikipage;"
                       "CREATE TABLE IF NOT EXISTS emailtemplate (EmailTemplateNum bigint "
                       "PRIMARY KEY, BodyText longtext)");
      return true;
    }();
    EXPECT_TRUE(loaded);
    return server;
  }

  void SetUp() override {
    std::filesystem::create_directories(dir_.File("images/A"));
    dir_.Write("password", "a secret\n");
    ::chmod(dir_.File("password").c_str(), 0600);
    Server().ExecuteIn("opendental",
                       "UPDATE preference SET ValueString='1' WHERE PrefName='AtoZfolderUsed';"
                       "UPDATE preference SET ValueString='" +
                           dir_.File("images") +
                           "' WHERE PrefName='DocPath';"
                           "UPDATE preference SET ValueString='' WHERE "
                           "PrefName='UpdateInProgressOnComputerName';"
                           "UPDATE replicationserver SET AtoZpath='';"
                           "UPDATE replicationserver SET Descript='north' WHERE ServerId=2;"
                           "DELETE FROM computerpref;"
                           "CREATE OR REPLACE USER 'atozsync'@'127.0.0.1' IDENTIFIED BY 'a secret';"
                           "GRANT SELECT ON opendental.* TO 'atozsync'@'127.0.0.1';"
                           "GRANT SLAVE MONITOR ON *.* TO 'atozsync'@'127.0.0.1'");
  }
  static std::string Url() {
    return "mariadb://atozsync@127.0.0.1:" + std::to_string(Server().port()) + "/opendental";
  }

  TestDir dir_;
};

}  // namespace atozsync
