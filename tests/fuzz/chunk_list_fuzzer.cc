// The list of a file's chunks as a peer names it, page after page: it is taken whole and exact, or
// refused; it never grows beyond what the file's size allows, however many pages come.
//
// The input: the file's size (eight bytes), then pages. A page: its flags, how often its chunks are
// repeated, number of chunks, and each chunk's size (four bytes).
#include <cstdint>
#include <vector>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "sync/engine/chunk_names.h"
#include "tests/fuzz/input.h"

namespace atozsync {
namespace {

using protocol::Chunk;
using protocol::ChunkListReply;

constexpr size_t kPagesMax = 16;

ChunkListReply MakePage(Input& input, std::vector<Chunk>& all) {
  ChunkListReply page;
  page.found = true;
  const uint8_t flags = input.Byte();
  page.more = (flags & 1) != 0;
  const size_t times = size_t{1} << (input.Byte() % 15);
  std::vector<Chunk> part(input.Byte() % 16);
  for (Chunk& chunk : part) {
    const uint32_t high = input.Short();
    chunk.size = high << 16 | input.Short();
    chunk.hash = {chunk.size, all.size()};
  }
  for (size_t i = 0; i < times && page.chunks.size() + part.size() <= protocol::kChunksMax; ++i) {
    page.chunks.insert(page.chunks.end(), part.begin(), part.end());
  }
  all.insert(all.end(), page.chunks.begin(), page.chunks.end());
  return page;
}

// What the sender may say is what arrives; the rest is refused before anybody sees it.
bool Arrives(const ChunkListReply& page) {
  for (const Chunk& chunk : page.chunks) {
    if (chunk.size == 0 || chunk.size > protocol::kChunkBytesMax) return false;
  }
  if (page.chunks.size() > 1000) return true;  // the same again, only slower
  const Bytes frame = protocol::EncodeFrame(page);
  const Result<protocol::Message> came = protocol::DecodeMessage(
      protocol::MessageType(page), ByteSpan(frame).subspan(protocol::kFrameHeaderBytes));
  CHECK(came.ok() && std::get<ChunkListReply>(*came) == page);
  return true;
}

void CheckWhole(const ChunkNames& names, uint64_t file_bytes, const std::vector<Chunk>& said) {
  CHECK(names.chunks().size() == said.size());
  uint64_t named_bytes = 0;
  for (size_t i = 0; i < said.size(); ++i) {
    const ChunkRef& chunk = names.chunks()[i];
    CHECK(chunk.hash == said[i].hash && chunk.size == said[i].size);
    CHECK(chunk.size <= protocol::kContentBytesMax);
    named_bytes += chunk.size;
  }
  CHECK(named_bytes == file_bytes);
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  Input input(data, size);
  const uint64_t file_bytes = input.Long();
  ChunkNames names(file_bytes);
  std::vector<Chunk> said;
  for (size_t i = 0; i < kPagesMax && !input.empty(); ++i) {
    const ChunkListReply page = MakePage(input, said);
    if (!Arrives(page)) return 0;
    const Result<bool> all = names.Add(page);
    CHECK(names.chunks().size() <= ChunkNames::kChunksMax);
    CHECK(names.chunks().size() <= file_bytes / ChunkNames::kAverageBytesMin + 1);
    if (!all.ok()) {
      CHECK(all.Is(Errc::kCorrupt));
      return 0;
    }
    if (*all) {
      CheckWhole(names, file_bytes, said);
      return 0;
    }
    CHECK(page.more && names.next() == said.size());
  }
  return 0;
}
