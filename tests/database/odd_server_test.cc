// Whatever sits at the other end of the line: an error for a person, and never a byte read that is
// not there.
#include "tests/database/odd_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "database/database_rows.h"
#include "database/health_watch.h"
#include "database/hint_basket.h"
#include "database/look_up.h"
#include "database/poller.h"
#include "tests/database/rows_rig.h"

namespace atozsync {
namespace {

using testing::HasSubstr;

constexpr const char* kPatientFile = "S/SmithJohn15/SmithJohn389.jpg";

class Nobody final : public RowTaker {
 public:
  void OnPatient(int64_t, const RelPath&) override {}
  void OnRow(size_t, FileRow) override {}
  void OnPassedOver(size_t, const std::string&) override {}
  void OnProgress(const std::string&) override {}
};

class OddServerTest : public testing::Test {
 protected:
  std::unique_ptr<DatabaseConnection> Open() {
    auto connection = DatabaseConnection::Open(server_.settings());
    EXPECT_TRUE(connection.ok()) << connection.status().ToString();
    return std::move(connection).value();
  }
  static void ExpectNarrow(const Status& status) {
    EXPECT_TRUE(status.Is(Errc::kInvalid)) << status.ToString();
    EXPECT_THAT(status.ToString(), HasSubstr("columns instead of"));
  }
  OddServer server_;
};

TEST_F(OddServerTest, FewerColumnsThanAskedForAreAnErrorOfEveryReader) {
  server_.Answer({{"15"}});
  auto connection = Open();
  FolderMap folders(0);
  for (const char* path : {kPatientFile, "EOBs/20240101_120000_15.jpg",
                           "Amendments/20240101_120000_15.jpg", "MedLabEmbeddedFiles/a.pdf"}) {
    ExpectNarrow(AnswerLookUp(*connection, folders, {RelPath::Trusted(path)}, 0).status());
  }
  ExpectNarrow(AskPatientDirs(*connection, folders, {15}).status());
  ExpectNarrow(folders.Step(*connection, 0));
  ExpectNarrow(HealthWatch().Step(*connection));
  HintBasket basket;
  basket.Changed(15);
  ExpectNarrow(basket.Take(*connection, folders).status());
  Poller poller{MariaRowsOptions()};
  ExpectNarrow(poller.Begin(*connection, 0));
  EXPECT_TRUE(connection->alive());
}

TEST_F(OddServerTest, TheReportSaysSo) {
  server_.Answer({{"15"}});
  Interrupt interrupt;
  ReadPace pace;
  pace.pause_min_ms = 0;
  Nobody nobody;
  ExpectNarrow(DatabaseRows(server_.settings(), interrupt, pace).ReadAll(nobody));
  // Wide enough for patients, and no more: tables have rows of their own width.
  server_.Answer({{"15", "S", "SmithJohn15"}});
  ExpectNarrow(DatabaseRows(server_.settings(), interrupt, pace).ReadAll(nobody));
}

TEST_F(OddServerTest, TheSourceOfRowsKnowsNothingAndSaysWhy) {
  server_.Answer({{"15"}});
  MariaRowsOptions options;
  options.settings = server_.settings();
  RowsRig rig(options);
  ASSERT_TRUE(rig.UntilWord(RowsWord::kRefused));
  EXPECT_THAT(rig.rows().health().problem, HasSubstr("is this a MariaDB or MySQL server?"));
  EXPECT_EQ(rig.LookUp(kPatientFile), RowState::kUnknown);
}

// Wide enough, with the same nonsense for every question: polls, walks and look-ups go on.
TEST_F(OddServerTest, NonsenseInTheRowsNamesNothing) {
  using Odd = std::optional<std::string>;
  for (const Odd& field :
       {Odd(), Odd(""), Odd("x"), Odd("-9223372036854775808"), Odd("9223372036854775807"),
        Odd("99999999999999999999"), Odd("/../x"), Odd("\xff\xfe")}) {
    server_.Answer(std::vector<OddServer::OddRow>(3, OddServer::OddRow(9, field)));
    MariaRowsOptions options;
    options.settings = server_.settings();
    options.poll_ms = options.walk_pause_ms = options.recent_walk_pause_ms = 1;
    options.health_ms = options.urgent_ms = options.folders_pause_ms = 1;
    RowsRig rig(options);
    ASSERT_TRUE(rig.UntilHint(RowHintKind::kChanged, "")) << rig.rows().health().problem;
    for (int i = 0; i < 20; ++i) EXPECT_NE(rig.LookUp(kPatientFile), RowState::kNamed);
  }
}

}  // namespace
}  // namespace atozsync
