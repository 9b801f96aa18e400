// ContentServer: answers what peers ask of contents and chunk names. Reads on a worker lane, checks
// that the file still looks as it did when its hash was known, compresses where it pays. A bounded
// number of answers is in the making for each peer; the rest waits in order. Loop thread only.
#pragma once

#include <deque>
#include <map>
#include <variant>
#include <vector>

#include "sync/engine/core.h"
#include "sync/engine/peers.h"

namespace atozsync {

class ContentServer {
 public:
  ContentServer(Core& core, Peers& peers);

  // kProtocol when a peer asks for more at once than it may.
  Status OnContentRequest(const ReplicaId& peer, protocol::ContentRequest request);
  Status OnChunkListRequest(const ReplicaId& peer, protocol::ChunkListRequest request);
  void OnPeerGone(const ReplicaId& peer) { queues_.erase(peer); }

  // A file that is no longer what the index says.
  std::function<void(const RelPath&)> on_stale;

 private:
  using Request = std::variant<protocol::ContentRequest, protocol::ChunkListRequest>;
  struct Queue {
    uint64_t connection = 0;  // own number: an answer must not reach a later connection
    std::deque<Request> waiting;
    int making = 0;  // jobs
    bool pump_posted = false;
  };
  struct Place {
    RelPath path;
    FileStamp stamp;
  };

  Status Enqueue(const ReplicaId& peer, Request request);
  int MakingMax() const;
  void PumpLater(const ReplicaId& peer, Queue& queue);
  void Pump(const ReplicaId& peer);
  struct Asker {
    ReplicaId peer;
    uint64_t connection = 0;
  };
  struct Reading {
    protocol::ContentRequest request;
    std::vector<Place> places;  // kPlacesMax and two at most
  };
  struct Answer {
    Result<protocol::ContentReply> reply = Status(Errc::kNotFound, "no place");
    std::vector<RelPath> stale;  // could not be read there as they are in the index
  };
  // The contents that are next, one or several small ones: read by one job.
  std::vector<Reading> TakeReadings(const Asker& asker, std::deque<Request>& waiting);
  void Read(const Asker& asker, std::vector<Reading> readings);
  static Answer ReadSomewhere(FileSystem& files, ByteSpan secret, const Reading& reading);
  void Serve(const Asker& asker, const protocol::ChunkListRequest& request);
  std::vector<ChunkRef> ChunksOfBase(const protocol::ChunkListRequest& request);
  void SendMissing(const Asker& asker, uint32_t id);
  void Send(const Asker& asker, const protocol::Message& message, uint64_t content_bytes);
  void JobDone(const Asker& asker);
  // Where the index has this content, best first.
  std::vector<Place> Find(const RelPath& hint, const ContentHash& hash);

  Core& core_;
  Peers& peers_;
  std::map<ReplicaId, Queue> queues_;
  uint64_t next_connection_ = 1;
};

}  // namespace atozsync
