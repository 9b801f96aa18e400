// What the pure parts of the engine and the protocol cost on one core: chunks, hashes, deltas,
// reconciling, frames, and the choice whether to compress. All bytes are in memory.
//   build/release/bench/engine_bench [--benchmark_filter=…]
#include <benchmark/benchmark.h>

#include "protocol/codec.h"
#include "protocol/compression.h"
#include "protocol/frame.h"
#include "sync/base/check.h"
#include "sync/engine/block_delta.h"
#include "sync/engine/hasher.h"
#include "sync/model/reconcile.h"
#include "tests/sim/sim_random.h"

namespace atozsync {
namespace {

constexpr size_t kMegabytes = 16;

const Bytes& Secret() {
  static const Bytes secret = SimRandom(1).SomeBytes(kClusterSecretBytes);
  return secret;
}

// Pictures: nothing to compress.
const Bytes& Picture() {
  static const Bytes bytes = SimRandom(2).SomeBytes(kMegabytes << 20);
  return bytes;
}

Bytes Text(size_t bytes) {
  SimRandom random(3);
  std::string text;
  while (text.size() < bytes) {
    text += "2024-01-31;Smith, John;tooth " + std::to_string(random.Below(33)) + ";" +
            std::to_string(random.Below(100'000)) + "\n";
  }
  text.resize(bytes);
  return Bytes(text.begin(), text.end());
}

void Count(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes));
}

void CutIntoChunks(benchmark::State& state) {
  for (auto step : state) {
    ByteSpan rest = Picture();
    size_t chunks = 0;
    for (; !rest.empty(); ++chunks) rest = rest.subspan(Chunker::FirstChunk(rest, true));
    benchmark::DoNotOptimize(chunks);
  }
  Count(state, Picture().size());
}
BENCHMARK(CutIntoChunks)->Unit(benchmark::kMillisecond);

void HashWhole(benchmark::State& state) {
  for (auto step : state) benchmark::DoNotOptimize(HashOf(Secret(), Picture()));
  Count(state, Picture().size());
}
BENCHMARK(HashWhole)->Unit(benchmark::kMillisecond);

void HashAndChunk(benchmark::State& state) {
  for (auto step : state) {
    FileHasher hasher(Secret());
    constexpr size_t kPiece = 1u << 20;
    for (size_t at = 0; at < Picture().size(); at += kPiece) {
      hasher.Update(ByteSpan(Picture()).subspan(at, kPiece));
    }
    benchmark::DoNotOptimize(hasher.Finish());
  }
  Count(state, Picture().size());
}
BENCHMARK(HashAndChunk)->Unit(benchmark::kMillisecond);

void SumBlocksOfAMegabyte(benchmark::State& state) {
  const ByteSpan base = ByteSpan(Picture()).first(1u << 20);
  for (auto step : state) {
    benchmark::DoNotOptimize(SumBlocks(Secret(), base, DeltaBlockBytes(base.size())));
  }
  Count(state, base.size());
}
BENCHMARK(SumBlocksOfAMegabyte)->Unit(benchmark::kMicrosecond);

// 0: one byte differs; 1: nothing is alike, so that every offset is looked at.
void DeltaOfAMegabyte(benchmark::State& state) {
  const ByteSpan base = ByteSpan(Picture()).first(1u << 20);
  const uint32_t block_bytes = DeltaBlockBytes(base.size());
  const Bytes sums = SumBlocks(Secret(), base, block_bytes);
  Bytes raw(base.begin(), base.end());
  raw[raw.size() / 2] ^= 1;
  if (state.range(0) == 1) raw = SimRandom(4).SomeBytes(raw.size());
  for (auto step : state) {
    benchmark::DoNotOptimize(MakeDelta(Secret(), sums, block_bytes, raw));
  }
  Count(state, raw.size());
}
BENCHMARK(DeltaOfAMegabyte)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// 0: pictures, which do not compress; 1: text.
void ChooseCompression(benchmark::State& state) {
  const size_t bytes = 200u << 10;
  const Bytes raw = state.range(0) == 0 ? Bytes(Picture().begin(),
                                                Picture().begin() + static_cast<ptrdiff_t>(bytes))
                                        : Text(bytes);
  for (auto step : state) benchmark::DoNotOptimize(protocol::CompressIfItPays(raw));
  Count(state, raw.size());
}
BENCHMARK(ChooseCompression)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

FileVersion VersionNumber(uint64_t number, uint64_t edits) {
  FileVersion version;
  version.kind = VersionKind::kFile;
  version.size = 100'000 + number;
  version.mtime_ns = 1'700'000'000'000'000'000;
  version.hash = {number * 0x9E3779B97F4A7C15 + edits, number};
  version.vector = VersionVector().With(0x1234567800000001, number + 1);
  version.dot = {0x1234567800000001, number + 1};
  if (edits > 0) version.vector = version.vector.With(0x8765432100000001, edits);
  version.hlc = number + edits;
  version.chain = {{number, edits}, {number, 1}};
  return version;
}

// A million versions that a peer says, as after a restart: equal, newer, concurrent in turn.
void ReconcileAMillion(benchmark::State& state) {
  constexpr uint64_t kVersions = 1'000'000;
  constexpr uint64_t kDifferent = 1'000;
  std::vector<FileVersion> ours;
  std::vector<FileVersion> theirs;
  for (uint64_t i = 0; i < kDifferent; ++i) {
    ours.push_back(VersionNumber(i, i % 3 == 2 ? 5 : 0));
    theirs.push_back(VersionNumber(i, i % 3 == 0 ? 0 : 7));
    if (i % 3 == 2) ours.back().vector = ours.back().vector.With(0x1111111100000001, 1);
  }
  for (auto step : state) {
    uint64_t conflicts = 0;
    for (uint64_t i = 0; i < kVersions; ++i) {
      const LocalView local{&ours[i % kDifferent], false};
      Outcome outcome = Reconcile(local, theirs[i % kDifferent], {}).outcome;
      conflicts += outcome == Outcome::kConflictTake || outcome == Outcome::kConflictKeep;
    }
    CHECK(conflicts > 0 && conflicts < kVersions);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * int64_t{kVersions});
}
BENCHMARK(ReconcileAMillion)->Unit(benchmark::kMillisecond);

protocol::IndexUpdate PageOf(size_t rows) {
  protocol::IndexUpdate page;
  page.to = rows;
  for (size_t i = 0; i < rows; ++i) {
    std::string name = "S/SmithJohn" + std::to_string(i / 10) + "/Smith" + std::to_string(i);
    page.rows.push_back({RelPath::Trusted(name + ".jpg"), VersionNumber(i, i % 2)});
  }
  return page;
}

void EncodePage(benchmark::State& state) {
  const protocol::Message page = PageOf(1'000);
  size_t bytes = 0;
  for (auto step : state) bytes = protocol::EncodeFrame(page).size();
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 1'000);
  state.counters["bytes a row"] = static_cast<double>(bytes) / 1'000;
}
BENCHMARK(EncodePage)->Unit(benchmark::kMicrosecond);

void DecodePage(benchmark::State& state) {
  const protocol::Message page = PageOf(1'000);
  const Bytes frame = protocol::EncodeFrame(page);
  for (auto step : state) {
    Result<protocol::FrameHeader> header = protocol::ParseFrameHeader(frame);
    const ByteSpan payload = ByteSpan(frame).subspan(protocol::kFrameHeaderBytes);
    CHECK(header.ok() && protocol::CheckPayload(*header, payload).ok());
    CHECK(protocol::DecodeMessage(header->type, payload).ok());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * 1'000);
}
BENCHMARK(DecodePage)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace atozsync

BENCHMARK_MAIN();
