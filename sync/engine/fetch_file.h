// FetchFile: brings one large file into staging, chunk by chunk: chunks that the folder holds
// already (in the old version of the path, or anywhere) are copied, the rest is asked for in
// pieces, several under way at once – of pieces that took the place of something in the old version
// only what is new in them (sync/engine/block_delta.h). A break keeps what has come: the next try
// finds those chunks in the partial file and asks for the others only. Multi-step operation; `done`
// is called once, unless it is destroyed first. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "sync/engine/chunk_names.h"
#include "sync/engine/core.h"
#include "sync/engine/local_chunks.h"
#include "sync/engine/peer_link.h"
#include "sync/engine/stage_job.h"

namespace atozsync {

class FetchFile {
 public:
  struct Source {
    ReplicaId peer;
    RelPath path;  // where it has the content
  };
  // Finds the live link of a peer each time anew; null when it is gone.
  using LinkOf = std::function<PeerLink*(const ReplicaId&)>;
  using Done = UniqueFunction<void(Status)>;

  FetchFile(Core& core, StageTarget target, Source source, RelPath old_version, LinkOf link_of,
            Done done);
  ~FetchFile();
  void Start();

  // Of the finished file, cut here.
  std::vector<ChunkRef> TakeChunks() { return std::move(own_chunks_); }
  std::function<void(uint64_t)> on_received;  // content bytes, for the peer's count

 private:
  enum class State : uint8_t { kChunkNames, kLocalChunks, kPieces, kFinish, kDone };
  void AskChunkNames();
  void OnChunkNames(std::optional<protocol::ChunkListReply> reply);
  void CopyLocalChunks();
  void OnLocalChunks(Result<std::vector<MissingPiece>> missing);
  void AskPieces();
  void OnPiece(MissingPiece piece, std::optional<protocol::ContentReply> reply);
  void Finish();
  void End(Status status);
  template <typename T>
  UniqueFunction<void(T)> Mine(void (FetchFile::*method)(T));

  Core& core_;
  const StageTarget target_;
  const Source source_;
  const RelPath old_version_;
  const LinkOf link_of_;
  Done done_;
  const RelPath partial_;
  State state_ = State::kChunkNames;
  ChunkNames names_;
  ContentHash base_hash_;  // of the old version, whose chunks are known; zero: none
  std::vector<ChunkRef> base_chunks_;
  std::shared_ptr<const LocalChunks> local_;
  std::vector<MissingPiece> pieces_;  // still to be asked for, in reverse order
  int under_way_ = 0;
  int writing_ = 0;
  Status trouble_;  // first one; the rest is waited for
  std::vector<ChunkRef> own_chunks_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync
