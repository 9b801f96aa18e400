#include "tests/fuzz/hostile/hostile_script.h"

#include <array>

#include "protocol/frame.h"

namespace atozsync {

namespace {

// Pauses between steps: mostly none, so that things pile up.
constexpr std::array<int64_t, 10> kPausesMs = {0, 0, 0, 2, 10, 50, 200, 500, 1'000, 5'000};
constexpr size_t kRowsMax = 4;
constexpr int kKinds = 25;

}  // namespace

void HostileScript::Run() {
  for (int i = 0; i < kStepsMax && !input_.empty() && world_.problems().empty(); ++i) {
    const uint8_t by = input_.Byte();
    Step(by % kKinds);
    if (const int64_t pause_ms = kPausesMs[by / kKinds % kPausesMs.size()]; pause_ms > 0) {
      world_.RunFor(pause_ms);
    }
  }
}

void HostileScript::Step(uint8_t what) {
  switch (what) {
    case 0:
    case 1:
    case 2: return SayUpdate(false);
    case 3: return SayUpdate(true);
    case 4: return Say(forge_.Hello());
    case 5: return SayMembers();
    case 6: return Say(protocol::IndexAck{forge_.Number()});
    case 7:
    case 8: return Say(forge_.Question());
    case 9: return Say(forge_.UnaskedAnswer());
    case 10:
    case 11: return Say(forge_.ContentAnswer());
    case 12: return Say(forge_.ChunksAnswer());
    case 13: return Say(protocol::Goodbye{forge_.Text()});
    case 14: return SayRaw(false);
    case 15: return SayRaw(true);
    case 16: return SayAgain();
    case 17: return Reconnect();
    case 18: return Behave();
    case 19:
    case 20: return UserActs();
    case 21: return PersonActs();
    case 22: return UseStreams();
    default: world_.RunFor(100 * (what - 21));  // what was said has its effects
  }
}

void HostileScript::Say(const protocol::Message& message) {
  const std::optional<std::string> bad_path = forge_.TakeBadPath();
  SayBytes(EncodeUnchecked(message, bad_path));
}

void HostileScript::SayBytes(Bytes bytes) {
  if (said_bytes_ + bytes.size() > kSentBytesMax) return;
  said_bytes_ += bytes.size();
  last_said_ = bytes;
  peer_.SendBytes(std::move(bytes));
}

void HostileScript::SayUpdate(bool own_numbers) {
  protocol::IndexUpdate update;
  const uint8_t by = input_.Byte();
  for (size_t i = 0; i <= by % kRowsMax; ++i) {
    if (by < 192) {
      update.rows.push_back(forge_.Row());
    } else {
      update.conflicts.push_back(forge_.Conflict());
    }
  }
  if (!own_numbers) {
    return Say(peer_.NextPage(std::move(update.rows), std::move(update.conflicts)));
  }
  update.from = forge_.Number();
  update.to = forge_.Number();
  update.caught_up = by % 2 == 0;
  Say(update);
}

void HostileScript::SayMembers() {
  protocol::Members members;
  for (size_t i = input_.Byte() % 6; i > 0; --i) members.members.push_back(forge_.Member());
  Say(members);
}

void HostileScript::SayRaw(bool sealed) {
  const uint8_t type = input_.Byte();
  const uint8_t flags = input_.Byte();
  const std::string raw = input_.Text();
  Bytes bytes(raw.begin(), raw.end());
  if (sealed) {
    bytes.insert(bytes.begin(), protocol::kFrameHeaderBytes, 0);
    // Also as parts of something larger.
    const uint8_t kept = static_cast<uint8_t>(flags / 8 % 8);
    protocol::SealFrame(type, flags < 128 ? 0 : kept, bytes);
    if (flags % 8 == 7) bytes.pop_back();
  }
  SayBytes(std::move(bytes));
}

void HostileScript::SayAgain() {
  const Bytes again = last_said_;
  for (int times = input_.Byte(); times > 0; --times) SayBytes(again);
}

void HostileScript::Reconnect() {
  const uint8_t by = input_.Byte();
  switch (by % 5) {
    case 0: peer_.Close(); break;
    case 1: peer_.Abandon(); break;
    case 2: world_.network().ResetConnections("victim", "mallory"); break;
    case 3: peer_.CloseAll(); break;
    default: break;  // one more
  }
  if (by < 128) world_.RunFor(20);
  peer_.Dial();
  world_.RunFor(100);
  if (by % 16 < 12) Say(peer_.PlausibleHello());
}

// Connections for content: of this link, of another one, of none.
void HostileScript::UseStreams() {
  const uint8_t by = input_.Byte();
  if (by % 4 == 0) return peer_.TakeNext();
  if (by % 4 == 1) {
    peer_.DialForContent();
    world_.RunFor(100);
  }
  const uint64_t link_id = by % 4 < 3 ? peer_.PlausibleHello().link_id : forge_.Number();
  Say(protocol::ContentStream{link_id});
}

void HostileScript::Behave() {
  const uint8_t by = input_.Byte();
  if (by % 4 == 0) peer_.SetReading(by < 128);
  if (by % 4 == 1) peer_.SetAccepting(by < 128);
  if (by % 4 > 1) peer_.SetAnswers(static_cast<Answers>(by / 4 % 4));
}

void HostileScript::UserActs() {
  const uint8_t by = input_.Byte();
  const RelPath path = forge_.Path();
  forge_.TakeBadPath();
  if (IgnoreRules(std::vector<std::string>()).IgnoredWithin(path, false))
    return;  // stays here: nobody would have it too
  if (by % 4 == 0) {
    provenance_.Deleted(path.str());
    world_.Delete(path.str());
    return;
  }
  // Each of its own: what is lost can be told.
  const std::string content = "by the user, " + std::to_string(provenance_.user_actions()) +
                              std::string(by < 240 ? by : 100'000, 'u');
  world_.Write(path.str(), content);
  if (world_.Read(path.str()) == content) provenance_.Wrote(path.str(), content);
}

void HostileScript::PersonActs() {
  const uint8_t by = input_.Byte();
  if (!world_.victim().running()) return;
  Replica& replica = world_.victim().replica();
  if (by % 8 == 7) {
    replica.Resync(
        {}, [](const std::string&) {}, [](const ResyncReport&) {});
    return;
  }
  const std::vector<ConflictRecord> conflicts = replica.Conflicts();
  if (conflicts.empty()) return;
  const ConflictRecord& record = conflicts[by / 8 % conflicts.size()];
  const Keep keep = by % 4 == 0 ? Keep::kWinner : by % 4 == 1 ? Keep::kLoser : Keep::kBoth;
  if (keep == Keep::kBoth) provenance_.KeptBoth(record);
  replica.ResolveConflict(record.id, keep, [](const Status&) {});
}

}  // namespace atozsync
