// How the puller gets content: from the folder, or from a peer, whole or in chunks.
#include <algorithm>

#include "sync/engine/puller.h"

namespace atozsync {

namespace {

constexpr size_t kArrivedMax = 64;  // staged by one job

}  // namespace

void Puller::Obtain(const RelPath& key) {
  Work& work = in_flight_.at(key);
  if (!obtaining_.insert(work.target.hash).second) {
    // Another path gets the same content right now: then it is copied from there.
    work.plan.needs_content = false;  // the mark is not ours to take away
    Defer(key, 20);
    FinishWork(key);
    return;
  }
  CopyLocally(key);
}

void Puller::CopyLocally(const RelPath& key) {
  Work& work = in_flight_.at(key);
  if (work.local_sources.empty()) {
    AskPeer(key);
    return;
  }
  RelPath source = std::move(work.local_sources.back());
  work.local_sources.pop_back();
  core_.Async<Status>(
      Lane::kHash,
      [files = &core_.files, secret = core_.secret, target = work.target, source] {
        return StageCopy(*files, *secret, target, source);
      },
      [this, key, source](Status status) {
        if (status.ok() || status.Is(Errc::kNoSpace)) {
          OnObtained(key, status);
          return;
        }
        scanner_.CheckSoon(source);  // it is not what the index says
        CopyLocally(key);
      });
}

void Puller::AskPeer(const RelPath& key) {
  Work& work = in_flight_.at(key);
  while (!work.peers.empty()) {
    FetchFile::Source source = std::move(work.peers.back());
    work.peers.pop_back();
    PeerLink* link = LinkOf(source.peer);
    if (link == nullptr) continue;
    bool has_old = work.plan.base && work.plan.base->version.kind == VersionKind::kFile &&
                   work.target.size >= kChunkedBytesMin;
    if (work.target.size > protocol::kContentBytesMax || has_old) {
      AskChunks(key, std::move(source));
    } else {
      AskWhole(key, std::move(source), link);
    }
    return;
  }
  OnObtained(key, {Errc::kPeerGone, "no peer that has it is connected"});
}

void Puller::AskWhole(const RelPath& key, FetchFile::Source source, PeerLink* link) {
  if (!link->CanRequest()) {
    OnObtained(key, {Errc::kPeerGone, "the peer is busy"});
    return;
  }
  Work& work = in_flight_.at(key);
  protocol::ContentRequest request;
  request.path = source.path;
  request.file_hash = work.target.hash;
  request.length = static_cast<uint32_t>(work.target.size);
  link->RequestContent(
      request, core_.GuardWith<std::optional<protocol::ContentReply>>(
                   [this, key, peer = source.peer](std::optional<protocol::ContentReply> reply) {
                     if (!in_flight_.contains(key)) return;
                     if (!reply || !reply->found) {
                       AskPeer(key);
                       return;
                     }
                     if (Peer* from = peers_.Find(peer)) from->received_bytes += reply->raw_size;
                     arrived_.push_back({key, std::move(*reply)});
                     if (arrived_.size() >= kArrivedMax) {
                       StageArrived();
                     } else if (!stage_posted_) {
                       stage_posted_ = true;
                       core_.Post([this] {
                         stage_posted_ = false;
                         StageArrived();
                       });
                     }
                   }));
}

void Puller::StageArrived() {
  if (arrived_.empty()) return;
  struct Job {
    RelPath key;
    StageTarget target;
    protocol::ContentReply reply;
  };
  auto jobs = std::make_shared<std::vector<Job>>();
  for (Arrived& arrived : arrived_) {
    jobs->push_back(
        {arrived.path, in_flight_.at(arrived.path).target, std::move(arrived.reply)});
  }
  arrived_.clear();
  using Answers = std::vector<Result<std::vector<ChunkRef>>>;
  core_.Async<Answers>(
      Lane::kWrite,
      [files = &core_.files, secret = core_.secret, jobs] {
        Answers answers;
        for (const Job& job : *jobs) {
          answers.push_back(StageReply(*files, *secret, job.target, job.reply));
        }
        return answers;
      },
      [this, jobs](Answers answers) {
        for (size_t i = 0; i < jobs->size(); ++i) {
          const RelPath& key = (*jobs)[i].key;
          if (answers[i].ok()) in_flight_.at(key).chunks = std::move(answers[i]).value();
          OnObtained(key, answers[i].status());
        }
      });
}

void Puller::AskChunks(const RelPath& key, FetchFile::Source source) {
  Work& work = in_flight_.at(key);
  ReplicaId peer_id = source.peer;
  work.fetch = std::make_unique<FetchFile>(
      core_, work.target, std::move(source), work.need.path,
      [this](const ReplicaId& id) { return LinkOf(id); },
      [this, key](Status status) {
        Work& done = in_flight_.at(key);
        if (status.ok()) done.chunks = done.fetch->TakeChunks();
        OnObtained(key, status);
      });
  work.fetch->on_received = [this, peer_id](uint64_t bytes) {
    if (Peer* from = peers_.Find(peer_id)) from->received_bytes += bytes;
  };
  work.fetch->Start();
}

void Puller::OnObtained(const RelPath& key, const Status& status) {
  if (status.ok()) {
    OnStaged(key);
    return;
  }
  bool conflict_copy = in_flight_.at(key).conflict_copy;
  FinishWork(key);
  if (!conflict_copy) OnTrouble(key, status);
}

// --- the losing side of a conflict ---

void Puller::FetchConflictCopy(const ConflictRecord& record) {
  if (record.loser.kind != VersionKind::kFile || record.state != ConflictState::kOpen) return;
  // The swap that makes the conflict is under way: it keeps the losing bytes itself.
  if (core_.busy_paths.contains(record.path)) return;
  std::optional<IndexRow> row = core_.index.Get(record.path);
  if (row && row->version.hash == record.loser.hash) return;  // still in place: the same holds
  for (const KeptVersion& kept : core_.index.KeptOf(record.path)) {
    if (kept.version.hash == record.loser.hash) return;
  }
  RelPath key = layout::ConflictCopy(record.id, core_.random.Below(1u << 24));
  if (!HasRoom() || obtaining_.contains(record.loser.hash)) return;
  Work& work = in_flight_[key];
  work.conflict_copy = true;
  work.plan.path = record.path;
  work.plan.target = record.loser;
  work.plan.needs_content = true;
  work.plan.kept_id = ConflictKeptId(record.id);
  work.need.path = record.path;
  Prepare(work);
  for (const auto& [id, peer] : peers_.all()) {
    if (peer->connected()) work.peers.push_back({id, record.path});
  }
  Obtain(key);
}

void Puller::OnConflictCopyStaged(const RelPath& key) {
  Work& work = in_flight_.at(key);
  core_.Async<Result<FileStat>>(
      Lane::kWrite,
      [files = &core_.files, staged = work.target.staged, key]() -> Result<FileStat> {
        TRY(files->SyncFiles({staged}));
        TRY(MakeDirs(*files, key.parent()));
        TRY(files->RenameNoReplace(staged, key));
        TRY(files->SyncDir(key.parent()));
        return files->Stat(key);
      },
      [this, key](Result<FileStat> stat) {
        Work& done = in_flight_.at(key);
        if (stat.ok()) {
          KeptVersion kept;
          kept.id = done.plan.kept_id;
          kept.path = done.plan.path;
          kept.kept_at = key;
          kept.version = done.plan.target;
          kept.stamp = FileStamp::Of(*stat);
          kept.kept_ms = core_.clock.WallMs();
          kept.why = "conflict";
          IndexBatch batch;
          batch.kept.push_back(std::move(kept));
          core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
        }
        FinishWork(key);
      });
}

}  // namespace atozsync
