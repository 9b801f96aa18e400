#include "sync/engine/content_answers.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "sync/engine/block_delta.h"
#include "sync/engine/chunk_names.h"
#include "sync/engine/replaced_chunks.h"
#include "tests/sim/sim_random.h"
#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

const Bytes kSecret = TestSecret();
constexpr uint32_t kChunk = 64u << 10;

std::vector<ChunkRef> Chunks(const std::vector<uint64_t>& numbers) {
  std::vector<ChunkRef> chunks;
  for (uint64_t number : numbers) chunks.push_back({{number, number}, kChunk});
  return chunks;
}

std::vector<ChunkRef> Told(const std::vector<ChunkRef>& chunks, const std::vector<ChunkRef>& base,
                           protocol::ChunkListReply* reply) {
  protocol::ChunkListRequest request;
  request.base_hash = {1, 1};
  *reply = AnswerChunkList(request, chunks, base);
  ChunkNames names(uint64_t{kChunk} * chunks.size());
  if (reply->runs.empty()) {
    Result<bool> all = names.Add(*reply);
    EXPECT_TRUE(all.ok() && *all);
  } else {
    EXPECT_TRUE(names.AddByBase(*reply, base).ok());
  }
  return names.chunks();
}

RC_GTEST_PROP(AnswerChunkList, IsTheListWhateverTheBase, ()) {
  const auto numbers = rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(1, 8));
  const std::vector<ChunkRef> chunks = Chunks(*rc::gen::nonEmpty(numbers));
  const std::vector<ChunkRef> base = Chunks(*numbers);
  protocol::ChunkListReply reply;
  RC_ASSERT(Told(chunks, base, &reply) == chunks);
}

TEST(AnswerChunkList, NamesOnlyWhatTheBaseDoesNotHave) {
  std::vector<uint64_t> numbers;
  for (uint64_t i = 1; i <= 1'600; ++i) numbers.push_back(i);
  const std::vector<ChunkRef> base = Chunks(numbers);
  numbers[800] = 5'000;
  numbers.insert(numbers.begin(), 6'000);
  protocol::ChunkListReply reply;
  EXPECT_EQ(Told(Chunks(numbers), base, &reply), Chunks(numbers));
  EXPECT_EQ(reply.chunks.size(), 2u);
  EXPECT_EQ(reply.runs, (std::vector<protocol::ChunkRun>{{1, 0, 800}, {1, 801, 799}}));
  Told(Chunks({7'000}), base, &reply);
  EXPECT_TRUE(reply.runs.empty()) << "nothing in common";
}

TEST(ChunkNames, RunsThatDoNotFitTheBaseAreRefused) {
  const std::vector<ChunkRef> base = Chunks({1, 2, 3});
  auto refused = [&](std::vector<protocol::ChunkRun> runs, size_t fresh, size_t of_file) {
    protocol::ChunkListReply reply;
    reply.found = true;
    reply.runs = std::move(runs);
    reply.chunks.assign(fresh, {{9, 9}, kChunk});
    return !ChunkNames(of_file * kChunk).AddByBase(reply, base).ok();
  };
  EXPECT_FALSE(refused({{1, 1, 2}}, 1, 3));
  EXPECT_TRUE(refused({{1, 1, 3}}, 1, 4)) << "the base has three";
  EXPECT_TRUE(refused({{0, 4, 0}}, 0, 0));
  EXPECT_TRUE(refused({{0, ~0u, 2}}, 0, 2));
  EXPECT_TRUE(refused({{2, 0, 1}}, 1, 3)) << "one fresh one";
  EXPECT_TRUE(refused({{1, 0, 1}}, 2, 2)) << "one is left over";
  EXPECT_TRUE(refused({{1, 0, 1}}, 1, 3)) << "the file is longer";
  EXPECT_TRUE(refused(std::vector<protocol::ChunkRun>(1'000, {0, 0, 3}), 0, 3)) << "without end";
}

TEST(ReadPiece, ADeltaTravelsWhereTheAskerHasAnOlderForm) {
  TestFolder folder;
  SimRandom random(3);
  Bytes base = random.SomeBytes(100'000);
  Bytes content = base;
  content[50'000] ^= 1;
  folder.User("S/f", AsText(content));
  protocol::ContentRequest request;
  request.id = 7;
  request.length = 100'000;
  const FileStamp stamp = folder.Stamp("S/f");
  auto plain = ReadPiece(folder.files, kSecret, P("S/f"), stamp, request);
  ASSERT_TRUE(plain.ok());
  EXPECT_FALSE(plain->delta);
  EXPECT_EQ(plain->data, content);
  request.block_bytes = 1'024;
  request.sums = SumBlocks(kSecret, base, request.block_bytes);
  auto delta = ReadPiece(folder.files, kSecret, P("S/f"), stamp, request);
  ASSERT_TRUE(delta.ok());
  EXPECT_TRUE(delta->delta);
  EXPECT_LT(delta->data.size(), 3'000u);
  EXPECT_EQ(*ApplyDelta(base, request.block_bytes, delta->data, delta->raw_size), content);
  folder.User("S/f", AsText(random.SomeBytes(100'000)));
  delta = ReadPiece(folder.files, kSecret, P("S/f"), folder.Stamp("S/f"), request);
  ASSERT_TRUE(delta.ok());
  EXPECT_FALSE(delta->delta) << "nothing in common";
  EXPECT_EQ(delta->data.size(), 100'000u);
}

TEST(ReplacedChunks, TheOldestGoFirst) {
  ReplacedChunks replaced;
  const size_t third = ReplacedChunks::kChunksMax / 3;
  const std::vector<ChunkRef> chunks(third, {{5, 5}, kChunk});
  for (uint64_t i = 1; i <= 3; ++i) replaced.Remember({i, i}, chunks);
  EXPECT_EQ(replaced.Of({1, 1}).size(), third);
  replaced.Remember({1, 1}, chunks);  // now the youngest
  replaced.Remember({4, 4}, chunks);
  EXPECT_TRUE(replaced.Of({2, 2}).empty());
  EXPECT_FALSE(replaced.Of({1, 1}).empty());
  replaced.Remember({5, 5}, std::vector<ChunkRef>(ReplacedChunks::kChunksMax + 1, {{5, 5}, 1}));
  EXPECT_TRUE(replaced.Of({5, 5}).empty());
  for (uint64_t i = 10; i < 10 + ReplacedChunks::kListsMax; ++i)
    replaced.Remember({i, i}, Chunks({1}));
  EXPECT_TRUE(replaced.Of({4, 4}).empty());
  EXPECT_FALSE(replaced.Of({10, 10}).empty());
}

}  // namespace
}  // namespace atozsync
