#include "sync/engine/fetch_file.h"

#include <algorithm>
#include <utility>

#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr int kPiecesUnderWayMax = 16;  // of kContentBytesMax each: bounds memory

}  // namespace

FetchFile::FetchFile(Core& core, StageTarget target, Source source, RelPath old_version,
                     LinkOf link_of, Done done)
    : core_(core),
      target_(std::move(target)),
      source_(std::move(source)),
      old_version_(std::move(old_version)),
      link_of_(std::move(link_of)),
      done_(std::move(done)),
      partial_(layout::Partial(target_.hash)),
      names_(target_.size) {}

FetchFile::~FetchFile() = default;

template <typename T>
UniqueFunction<void(T)> FetchFile::Mine(void (FetchFile::*method)(T)) {
  return [this, method, alive = std::weak_ptr<int>(alive_)](T value) {
    if (!alive.expired()) (this->*method)(std::move(value));
  };
}

void FetchFile::Start() {
  std::optional<IndexRow> row = core_.index.Get(old_version_);
  if (row && row->version.kind == VersionKind::kFile) {
    base_chunks_ = core_.index.ChunkList(row->version.hash);
    if (!base_chunks_.empty()) base_hash_ = row->version.hash;
  }
  AskChunkNames();
}

void FetchFile::AskChunkNames() {
  PeerLink* link = link_of_(source_.peer);
  if (link == nullptr || !link->CanRequest()) {
    End({Errc::kPeerGone, "the peer is not connected"});
    return;
  }
  protocol::ChunkListRequest request;
  request.path = source_.path;
  request.file_hash = target_.hash;
  request.first = names_.next();
  if (request.first == 0) request.base_hash = base_hash_;
  link->RequestChunkList(request,
                         Mine<std::optional<protocol::ChunkListReply>>(&FetchFile::OnChunkNames));
}

void FetchFile::OnChunkNames(std::optional<protocol::ChunkListReply> reply) {
  if (!reply) {
    End({Errc::kPeerGone, "the connection was lost"});
    return;
  }
  if (!reply->found) {
    End({Errc::kNotFound, "the peer does not have that content any more"});
    return;
  }
  if (!reply->runs.empty()) {
    Status whole = names_.AddByBase(*reply, base_chunks_);
    if (whole.ok()) {
      Probe(ProbeId::kChunksByBase);
      CopyLocalChunks();
    } else if (std::exchange(base_hash_, {}).is_zero()) {
      End(whole);  // it was not even asked for
    } else {
      AskChunkNames();  // the peer may have cut the old version in another way
    }
    return;
  }
  Result<bool> all = names_.Add(*reply);
  if (!all.ok()) {
    End(all.status());
  } else if (*all) {
    CopyLocalChunks();
  } else {
    AskChunkNames();
  }
}

void FetchFile::CopyLocalChunks() {
  state_ = State::kLocalChunks;
  auto plan = std::make_shared<LocalChunks>();
  plan->partial = partial_;
  plan->size = target_.size;
  plan->base = old_version_;
  std::map<ContentHash, uint64_t> in_base;
  for (const ChunkRef& chunk : base_chunks_) {
    in_base.emplace(chunk.hash, plan->base_size);
    plan->base_size += chunk.size;
  }
  for (const ChunkRef& chunk : names_.chunks()) {
    LocalChunks::Chunk& planned = plan->chunks.emplace_back();
    planned.ref = chunk;
    if (auto at = in_base.find(chunk.hash); at != in_base.end()) {
      planned.in_base = at->second;
    } else {
      planned.place = core_.index.FindChunk(chunk.hash);
    }
  }
  local_ = plan;
  core_.Async<Result<std::vector<MissingPiece>>>(
      Lane::kStage,
      [files = &core_.files, secret = core_.secret, plan] {
        return CopyFromHere(*files, *secret, *plan);
      },
      Mine<Result<std::vector<MissingPiece>>>(&FetchFile::OnLocalChunks));
}

void FetchFile::OnLocalChunks(Result<std::vector<MissingPiece>> missing) {
  if (!missing.ok()) {
    End(missing.status());
    return;
  }
  pieces_ = std::move(missing).value();
  std::reverse(pieces_.begin(), pieces_.end());
  state_ = State::kPieces;
  AskPieces();
}

void FetchFile::AskPieces() {
  if (state_ != State::kPieces) return;
  PeerLink* link = link_of_(source_.peer);
  while (trouble_.ok() && !pieces_.empty() && under_way_ + writing_ < kPiecesUnderWayMax) {
    if (link == nullptr || !link->CanRequest()) {
      trouble_ = Status(Errc::kPeerGone, "the connection was lost");
      break;
    }
    MissingPiece piece = std::move(pieces_.back());
    pieces_.pop_back();
    ++under_way_;
    protocol::ContentRequest request;
    request.path = source_.path;
    request.file_hash = target_.hash;
    request.offset = piece.offset;
    request.length = piece.size;
    request.block_bytes = piece.block_bytes;
    request.sums = std::move(piece.sums);
    link->RequestContent(
        request, [this, piece = std::move(piece),
                  alive = std::weak_ptr<int>(alive_)](std::optional<protocol::ContentReply> reply) {
          if (!alive.expired()) OnPiece(piece, std::move(reply));
        });
  }
  if (under_way_ > 0 || writing_ > 0) return;
  if (!trouble_.ok()) {
    End(trouble_);
  } else if (pieces_.empty()) {
    Finish();
  }
}

void FetchFile::OnPiece(MissingPiece piece, std::optional<protocol::ContentReply> reply) {
  --under_way_;
  const bool fits = reply && reply->found && reply->raw_size == piece.size &&
                    (!reply->delta || piece.block_bytes > 0);
  if (!fits) {
    Probe(ProbeId::kPieceLost);
    if (trouble_.ok()) {
      trouble_ = !reply ? Status(Errc::kPeerGone, "the connection was lost")
                        : Status(Errc::kNotFound, "the peer does not have that content any more");
    }
    AskPieces();
    return;
  }
  if (on_received) on_received(reply->raw_size);
  ++writing_;
  auto shared = std::make_shared<protocol::ContentReply>(std::move(*reply));
  core_.Async<Status>(
      Lane::kStage,
      [files = &core_.files, secret = core_.secret, local = local_, piece, shared]() -> Status {
        if (shared->delta) return WriteDelta(*files, *secret, *local, piece, shared->data);
        Bytes room;
        ASSIGN_OR_RETURN(const ByteSpan raw, RawBytes(*shared, room));
        ASSIGN_OR_RETURN(auto file, files->OpenWrite(local->partial));
        return file->WriteAt(piece.offset, raw);
      },
      [this, piece, was_delta = shared->delta, alive = std::weak_ptr<int>(alive_)](Status status) {
        if (alive.expired()) return;
        --writing_;
        if (was_delta && status.Is(Errc::kCorrupt)) {
          // Two blocks with one sum, or the old version changed meanwhile: the bytes themselves.
          Probe(ProbeId::kDeltaInVain);
          pieces_.push_back(piece);
          pieces_.back().block_bytes = 0;
        } else if (!status.ok() && trouble_.ok()) {
          trouble_ = status;
        }
        AskPieces();
      });
}

void FetchFile::Finish() {
  state_ = State::kFinish;
  core_.Async<Result<HashedFile>>(
      Lane::kStage,
      [files = &core_.files, secret = core_.secret, partial = partial_, target = target_] {
        return FinishPartial(*files, *secret, partial, target);
      },
      [this, alive = std::weak_ptr<int>(alive_)](Result<HashedFile> hashed) {
        if (alive.expired()) return;
        if (hashed.ok()) own_chunks_ = std::move(hashed->chunks);
        End(hashed.status());
      });
}

void FetchFile::End(Status status) {
  if (state_ == State::kDone) return;
  state_ = State::kDone;
  Done done = std::move(done_);
  done(status.WithContext(Printable(source_.path)));
}

}  // namespace atozsync
