#include "sync/engine/fetch_file.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
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
  LocalPlan plan;
  plan.chunks = names_.chunks();
  plan.places.resize(plan.chunks.size());
  // The old version of the same path first: its chunks lie in order.
  std::map<ContentHash, ChunkPlace> old_places;
  if (auto row = core_.index.Get(old_version_); row && row->version.kind == VersionKind::kFile) {
    uint64_t offset = 0;
    for (const ChunkRef& chunk : core_.index.ChunkList(row->version.hash)) {
      old_places.emplace(chunk.hash, ChunkPlace{old_version_, offset, chunk.size});
      offset += chunk.size;
    }
  }
  for (size_t i = 0; i < plan.chunks.size(); ++i) {
    if (auto at = old_places.find(plan.chunks[i].hash); at != old_places.end()) {
      plan.places[i].push_back(at->second);
    } else if (auto place = core_.index.FindChunk(plan.chunks[i].hash)) {
      plan.places[i].push_back(*place);
    }
  }
  core_.Async<Result<std::vector<Piece>>>(
      Lane::kStage,
      [files = &core_.files, secret = core_.secret, partial = partial_, size = target_.size,
       plan = std::move(plan)] { return RunLocalCopy(*files, *secret, partial, size, plan); },
      Mine<Result<std::vector<Piece>>>(&FetchFile::OnLocalChunks));
}

namespace {

bool ReadExactly(File& file, uint64_t offset, MutableByteSpan out) {
  Result<size_t> got = file.ReadAt(offset, out);
  return got.ok() && *got == out.size();
}

// The chunk's bytes from the partial file itself (an earlier try) or from where it lies here.
bool FillChunk(FileSystem& files, ByteSpan secret, File& partial, uint64_t offset,
               const ChunkRef& chunk, const std::vector<ChunkPlace>& places, Bytes& buffer) {
  buffer.resize(chunk.size);
  bool here = ReadExactly(partial, offset, buffer);
  if (here && Planted(PlantedFault::kPartialNotVerified)) return true;
  if (here && HashOf(secret, buffer) == chunk.hash) {
    Probe(ProbeId::kChunkResumed);
    return true;
  }
  for (const ChunkPlace& place : places) {
    Result<std::unique_ptr<File>> source = files.OpenRead(place.path);
    if (place.size != chunk.size || !source.ok()) continue;
    if (!ReadExactly(**source, place.offset, buffer)) continue;
    if (HashOf(secret, buffer) != chunk.hash) continue;
    if (partial.WriteAt(offset, buffer).ok()) {
      Probe(ProbeId::kChunkFromHere);
      return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<FetchFile::Piece>> FetchFile::RunLocalCopy(FileSystem& files, ByteSpan secret,
                                                              const RelPath& partial, uint64_t size,
                                                              const LocalPlan& plan) {
  Result<std::unique_ptr<File>> opened = files.OpenWrite(partial);
  if (opened.Is(Errc::kNotFound)) {
    opened = CreatePartial(files, partial);
  }
  TRY(opened.status());
  File& file = **opened;
  TRY(file.Truncate(size));
  std::vector<Piece> missing;
  Bytes buffer;
  uint64_t offset = 0;
  for (size_t i = 0; i < plan.chunks.size(); ++i) {
    const ChunkRef& chunk = plan.chunks[i];
    if (!FillChunk(files, secret, file, offset, chunk, plan.places[i], buffer)) {
      bool joins = !missing.empty() && missing.back().offset + missing.back().size == offset &&
                   missing.back().size + chunk.size <= protocol::kContentBytesMax;
      if (joins) {
        missing.back().size += chunk.size;
      } else {
        missing.push_back({offset, chunk.size});
      }
    }
    offset += chunk.size;
  }
  return missing;
}

void FetchFile::OnLocalChunks(Result<std::vector<Piece>> missing) {
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
    Piece piece = pieces_.back();
    pieces_.pop_back();
    ++under_way_;
    protocol::ContentRequest request;
    request.path = source_.path;
    request.file_hash = target_.hash;
    request.offset = piece.offset;
    request.length = piece.size;
    link->RequestContent(request, [this, piece, alive = std::weak_ptr<int>(alive_)](
                                      std::optional<protocol::ContentReply> reply) {
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

void FetchFile::OnPiece(Piece piece, std::optional<protocol::ContentReply> reply) {
  --under_way_;
  if (!reply || !reply->found || reply->raw_size != piece.size) {
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
      [files = &core_.files, partial = partial_, piece, shared]() -> Status {
        Bytes room;
        ASSIGN_OR_RETURN(const ByteSpan raw, RawBytes(*shared, room));
        ASSIGN_OR_RETURN(auto file, files->OpenWrite(partial));
        return file->WriteAt(piece.offset, raw);
      },
      [this, alive = std::weak_ptr<int>(alive_)](Status status) {
        if (alive.expired()) return;
        --writing_;
        if (!status.ok() && trouble_.ok()) trouble_ = status;
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
