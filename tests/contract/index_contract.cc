#include "tests/contract/index_contract.h"

#include "sync/index/mem_index.h"
#include "sync/index/sqlite_index.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {

namespace {

class MemBox final : public IndexBox {
 public:
  Index& index() override { return *index_; }
  void Reopen() override { index_ = index_->Clone(); }

 private:
  std::unique_ptr<MemIndex> index_ = std::make_unique<MemIndex>(kTestIndexId);
};

class SqliteBox final : public IndexBox {
 public:
  SqliteBox() { Open(); }
  Index& index() override { return *index_; }
  void Reopen() override {
    index_.reset();
    Open();
  }

 private:
  void Open() {
    auto opened = SqliteIndex::Open(dir_.path() + "/index.db", kTestIndexId);
    CHECK(opened.ok());
    index_ = std::move(opened).value();
  }

  TempDir dir_;
  std::unique_ptr<SqliteIndex> index_;
};

}  // namespace

std::unique_ptr<IndexBox> MakeMemBox() {
  return std::make_unique<MemBox>();
}
std::unique_ptr<IndexBox> MakeSqliteBox() {
  return std::make_unique<SqliteBox>();
}

ContentHash HashOf(uint64_t number) {
  return {~number, number << 32};
}

ReplicaId PeerOf(uint8_t number) {
  ReplicaId id;
  id.bytes.fill(number);
  return id;
}

VersionVector VectorOf(uint64_t counter) {
  return VersionVector().With(MakeAuthorId(PeerOf(0xF1), 1), counter);
}

FileVersion FileOf(uint64_t content, uint64_t size, uint64_t counter) {
  FileVersion version;
  version.kind = VersionKind::kFile;
  version.size = size;
  version.mtime_ns = 1'700'000'000'123'456'789;
  version.hash = HashOf(content);
  version.vector = VectorOf(counter);
  version.dot = {MakeAuthorId(PeerOf(0xF1), 1), counter};
  version.hlc = counter;
  return version;
}

FileVersion DirOf(uint64_t counter) {
  FileVersion version;
  version.kind = VersionKind::kDir;
  version.vector = VectorOf(counter);
  return version;
}

FileVersion TombstoneOf(uint64_t counter) {
  FileVersion version;
  version.vector = VectorOf(counter);
  return version;
}

IndexRow RowOf(std::string_view path, FileVersion version) {
  IndexRow row;
  row.path = RelPath::Trusted(path);
  row.version = std::move(version);
  return row;
}

IndexRow FullRow(std::string_view path) {
  IndexRow row = RowOf(path, FileOf(7, uint64_t{1} << 40, 3));
  row.version.mtime_ns = -5;
  row.version.vector = row.version.vector.With(~uint64_t{0}, ~uint64_t{0});
  row.version.hlc = ~uint64_t{0};
  row.version.chain = {HashOf(1), HashOf(2), ContentHash{}};
  row.stamp = {uint64_t{1} << 40, -7, 8, ~uint64_t{0}};
  row.unversioned = true;
  row.reason = std::string("why\0 not", 8);
  return row;
}

std::vector<std::string> PathsOf(const std::vector<IndexRow>& rows) {
  std::vector<std::string> paths;
  for (const IndexRow& row : rows) paths.push_back(row.path.str());
  return paths;
}

std::vector<std::string> PathsOf(const std::vector<RelPath>& paths) {
  std::vector<std::string> texts;
  for (const RelPath& path : paths) texts.push_back(path.str());
  return texts;
}

Status CommitRows(Index& index, std::vector<IndexRow> rows) {
  IndexBatch batch;
  batch.rows = std::move(rows);
  return index.Commit(batch);
}

}  // namespace atozsync
