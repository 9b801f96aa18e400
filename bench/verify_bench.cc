// The consistency report on many rows and files against a real server: how long it takes and how
// much memory it needs at most. Run by hand: verify_bench [ROWS] [--no-pauses].
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "database/database_rows.h"
#include "database/report.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

constexpr int64_t kDocumentsPerPatient = 20;
constexpr int64_t kMissingEvery = 1000;

std::string FolderOf(int64_t pat_num) {
  return std::string(1, static_cast<char>('A' + pat_num % 26)) + "/" +
         std::string(1, static_cast<char>('A' + pat_num % 26)) + "Patient" +
         std::to_string(pat_num);
}

// A file for each document but every kMissingEvery-th, which is called otherwise.
class ManyFiles final : public FileList {
 public:
  explicit ManyFiles(int64_t count) : count_(count) {}
  Result<std::vector<ListedFile>> NextPage() override {
    std::vector<ListedFile> page;
    for (; next_ < count_ && page.size() < kPageMax; ++next_) {
      int64_t key = next_ + 1;
      std::string name = (key % kMissingEvery == 0 ? "stray" : "doc") + std::to_string(key);
      std::string folder = FolderOf(next_ / kDocumentsPerPatient + 1);
      page.push_back({RelPath::Trusted(folder + "/" + name + ".jpg"), FilePlace::kHere, "", false});
    }
    return page;
  }
  Result<std::vector<ListedFile>> LookUp(const std::vector<RelPath>& paths) override {
    std::vector<ListedFile> answers;
    for (const RelPath& path : paths) {
      bool stray = path.name().substr(0, 5) == "stray";
      answers.push_back({path, stray ? FilePlace::kHere : FilePlace::kNowhere, "", false});
    }
    return answers;
  }
  Result<std::vector<PeersWord>> AskPeers(const std::vector<RelPath>& paths) override {
    return std::vector<PeersWord>(paths.size());
  }

 private:
  const int64_t count_;
  int64_t next_ = 0;
};

void Fill(TestServer& server, int64_t rows, bool innodb) {
  server.Execute("DROP DATABASE IF EXISTS opendental");
  server.LoadOpenDental(innodb);
  const std::string patients =
      std::to_string((rows + kDocumentsPerPatient - 1) / kDocumentsPerPatient);
  server.ExecuteIn("opendental",
                   "TRUNCATE patient; TRUNCATE document;"
                   "INSERT INTO patient (PatNum,ImageFolder) SELECT seq,CONCAT(CHAR(65+seq%26),"
                   "'Patient',seq) FROM seq_1_to_" +
                       patients +
                       ";"
                       "INSERT INTO document (DocNum,PatNum,FileName,DateCreated,DocCategory,Note,"
                       "RawBase64,Thumbnail,OcrResponseData) SELECT seq,(seq-1) DIV " +
                       std::to_string(kDocumentsPerPatient) +
                       "+1,CONCAT('doc',seq,'.jpg'),NOW(),1,'','','','' FROM seq_1_to_" +
                       std::to_string(rows));
}

// "VmHWM: 1234 kB": the most memory this process had since the last reset.
int64_t PeakKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, 6, "VmHWM:") == 0) return std::atoll(line.c_str() + 6);
  }
  return 0;
}

int Measure(TestServer& server, int64_t count, bool innodb, const ReadPace& pace) {
  Fill(server, count, innodb);
  std::ofstream("/proc/self/clear_refs") << "5";
  auto began = std::chrono::steady_clock::now();
  Interrupt interrupt;
  DatabaseRows rows(server.settings(), interrupt, pace);
  ManyFiles files(count);
  ReportOptions options;
  options.scratch_file = server.dir() + "/verify-db.tmp";
  uint64_t given = 0;
  Result<ReportCounts> counts = MakeReport(
      options, rows, files, interrupt, [&](const Finding&) { ++given; }, [](const std::string&) {});
  if (!counts.ok()) {
    fmt::print("failed: {}\n", counts.status().ToString());
    return 1;
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{}: {} rows, {} files, {} findings: {:.1f} s, {} queries, at most {} MiB of memory\n",
             innodb ? "InnoDB" : "MyISAM", counts->rows, counts->files, given, took.count(),
             rows.queries(), PeakKiB() / 1024);
  return 0;
}

}  // namespace
}  // namespace atozsync

int main(int argc, char** argv) {
  using namespace atozsync;
  int64_t rows = 200'000;
  ReadPace pace;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--no-pauses") == 0) {
      pace.pause_min_ms = 0;
      pace.rest_factor = 0;
    } else {
      rows = std::atoll(argv[i]);
    }
  }
  TestServer server;
  for (bool innodb : {false, true}) {
    if (Measure(server, rows, innodb, pace) != 0) return 1;
  }
  return 0;
}
