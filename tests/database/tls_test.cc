// A connection that must be encrypted is encrypted, to the right server, or is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/database/test_server.h"

namespace atozsync {
namespace {

// An authority, and a server certificate for 127.0.0.1 signed by it.
void MakeCertificates(const std::string& dir) {
  const std::vector<std::string> curve = {
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"};
  const auto run = [&](std::vector<std::string> command, bool with_key) {
    command.insert(command.begin(), "/usr/bin/openssl");
    if (with_key) command.insert(command.end(), curve.begin(), curve.end());
    ASSERT_EQ(RunProgram(command, dir + "/log"), 0);
  };
  for (const char* name : {"ca", "stranger"}) {
    const std::string base = dir + "/" + name;
    run({"req", "-x509", "-subj", "/CN=authority", "-keyout", base + ".key", "-out", base + ".pem"},
        true);
  }
  run({"req", "-x509", "-CA", dir + "/ca.pem", "-CAkey", dir + "/ca.key", "-subj", "/CN=127.0.0.1",
       "-addext", "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1", "-keyout", dir + "/server.key",
       "-out", dir + "/server.pem"},
      true);
}

TEST(TlsTest, RequiredTlsIsSpokenWithTheRightServerOnly) {
  TempDir dir;
  MakeCertificates(dir.path());
  TestServer server(
      {true,
       {"--ssl-ca=" + dir.path() + "/ca.pem", "--ssl-cert=" + dir.path() + "/server.pem",
        "--ssl-key=" + dir.path() + "/server.key"}});
  server.Execute("CREATE USER tls@'127.0.0.1' REQUIRE SSL");
  DatabaseSettings settings = server.tcp_settings();
  settings.database = "information_schema";
  settings.user = "tls";
  EXPECT_FALSE(DatabaseConnection::Open(settings).ok());

  settings.tls = true;
  settings.tls_ca = dir.path() + "/ca.pem";
  auto connection = DatabaseConnection::Open(settings);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  EXPECT_NE(TextIn((*connection)->Query("SHOW STATUS LIKE 'Ssl_cipher'", 2)->at(0).at(1)), "");

  settings.tls_ca = dir.path() + "/stranger.pem";
  auto wrong = DatabaseConnection::Open(settings);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(WordOf(wrong.error()), RowsWord::kRefused);
  EXPECT_THAT(wrong.error().context, testing::HasSubstr("TLS failed"));
}

TEST(TlsTest, AServerWithoutTlsIsRefused) {
  TempDir dir;
  MakeCertificates(dir.path());
  TestServer server({true, {"--skip-ssl"}});
  DatabaseSettings settings = server.tcp_settings();
  settings.database = "information_schema";
  ASSERT_TRUE(DatabaseConnection::Open(settings).ok());
  settings.tls = true;
  settings.tls_ca = dir.path() + "/ca.pem";
  auto refused = DatabaseConnection::Open(settings);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(WordOf(refused.error()), RowsWord::kRefused) << refused.status().ToString();
}

}  // namespace
}  // namespace atozsync
