#include "tests/contract/index_contract_random.h"

#include "tests/contract/index_contract.h"

namespace atozsync {

namespace {

const std::vector<std::string>& Names() {
  static const std::vector<std::string> names = {"a", "A", "b", "b-", "B", "\xFF"};
  return names;
}

}  // namespace

std::vector<ChunkRef> ChunksOf(uint64_t content) {
  std::vector<ChunkRef> chunks;
  for (uint64_t i = 0; i <= content; ++i) {
    chunks.push_back(
        {HashOf(BatchMaker::kChunksFrom + (content * i) % 7), static_cast<uint32_t>(10 + i)});
  }
  return chunks;
}

RelPath BatchMaker::Path() {
  RelPath path;
  for (uint64_t depth = 1 + Below(3); depth > 0; --depth) {
    path = path.Child(Names()[Below(Names().size())]);
  }
  return path;
}

FileVersion BatchMaker::Version() {
  uint64_t counter = 1 + Below(1000);
  switch (Below(4)) {
    case 0: {
      FileVersion version = TombstoneOf(counter);
      if (Below(2) == 0) version.known_by = {3, 4};
      return version;
    }
    case 1: return DirOf(counter);
    default: {
      uint64_t content = 1 + Below(kContentsMax);
      FileVersion version = FileOf(content, content * 100, counter);
      if (Below(3) == 0) version.chain = {HashOf(Below(5))};
      if (Below(4) == 0) version.vector = {};
      return version;
    }
  }
}

IndexRow BatchMaker::Row() {
  IndexRow row;
  row.path = Path();
  row.version = Version();
  row.stamp = {Below(9), 1, 2, Below(3)};
  row.unversioned = Below(4) == 0;
  row.reason = "r" + std::to_string(Below(9));
  return row;
}

KeptVersion BatchMaker::Kept() {
  std::string id = "k" + std::to_string(Below(6));
  RelPath path = Path();
  FileVersion version = Version();
  auto kept_ms = static_cast<int64_t>(Below(5));
  return {id, path, RelPath::Trusted(".atozsync/" + id), version, {1, 2, 3, 4}, kept_ms, "deleted"};
}

ConflictRecord BatchMaker::Conflict() {
  ConflictRecord record;
  record.id = HashOf(Below(5));
  record.path = Path();
  record.winner = Version();
  record.state = static_cast<ConflictState>(Below(5));
  return record;
}

ReplicaId BatchMaker::Peer() {
  return PeerOf(static_cast<uint8_t>(Below(3)));
}

Need BatchMaker::Wanted() {
  Need need;
  need.path = Path();
  need.peer = Peer();
  need.version = Version();
  return need;
}

void BatchMaker::FillRows(IndexBatch& batch) {
  Fill(batch.rows, 8, [this] { return Row(); });
  Fill(batch.local_only_rows, 3, [this] { return Row(); });
  Fill(batch.erased_rows, 4, [this] { return Path(); });
}

void BatchMaker::FillLists(IndexBatch& batch) {
  Fill(batch.conflicts, 3, [this] { return Conflict(); });
  Fill(batch.needs, 4, [this] { return Wanted(); });
  Fill(batch.erased_needs, 4, [this] {
    RelPath path = Path();
    return std::pair(path, Peer());
  });
  Fill(batch.kept, 3, [this] { return Kept(); });
  Fill(batch.erased_kept, 2, [this] { return "k" + std::to_string(Below(6)); });
  Fill(batch.intents, 2, [this] {
    Intent intent;
    intent.path = Path();
    intent.row = Row();
    return intent;
  });
  Fill(batch.erased_intents, 2, [this] { return Below(5); });
  Fill(batch.gate_notes, 3, [this] {
    RelPath path = Path();
    return GateNote{path, Below(2) == 0, static_cast<int64_t>(Below(3))};
  });
  Fill(batch.chunk_lists, 3, [this] {
    uint64_t content = 1 + Below(kContentsMax);
    return std::pair(HashOf(content), ChunksOf(content));
  });
  if (Below(2) == 0) {
    uint64_t received = Below(5);
    batch.peers[PeerOf(1)] = {received, Below(5), 0, 0};
  }
  if (Below(2) == 0) {
    std::string key = "m" + std::to_string(Below(2));
    batch.meta[key] = std::to_string(Below(9));
  }
}

IndexBatch BatchMaker::Batch() {
  IndexBatch batch;
  FillRows(batch);
  FillLists(batch);
  return batch;
}

}  // namespace atozsync
