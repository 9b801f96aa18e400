// How fast the index is on this disk: rows per second for commits of 1,000, for listing a directory
// of 1,000, and for single look-ups in an index of 100,000.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>

#include "sync/index/sqlite_index.h"

namespace atozsync {
namespace {

constexpr size_t kBatchRows = 1000;

class BenchIndex {
 public:
  BenchIndex() {
    CHECK(::mkdtemp(dir_.data()) != nullptr);
    auto opened = SqliteIndex::Open(dir_ + "/index.db", 1);
    CHECK(opened.ok());
    index_ = std::move(opened).value();
  }
  ~BenchIndex() {
    index_.reset();
    std::error_code ignored;  // a directory of the system's for temporary files
    std::filesystem::remove_all(dir_, ignored);
  }
  Index& operator*() { return *index_; }

 private:
  // Not below /tmp, which may be memory: commits shall wait for a disk.
  std::string dir_ = (std::filesystem::current_path() / "index-bench-XXXXXX").string();
  std::unique_ptr<SqliteIndex> index_;
};

IndexRow RowNumber(uint64_t number, uint64_t content) {
  IndexRow row;
  row.path = RelPath::Trusted("S/Smith" + std::to_string(number / kBatchRows) + "/Smith_20240131_" +
                              std::to_string(number) + ".jpg");
  row.version.kind = VersionKind::kFile;
  row.version.size = 100'000 + number;
  row.version.mtime_ns = 1'700'000'000'000'000'000 + static_cast<int64_t>(number);
  row.version.hash = {content * 0x9E3779B97F4A7C15, content};
  row.version.vector = VersionVector().With(0x1234567800000001, number + 1);
  row.version.dot = {0x1234567800000001, number + 1};
  row.version.hlc = number;
  row.stamp = {row.version.size, row.version.mtime_ns, row.version.mtime_ns, number + 100};
  row.reason = "new here";
  return row;
}

void CommitRange(Index& index, uint64_t first, uint64_t content) {
  IndexBatch batch;
  for (uint64_t i = first; i < first + kBatchRows; ++i) {
    batch.rows.push_back(RowNumber(i, content + i));
  }
  CHECK(index.Commit(batch).ok());
}

void CommitNewRows(benchmark::State& state) {
  BenchIndex index;
  uint64_t next = 0;
  for (auto step : state) {
    CommitRange(*index, next, 0);
    next += kBatchRows;
  }
  state.SetItemsProcessed(static_cast<int64_t>(next));
}
BENCHMARK(CommitNewRows)->UseRealTime()->Unit(benchmark::kMillisecond);

void CommitChangedRows(benchmark::State& state) {
  BenchIndex index;
  constexpr uint64_t kRows = 100'000;
  for (uint64_t i = 0; i < kRows; i += kBatchRows) CommitRange(*index, i, 0);
  uint64_t done = 0;
  for (auto step : state) {
    CommitRange(*index, done % kRows, 1'000'000 + done);
    done += kBatchRows;
  }
  state.SetItemsProcessed(static_cast<int64_t>(done));
}
BENCHMARK(CommitChangedRows)->UseRealTime()->Unit(benchmark::kMillisecond);

void Children(benchmark::State& state) {
  BenchIndex index;
  CommitRange(*index, 0, 0);
  RelPath dir = RelPath::Trusted("S/Smith0");
  for (auto step : state) {
    std::vector<IndexRow> rows = (*index).Children(dir);
    CHECK(rows.size() == kBatchRows);
    benchmark::DoNotOptimize(rows);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatchRows));
}
BENCHMARK(Children)->Unit(benchmark::kMicrosecond);

void Get(benchmark::State& state) {
  BenchIndex index;
  constexpr uint64_t kRows = 100'000;
  for (uint64_t i = 0; i < kRows; i += kBatchRows) CommitRange(*index, i, 0);
  std::vector<RelPath> paths;
  for (uint64_t i = 0; i < kRows; i += 37) paths.push_back(RowNumber(i, 0).path);
  size_t next = 0;
  for (auto step : state) {
    benchmark::DoNotOptimize((*index).Get(paths[next]));
    next = (next + 7919) % paths.size();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Get)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace atozsync

BENCHMARK_MAIN();
