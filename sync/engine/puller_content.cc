// How the puller gets content: from the folder, or from a peer, whole or in chunks.
#include "sync/base/probe.h"
#include "sync/engine/puller.h"

namespace atozsync {

namespace {

constexpr size_t kArrivedMax = 64;        // staged by one job
constexpr int64_t kWaiterMaxMs = 60'000;  // normally it is woken

// Another peer may do better.
bool IsOfAPeer(const Status& status) {
  return status.Is(Errc::kNotFound) || status.Is(Errc::kPeerGone) || status.Is(Errc::kCorrupt);
}

}  // namespace

void Puller::Obtain(const RelPath& key) {
  if (in_flight_.at(key).target.size > 0) {
    CopyLocally(key);
    return;
  }
  protocol::ContentReply nothing;  // an empty file needs nobody's bytes
  nothing.found = true;
  Arrive(key, std::move(nothing));
}

bool Puller::TakeMark(const RelPath& key) {
  Work& work = in_flight_.at(key);
  work.holds_mark = work.holds_mark || obtaining_.insert(work.target.hash).second;
  if (work.holds_mark) return true;
  // Another path gets the same content right now: when it has it, it is copied from there.
  Probe(ProbeId::kSameContentOnItsWay);
  if (!work.conflict_copy) {
    waiters_[work.target.hash].push_back(key);
    deferred_[key].until_ms = core_.clock.MonoMs() + kWaiterMaxMs;
  }
  FinishWork(key);
  return false;
}

void Puller::ReleaseMark(const ContentHash& hash) {
  obtaining_.erase(hash);
  auto waiting = waiters_.extract(hash);
  if (waiting.empty()) return;
  for (const RelPath& path : waiting.mapped()) deferred_.erase(path);
  Wake();
}

void Puller::CopyLocally(const RelPath& key) {
  Work& work = in_flight_.at(key);
  if (work.local_sources.empty()) {
    if (TakeMark(key)) AskPeer(key);
    return;
  }
  RelPath source = std::move(work.local_sources.back());
  work.local_sources.pop_back();
  if (LeavingItsPlace(source, work.target.hash)) {
    WaitForLocalContent(key);
    return;
  }
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
        if (LeavingItsPlace(source, in_flight_.at(key).target.hash)) {
          WaitForLocalContent(key);
          return;
        }
        Probe(ProbeId::kLocalCopyFailed);
        // It is not what the index says; whoever writes to it need not have finished.
        scanner_.OnHint({source, HintKind::kTouched});
        CopyLocally(key);
      });
}

// The other half of a rename: the old name is just being emptied, the content goes to the kept
// versions and can be copied from there. Asking a peer would carry bytes that are here.
bool Puller::LeavingItsPlace(const RelPath& source, const ContentHash& hash) {
  if (source.IsBelow(layout::Own())) return false;
  if (core_.busy_paths.contains(source)) return true;
  std::optional<IndexRow> row = core_.index.Get(source);
  bool gone = !row || row->version.hash != hash;
  return gone && !core_.index.FindKeptContent(hash, 1).empty();
}

void Puller::WaitForLocalContent(const RelPath& key) {
  Probe(ProbeId::kRenameWaits);
  if (!in_flight_.at(key).conflict_copy) Defer(key, 20);
  FinishWork(key);
}

// Nobody announced it as a need: any replica may have it.
void Puller::MayAskEverybody(Work& work) {
  for (const auto& [id, peer] : peers_.all()) {
    if (peer->connected()) work.peers.push_back({id, work.plan.path});
  }
}

void Puller::AskPeer(const RelPath& key) {
  Work& work = in_flight_.at(key);
  while (!work.peers.empty()) {
    FetchFile::Source source = std::move(work.peers.back());
    work.peers.pop_back();
    PeerLink* link = LinkOf(source.peer);
    if (link == nullptr) continue;
    work.asked = source.peer;
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
                       if (reply) in_flight_.at(key).lacking.insert(peer);
                       AskPeer(key);
                       return;
                     }
                     if (Peer* from = peers_.Find(peer)) from->received_bytes += reply->raw_size;
                     Arrive(key, std::move(*reply));
                   }));
}

void Puller::Arrive(const RelPath& key, protocol::ContentReply reply) {
  arrived_.push_back({key, std::move(reply)});
  if (arrived_.size() >= kArrivedMax) {
    StageArrived();
  } else if (!stage_posted_) {
    stage_posted_ = true;
    core_.Post([this] {
      stage_posted_ = false;
      StageArrived();
    });
  }
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
    jobs->push_back({arrived.path, in_flight_.at(arrived.path).target, std::move(arrived.reply)});
  }
  arrived_.clear();
  using Answers = std::vector<Result<std::vector<ChunkRef>>>;
  core_.Async<Answers>(
      Lane::kStage,
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
          OnReceived(key, answers[i].status());
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
        OnReceived(key, status);
      });
  work.fetch->on_received = [this, peer_id](uint64_t bytes) {
    if (Peer* from = peers_.Find(peer_id)) from->received_bytes += bytes;
  };
  work.fetch->Start();
}

void Puller::OnReceived(const RelPath& key, const Status& status) {
  Work& work = in_flight_.at(key);
  bool theirs = IsOfAPeer(status);
  if (theirs && !status.Is(Errc::kPeerGone)) work.lacking.insert(work.asked);
  if (!theirs || work.peers.empty()) {
    OnObtained(key, status);
    return;
  }
  // Its file is damaged, or changed just now. Asked first the next time, too, it would be asked for
  // ever, while others have the right bytes.
  Probe(ProbeId::kAnotherPeerAsked);
  core_.Post([fetch = std::shared_ptr<FetchFile>(std::move(work.fetch))] {});  // on the stack
  AskPeer(key);
}

void Puller::OnObtained(const RelPath& key, const Status& status) {
  if (status.ok()) {
    OnStaged(key);
    return;
  }
  Work& work = in_flight_.at(key);
  bool conflict_copy = work.conflict_copy;
  bool theirs = IsOfAPeer(status);
  bool nobody = theirs && work.lacking.size() >= peers_.all().size();
  TellBrought(work, nobody   ? Status(Errc::kNotFound, Printable(key) + ": no replica has it")
                    : theirs ? Status(Errc::kPeerGone, "not every replica could be asked")
                             : status);
  FinishWork(key);
  if (!conflict_copy) OnTrouble(key, status);
}

}  // namespace atozsync
