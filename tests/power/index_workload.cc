#include "tests/power/index_workload.h"

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

#include "sync/index/codec.h"
#include "sync/index/mem_index.h"
#include "tests/contract/index_contract.h"
#include "tests/contract/index_contract_random.h"
#include "tests/sim/sim_random.h"

namespace atozsync {

namespace {

constexpr size_t kAll = 1'000'000;
constexpr size_t kLargeEvery = 7;
constexpr uint64_t kLargeRows = 120;

std::string Text(const FileVersion& version) {
  return ToHex(EncodeVersion(version));
}

std::string Text(const FileStamp& stamp) {
  return ToHex(EncodeStamp(stamp));
}

std::string Text(const ContentHash& hash) {
  return std::to_string(hash.high) + "." + std::to_string(hash.low);
}

std::string Text(const IndexRow& row) {
  std::ostringstream out;
  out << row.sequence << ' ' << Printable(row.path) << ' ' << Text(row.version) << ' '
      << Text(row.stamp) << ' ' << row.unversioned << ' ' << Printable(row.reason);
  return out.str();
}

void PutRows(Index& index, std::ostream& out) {
  std::set<RelPath> dirs = {RelPath()};
  for (const IndexRow& row : index.RowsAfter(0, kAll)) {
    out << "row " << Text(row) << '\n';
    for (RelPath dir = row.path.parent(); !dir.is_root(); dir = dir.parent()) dirs.insert(dir);
  }
  for (const RelPath& dir : dirs) {
    TreeDigest digest = index.Digest(dir);
    out << "directory " << Printable(dir) << ' ' << Text(digest.all) << ' ' << digest.entries << ' '
        << index.HasLiveChildren(dir) << ' ' << index.Children(dir).size() << '\n';
    for (const IndexRow& row : index.Children(dir)) {
      if (!index.CaseTwins(row.path).empty()) out << "twin " << Printable(row.path) << '\n';
    }
  }
  for (const IndexRow& row : index.Tombstones(RelPath(), kAll)) {
    out << "tombstone " << Printable(row.path) << '\n';
  }
  for (const IndexRow& row : index.Unversioned(RelPath(), kAll)) {
    out << "unversioned " << Printable(row.path) << '\n';
  }
}

void PutContents(Index& index, std::ostream& out) {
  for (uint64_t content = 0; content <= BatchMaker::kContentsMax; ++content) {
    out << "content " << content << ':';
    for (const RelPath& path : index.FindContent(HashOf(content), kAll)) {
      out << ' ' << Printable(path);
    }
    for (const KeptVersion& kept : index.FindKeptContent(HashOf(content), kAll)) {
      out << ' ' << kept.id;
    }
    for (const ChunkRef& chunk : index.ChunkList(HashOf(content))) {
      out << ' ' << Text(chunk.hash) << '+' << chunk.size;
    }
    out << '\n';
  }
  for (uint64_t chunk = BatchMaker::kChunksFrom; chunk < BatchMaker::kChunksEnd; ++chunk) {
    out << "chunk " << chunk << ' ' << index.FindChunk(HashOf(chunk)).has_value() << '\n';
  }
}

void PutLists(Index& index, std::ostream& out) {
  for (const ConflictRow& row : index.ConflictsAfter(0, kAll)) {
    const ConflictRecord& record = row.record;
    out << "conflict " << row.sequence << ' ' << Text(record.id) << ' ' << Printable(record.path)
        << ' ' << Printable(record.other_path) << ' ' << static_cast<int>(record.kind) << ' '
        << static_cast<int>(record.state) << ' ' << record.state_hlc << ' ' << record.detected_ms
        << ' ' << record.rule << ' ' << Text(record.winner) << ' ' << Text(record.loser) << '\n';
  }
  for (const Need& need : index.Needs(0, kAll)) {
    out << "need " << need.arrival << ' ' << Printable(need.path) << ' '
        << ToHex(ByteSpan(need.peer.bytes).first(1)) << ' ' << Text(need.version) << ' '
        << index.NeedsOf(need.path).size() << '\n';
  }
  for (const KeptVersion& kept : index.KeptBefore(std::numeric_limits<int64_t>::max(), kAll)) {
    out << "kept " << kept.id << ' ' << Printable(kept.path) << ' ' << Printable(kept.kept_at)
        << ' ' << Text(kept.version) << ' ' << Text(kept.stamp) << ' ' << kept.kept_ms << ' '
        << kept.why << ' ' << index.KeptOf(kept.path).size() << '\n';
  }
  for (const Intent& intent : index.Intents()) {
    out << "intent " << intent.id << ' ' << Printable(intent.path) << ' '
        << Printable(intent.staged) << ' ' << Printable(intent.kept_at) << ' '
        << Text(intent.staged_stamp) << ' ' << Text(intent.old_stamp) << ' ' << Text(intent.row)
        << '\n';
  }
  for (uint8_t peer = 0; peer < 3; ++peer) {
    PeerPosition position = index.Peer(PeerOf(peer));
    NeedTotals needs = index.NeedTotalsOf(PeerOf(peer));
    out << "peer " << int{peer} << ' ' << position.index_id << ' ' << position.received << ' '
        << position.acknowledged << ' ' << position.last_seen_ms << ' ' << needs.paths << ' '
        << needs.bytes << '\n';
  }
  for (const char* key : {"m0", "m1"}) out << key << ' ' << index.Meta(key).value_or("-") << '\n';
}

// Many rows in one directory: pages split when they come, and merge when they go.
void MakeLarge(IndexBatch& batch, size_t number) {
  bool come = number / kLargeEvery % 2 == 0;
  for (uint64_t i = 0; i < kLargeRows; ++i) {
    std::string path = "large/" + std::to_string(i * 7919 % 1000);
    if (come) {
      batch.rows.push_back(RowOf(path, FileOf(1 + i % BatchMaker::kContentsMax, 10, number + 1)));
      batch.rows.back().reason = std::string(100, 'x');
    } else {
      batch.erased_rows.push_back(RelPath::Trusted(path));
    }
  }
}

void DropOwnerlessChunks(IndexBatch& batch, Index& after) {
  auto ownerless = [&after](const auto& list) {
    return after.FindContent(list.first, 1).empty() && after.FindKeptContent(list.first, 1).empty();
  };
  auto& lists = batch.chunk_lists;
  lists.erase(std::remove_if(lists.begin(), lists.end(), ownerless), lists.end());
}

}  // namespace

std::string StateOf(Index& index) {
  std::ostringstream out;
  IndexTotals totals = index.totals();
  NeedTotals needs = index.need_totals();
  out << "index " << index.index_id() << " sequence " << index.last_sequence() << " totals "
      << totals.files << ' ' << totals.directories << ' ' << totals.bytes << ' '
      << totals.tombstones << " needs " << needs.paths << ' ' << needs.bytes << " open "
      << index.open_conflicts() << '\n';
  PutRows(index, out);
  PutContents(index, out);
  PutLists(index, out);
  return out.str();
}

std::string Difference(const std::string& a, const std::string& b) {
  std::istringstream lines_a(a);
  std::istringstream lines_b(b);
  std::string line_a;
  std::string line_b;
  while (line_a == line_b && lines_a && lines_b) {
    if (!std::getline(lines_a, line_a)) line_a = "(end)";
    if (!std::getline(lines_b, line_b)) line_b = "(end)";
  }
  return "'" + line_a + "' and '" + line_b + "'";
}

IndexWorkload IndexWorkload::Make(uint64_t seed, size_t count) {
  SimRandom random(seed);
  BatchMaker maker([&random](uint64_t bound) { return random.Below(bound); });
  auto model = std::make_unique<MemIndex>(kTestIndexId);
  IndexWorkload work;
  work.states.push_back(StateOf(*model));
  while (work.batches.size() < count) {
    IndexBatch batch = maker.Batch();
    if (work.batches.size() % kLargeEvery == kLargeEvery / 2) MakeLarge(batch, work.batches.size());
    IndexBatch trial = batch;
    std::unique_ptr<MemIndex> after = model->Clone();
    CHECK(after->Commit(trial).ok());
    DropOwnerlessChunks(batch, *after);
    if (batch.empty()) continue;
    work.batches.push_back(batch);
    CHECK(model->Commit(batch).ok());
    work.states.push_back(StateOf(*model));
  }
  return work;
}

}  // namespace atozsync
