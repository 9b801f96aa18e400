// HostilePeer: a member of the cluster – valid identity, knows the secret and the protocol – that
// keeps to no rule. Sits on a SimTransport; tests and the fuzzer tell it what to say.
//
// Remembers what the victim said (hello, rows, requests) so that its lies are plausible, and keeps
// a number of contents that it can really give. Single-threaded; scheduler and network outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages.h"
#include "protocol/session.h"
#include "tests/sim/sim_network.h"

namespace atozsync {

// The frame of any message, also of those that break the bounds of messages.h. Where `path` is
// given it stands in the first row, conflict or request instead of its path, valid or not.
Bytes EncodeUnchecked(const protocol::Message& message,
                      const std::optional<std::string>& path = std::nullopt);

// What it does by itself with what the victim asks.
enum class Answers : uint8_t { kNone, kTruth, kWrongBytes, kNotFound };

class HostilePeer {
 public:
  HostilePeer(SimScheduler& scheduler, SimNetwork& network, std::string name, std::string victim,
              const ReplicaId& id, const ReplicaId& victim_id);
  ~HostilePeer();

  const ReplicaId& id() const { return id_; }
  // Connections that the victim dials are taken; off: closed at once.
  void SetAccepting(bool accepting) { accepting_ = accepting; }
  // The new connection is the current one when it stands.
  void Dial() { DialFor(StreamUse::kLink); }
  // More room for content, beside a link: it says what it is meant to be, and becomes the current
  // one. Those that the victim dials wait behind it.
  void DialForContent() { DialFor(StreamUse::kContent); }
  // Another of the open connections becomes the current one.
  void TakeNext();
  size_t connections() const { return lines_.size(); }
  bool connected() const;
  // Hears every message that leaves from here whole and right, as an honest reader would.
  using Witness = std::function<void(const protocol::Message&)>;
  void SetWitness(Witness witness) { witness_ = std::move(witness); }
  // Of the current connection.
  void Send(const protocol::Message& message) { SendBytes(EncodeUnchecked(message)); }
  void SendBytes(Bytes bytes);
  size_t unsent_bytes() const;
  void SetReading(bool reading);
  void Close();    // an orderly end
  void Abandon();  // no goodbye
  void CloseAll();

  // A Hello as an honest member would say it.
  protocol::Hello PlausibleHello() const;
  void SetAnswers(Answers answers) { answers_ = answers; }

  // A content it can give; the hash is the real one.
  ContentHash Offer(std::string content);
  const Bytes* ContentOf(const ContentHash& hash) const;
  // A page of its stream, behind what it has sent on it so far; Announce() sends it.
  protocol::IndexUpdate NextPage(std::vector<protocol::UpdateRow> rows,
                                 std::vector<ConflictRecord> conflicts = {});
  void Announce(std::vector<protocol::UpdateRow> rows, std::vector<ConflictRecord> conflicts = {});
  // A file that it offers, as if it had just made it, on top of what the victim has at the path.
  protocol::UpdateRow FileRow(const std::string& path, const std::string& content);
  protocol::UpdateRow TombstoneRow(const std::string& path);
  AuthorId author() const { return MakeAuthorId(id_, 7); }

  // --- what the victim said ---
  struct Known {
    std::optional<protocol::Hello> hello;
    std::map<RelPath, FileVersion> rows;
    std::map<ContentHash, ConflictRecord> conflicts;
    std::vector<protocol::ContentRequest> content_requests;  // not answered yet
    std::vector<protocol::ChunkListRequest> chunk_requests;
    std::vector<protocol::DigestRequest> digest_requests;
    std::vector<protocol::VersionRequest> version_requests;
    std::vector<uint64_t> status_nonces;
    std::string goodbye;
    uint64_t updates = 0;
    uint64_t statuses = 0;
    uint64_t digests = 0;
    std::vector<protocol::MemberInfo> members;
    std::vector<protocol::Message> replies;  // the last few of other kinds
  };
  Known& known() { return known_; }
  uint64_t bytes_sent() const { return bytes_sent_; }
  uint64_t bytes_heard() const { return bytes_heard_; }
  Sequence announced() const { return announced_; }

  protocol::ContentReply TrueReply(const protocol::ContentRequest& request) const;
  protocol::ChunkListReply TrueChunks(const protocol::ChunkListRequest& request) const;

 private:
  class Line;
  static constexpr size_t kLinesMax = 6;
  static constexpr size_t kKnownMax = 4096;  // of each list

  void DialFor(StreamUse use);
  void Adopt(std::unique_ptr<Connection> connection);
  void OnMessage(Line& line, protocol::Message message);
  void OnRequest(protocol::ContentRequest request);
  void OnRequest(protocol::ChunkListRequest request);
  void Forget();
  int64_t NowMs() const;

  SimScheduler& scheduler_;
  const std::string victim_;
  const ReplicaId id_;
  const ReplicaId victim_id_;
  SimTransport transport_;
  bool accepting_ = true;
  Answers answers_ = Answers::kTruth;
  Witness witness_;
  std::vector<std::unique_ptr<Line>> lines_;  // the last is the current one
  std::map<ContentHash, Bytes> contents_;
  Known known_;
  Sequence announced_ = 0;
  uint64_t counter_ = 0;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_heard_ = 0;
};

}  // namespace atozsync
