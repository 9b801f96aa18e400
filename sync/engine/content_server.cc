#include "sync/engine/content_server.h"

#include <algorithm>

#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/content_answers.h"

namespace atozsync {

namespace {

constexpr size_t kWaitingMax = 2 * PeerLink::kRequestsMax;
constexpr int kMakingMax = 8;            // jobs, of at most kContentBytesMax each
constexpr size_t kReadTogetherMax = 64;  // small contents, by one job
constexpr uint64_t kReadTogetherBytesMax = 256u << 10;
constexpr size_t kPlacesMax = 2;  // in the folder, beside the one that was asked for
constexpr int64_t kBackloggedPauseMs = 5;
// Under a limit these are answered before larger ones.
constexpr uint32_t kSmallBytesMax = 64u << 10;

bool IsSmall(const std::variant<protocol::ContentRequest, protocol::ChunkListRequest>& request) {
  const auto* content = std::get_if<protocol::ContentRequest>(&request);
  return content == nullptr || content->length <= kSmallBytesMax;
}

}  // namespace

ContentServer::ContentServer(Core& core, Peers& peers) : core_(core), peers_(peers) {}

Status ContentServer::OnContentRequest(const ReplicaId& peer, protocol::ContentRequest request) {
  return Enqueue(peer, std::move(request));
}

Status ContentServer::OnChunkListRequest(const ReplicaId& peer,
                                         protocol::ChunkListRequest request) {
  return Enqueue(peer, std::move(request));
}

Status ContentServer::Enqueue(const ReplicaId& peer, Request request) {
  Queue& queue = queues_[peer];
  if (queue.connection == 0) queue.connection = next_connection_++;
  if (queue.waiting.size() >= kWaitingMax) {
    return {Errc::kProtocol, "more requests at once than agreed"};
  }
  auto place = queue.waiting.end();
  if (core_.upload.limited() && IsSmall(request)) {
    place = std::find_if_not(queue.waiting.begin(), queue.waiting.end(), IsSmall);
  }
  queue.waiting.insert(place, std::move(request));
  PumpLater(peer, queue);
  return Status::Ok();
}

// What is made waits in memory, and in front of what is asked for later: under a limit no more
// than goes in about a second.
int ContentServer::MakingMax() const {
  const size_t bytes = core_.upload.ReadyBytes(size_t{kMakingMax} * protocol::kContentBytesMax);
  return std::max(1, static_cast<int>(bytes / protocol::kContentBytesMax));
}

// Posted: what comes in one read is answered together, and an answer without reading would
// otherwise call itself for each one waiting.
void ContentServer::PumpLater(const ReplicaId& peer, Queue& queue) {
  if (queue.pump_posted) return;
  queue.pump_posted = true;
  core_.Post([this, peer] { Pump(peer); });
}

void ContentServer::Pump(const ReplicaId& peer_id) {
  auto at = queues_.find(peer_id);
  if (at == queues_.end()) return;
  Peer* peer = peers_.Find(peer_id);
  if (peer == nullptr || !peer->connected()) {
    queues_.erase(at);
    return;
  }
  Queue& queue = at->second;
  queue.pump_posted = false;
  while (!queue.waiting.empty() && queue.making < MakingMax()) {
    const bool small = IsSmall(queue.waiting.front());
    if (small ? peer->link->SendBacklogged() : peer->link->HoldsEnough()) {
      queue.pump_posted = true;  // one pump looks again, however many ask meanwhile
      core_.PostAfter(kBackloggedPauseMs, [this, peer_id] { Pump(peer_id); });
      return;
    }
    Asker asker{peer_id, queue.connection};
    if (const auto* asked = std::get_if<protocol::ChunkListRequest>(&queue.waiting.front())) {
      protocol::ChunkListRequest request = *asked;
      queue.waiting.pop_front();
      ++queue.making;
      Serve(asker, request);
      continue;
    }
    std::vector<Reading> readings = TakeReadings(asker, queue.waiting);
    if (readings.empty()) continue;
    ++queue.making;
    Read(asker, std::move(readings));
  }
}

std::vector<ContentServer::Reading> ContentServer::TakeReadings(const Asker& asker,
                                                                std::deque<Request>& waiting) {
  std::vector<Reading> readings;
  uint64_t bytes = 0;
  while (!waiting.empty() && readings.size() < kReadTogetherMax) {
    auto* request = std::get_if<protocol::ContentRequest>(&waiting.front());
    if (request == nullptr) break;
    if (!readings.empty() && bytes + request->length > kReadTogetherBytesMax) break;
    bytes += request->length;
    std::vector<Place> places = Find(request->path, request->file_hash);
    if (!places.empty()) {
      readings.push_back({std::move(*request), std::move(places)});
    } else {
      SendMissing(asker, request->id);
    }
    waiting.pop_front();
  }
  return readings;
}

std::vector<ContentServer::Place> ContentServer::Find(const RelPath& hint,
                                                      const ContentHash& hash) {
  std::vector<Place> places;
  auto add = [&](const RelPath& path) {
    std::optional<IndexRow> row = core_.index.Get(path);
    if (!row || row->version.kind != VersionKind::kFile || row->version.hash != hash) return;
    if (!core_.busy_paths.contains(path)) places.push_back({path, row->stamp});
  };
  add(hint);
  for (const RelPath& path : core_.index.FindContent(hash, kPlacesMax)) {
    if (path != hint) add(path);
  }
  for (const KeptVersion& kept : core_.index.FindKeptContent(hash, 1)) {
    places.push_back({kept.kept_at, kept.stamp});
  }
  return places;
}

// One that a program has open, or that was saved just now, says nothing about the others.
ContentServer::Answer ContentServer::ReadSomewhere(FileSystem& files, ByteSpan secret,
                                                   const Reading& reading) {
  Answer answer;
  for (const Place& place : reading.places) {
    answer.reply = ReadPiece(files, secret, place.path, place.stamp, reading.request);
    if (answer.reply.ok()) break;
    answer.stale.push_back(place.path);
  }
  return answer;
}

void ContentServer::Read(const Asker& asker, std::vector<Reading> readings) {
  auto shared = std::make_shared<const std::vector<Reading>>(std::move(readings));
  core_.Async<std::vector<Answer>>(
      Lane::kHash,
      [files = &core_.files, secret = core_.secret, shared] {
        std::vector<Answer> answers;
        for (const Reading& reading : *shared) {
          answers.push_back(ReadSomewhere(*files, *secret, reading));
        }
        return answers;
      },
      [this, asker, shared](std::vector<Answer> answers) {
        for (size_t i = 0; i < answers.size(); ++i) {
          for (const RelPath& path : answers[i].stale) {
            Probe(ProbeId::kServedFileChanged);
            if (on_stale) on_stale(path);
          }
          if (!answers[i].reply.ok()) {
            SendMissing(asker, (*shared)[i].request.id);
            continue;
          }
          uint64_t bytes = answers[i].reply->raw_size;
          Send(asker, std::move(answers[i].reply).value(), bytes);
        }
        JobDone(asker);
      });
}

void ContentServer::SendMissing(const Asker& asker, uint32_t id) {
  protocol::ContentReply missing;
  missing.id = id;
  Send(asker, missing, 0);
}

std::vector<ChunkRef> ContentServer::ChunksOfBase(const protocol::ChunkListRequest& request) {
  if (request.base_hash.is_zero() || request.first > 0) return {};
  std::vector<ChunkRef> chunks = core_.index.ChunkList(request.base_hash);
  return chunks.empty() ? core_.replaced_chunks.Of(request.base_hash) : chunks;
}

void ContentServer::Serve(const Asker& asker, const protocol::ChunkListRequest& request) {
  std::vector<ChunkRef> known = core_.index.ChunkList(request.file_hash);
  std::vector<Place> places = Find(request.path, request.file_hash);
  if (!known.empty() || places.empty()) {
    if (places.empty()) known.clear();
    Send(asker, AnswerChunkList(request, known, ChunksOfBase(request)), 0);
    JobDone(asker);
    return;
  }
  core_.Async<Result<HashedFile>>(
      Lane::kHash,
      [files = &core_.files, secret = core_.secret,
       path = places.front().path]() -> Result<HashedFile> {
        FileStat stat;
        return HashPath(*files, path, *secret, &stat);
      },
      [this, asker, request, path = places.front().path](Result<HashedFile> hashed) {
        std::vector<ChunkRef> chunks;
        if (hashed.ok() && hashed->hash == request.file_hash) {
          chunks = hashed->chunks;
          if (chunks.empty() && hashed->size > 0) {
            chunks.push_back({hashed->hash, static_cast<uint32_t>(hashed->size)});
          }
          IndexBatch batch;
          batch.chunk_lists.emplace_back(hashed->hash, chunks);
          core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
        } else if (on_stale) {
          on_stale(path);
        }
        Send(asker, AnswerChunkList(request, chunks, ChunksOfBase(request)), 0);
        JobDone(asker);
      });
}

void ContentServer::Send(const Asker& asker, const protocol::Message& message,
                         uint64_t content_bytes) {
  auto at = queues_.find(asker.peer);
  if (at == queues_.end() || at->second.connection != asker.connection) return;  // gone meanwhile
  Peer* peer = peers_.Find(asker.peer);
  if (peer == nullptr || !peer->connected()) return;
  peer->sent_bytes += content_bytes;
  peer->link->Send(message);
}

void ContentServer::JobDone(const Asker& asker) {
  auto at = queues_.find(asker.peer);
  if (at == queues_.end() || at->second.connection != asker.connection) return;  // gone meanwhile
  --at->second.making;
  PumpLater(asker.peer, at->second);
}

}  // namespace atozsync
