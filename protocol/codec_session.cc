// Greeting, membership, joining, status: what describes the replicas themselves. And the request
// for content; its reply travels raw (codec.cc).
#include <algorithm>

#include "protocol/codec.h"
#include "protocol/codec_parts.h"

namespace atozsync::protocol {
namespace {

Bytes BytesOf(const std::string& in) {
  return Bytes(in.begin(), in.end());
}

// The first kAddressesMax are more than anybody will try.
template <typename Out>
void AddressesToWire(const std::vector<std::string>& in, Out* out) {
  for (size_t i = 0; i < std::min(in.size(), kAddressesMax); ++i)
    out->add_addresses(CutText(in[i]));
}

void SecretToWire(const Bytes& in, std::string* out) {
  out->assign(AsText(ByteSpan(in).first(std::min(in.size(), kSecretBytesMax))));
}

template <typename Repeated>
void MembersToWire(const std::vector<MemberInfo>& in, Repeated* out) {
  for (const MemberInfo& member : in) {
    wire::Member* wire_member = out->Add();
    wire_member->set_id(member.id.bytes.data(), member.id.bytes.size());
    wire_member->set_name(CutText(member.name));
    AddressesToWire(member.addresses, wire_member);
    wire_member->set_removed(member.removed);
    wire_member->set_stamp(member.stamp);
  }
}

template <typename Repeated>
Status MembersFromWire(const Repeated& in, std::vector<MemberInfo>* out) {
  out->reserve(static_cast<size_t>(in.size()));
  for (const wire::Member& wire_member : in) {
    MemberInfo& member = out->emplace_back();
    if (wire_member.id().size() != member.id.bytes.size()) {
      return {Errc::kProtocol, "message: a member's id is not 32 bytes"};
    }
    std::copy(wire_member.id().begin(), wire_member.id().end(), member.id.bytes.begin());
    member.name = wire_member.name();
    member.addresses = Strings(wire_member.addresses());
    member.removed = wire_member.removed();
    member.stamp = wire_member.stamp();
  }
  return Status::Ok();
}

}  // namespace

std::string CutText(const std::string& text) {
  return text.substr(0, kTextBytesMax);
}

void ToWire(const Hello& in, wire::Hello* out) {
  out->set_protocol_version(in.protocol_version);
  out->set_protocol_version_min(in.protocol_version_min);
  for (const std::string& capability : in.capabilities) out->add_capabilities(CutText(capability));
  out->set_name(CutText(in.name));
  out->set_program_version(CutText(in.program_version));
  out->set_cluster_tag(in.cluster_tag);
  out->set_index_id(in.index_id);
  out->set_last_sequence(in.last_sequence);
  out->set_seen_index_id(in.seen_index_id);
  out->set_seen_sequence(in.seen_sequence);
  out->set_wall_ms(in.wall_ms);
  out->set_life(in.life);
  out->set_seen_life(in.seen_life);
  out->set_link_id(in.link_id);
  for (uint64_t id : in.former_index_ids) out->add_former_index_ids(id);
  MembersToWire(in.members, out->mutable_members());
}

Status FromWire(const wire::Hello& in, Hello* out) {
  out->protocol_version = in.protocol_version();
  out->protocol_version_min = in.protocol_version_min();
  out->capabilities = Strings(in.capabilities());
  out->name = in.name();
  out->program_version = in.program_version();
  out->cluster_tag = in.cluster_tag();
  out->index_id = in.index_id();
  out->last_sequence = in.last_sequence();
  out->seen_index_id = in.seen_index_id();
  out->seen_sequence = in.seen_sequence();
  out->wall_ms = in.wall_ms();
  out->life = in.life();
  out->seen_life = in.seen_life();
  out->link_id = in.link_id();
  out->former_index_ids.assign(in.former_index_ids().begin(), in.former_index_ids().end());
  return MembersFromWire(in.members(), &out->members);
}

void ToWire(const Members& in, wire::Members* out) {
  MembersToWire(in.members, out->mutable_members());
}
Status FromWire(const wire::Members& in, Members* out) {
  return MembersFromWire(in.members(), &out->members);
}

void ToWire(const ContentStream& in, wire::ContentStream* out) {
  out->set_link_id(in.link_id);
}
Status FromWire(const wire::ContentStream& in, ContentStream* out) {
  out->link_id = in.link_id();
  return Status::Ok();
}

void ToWire(const IndexAck& in, wire::IndexAck* out) {
  out->set_sequence(in.sequence);
}
Status FromWire(const wire::IndexAck& in, IndexAck* out) {
  out->sequence = in.sequence();
  return Status::Ok();
}

void ToWire(const StatusRequest& in, wire::StatusRequest* out) {
  out->set_nonce(in.nonce);
}
Status FromWire(const wire::StatusRequest& in, StatusRequest* out) {
  out->nonce = in.nonce();
  return Status::Ok();
}

void ToWire(const PeerStatus& in, wire::PeerStatus* out) {
  out->set_nonce(in.nonce);
  out->set_idle(in.idle);
  out->set_paused(in.paused);
  out->set_state(CutText(in.state));
  out->set_last_sequence(in.last_sequence);
  out->set_received(in.received);
  out->set_need_files(in.need_files);
  out->set_need_bytes(in.need_bytes);
}

Status FromWire(const wire::PeerStatus& in, PeerStatus* out) {
  out->nonce = in.nonce();
  out->idle = in.idle();
  out->paused = in.paused();
  out->state = in.state();
  out->last_sequence = in.last_sequence();
  out->received = in.received();
  out->need_files = in.need_files();
  out->need_bytes = in.need_bytes();
  return Status::Ok();
}

void ToWire(const ContentRequest& in, wire::ContentRequest* out) {
  out->set_id(in.id);
  out->set_path(in.path.str());
  out->set_file_hash(HashToWire(in.file_hash));
  out->set_offset(in.offset);
  out->set_length(in.length);
  out->set_block_bytes(in.block_bytes);
  if (!in.sums.empty()) *out->mutable_sums() = AsText(in.sums);
}

Status FromWire(const wire::ContentRequest& in, ContentRequest* out) {
  out->id = in.id();
  ASSIGN_OR_RETURN(out->path, PathFromWire(in.path()));
  ASSIGN_OR_RETURN(out->file_hash, HashFromWire(in.file_hash()));
  out->offset = in.offset();
  out->length = in.length();
  out->block_bytes = in.block_bytes();
  const ByteSpan sums = AsBytes(in.sums());
  out->sums.assign(sums.begin(), sums.end());
  return Status::Ok();
}

void ToWire(const JoinRequest& in, wire::JoinRequest* out) {
  SecretToWire(in.secret, out->mutable_secret());
  out->set_name(CutText(in.name));
  AddressesToWire(in.addresses, out);
  out->set_preview(in.preview);
}

Status FromWire(const wire::JoinRequest& in, JoinRequest* out) {
  out->secret = BytesOf(in.secret());
  out->name = in.name();
  out->addresses = Strings(in.addresses());
  out->preview = in.preview();
  return Status::Ok();
}

void ToWire(const JoinReply& in, wire::JoinReply* out) {
  out->set_accepted(in.accepted);
  out->set_problem(CutText(in.problem));
  SecretToWire(in.cluster_secret, out->mutable_cluster_secret());
  out->set_name(CutText(in.name));
  MembersToWire(in.members, out->mutable_members());
}

Status FromWire(const wire::JoinReply& in, JoinReply* out) {
  out->accepted = in.accepted();
  out->problem = in.problem();
  out->cluster_secret = BytesOf(in.cluster_secret());
  out->name = in.name();
  return MembersFromWire(in.members(), &out->members);
}

void ToWire(const ListRequest& in, wire::ListRequest* out) {
  out->set_after(in.after);
}
Status FromWire(const wire::ListRequest& in, ListRequest* out) {
  out->after = in.after();
  return Status::Ok();
}

void ToWire(const Ping& in, wire::Ping* out) {
  out->set_nonce(in.nonce);
}
Status FromWire(const wire::Ping& in, Ping* out) {
  out->nonce = in.nonce();
  return Status::Ok();
}

void ToWire(const Pong& in, wire::Pong* out) {
  out->set_nonce(in.nonce);
}
Status FromWire(const wire::Pong& in, Pong* out) {
  out->nonce = in.nonce();
  return Status::Ok();
}

void ToWire(const Goodbye& in, wire::Goodbye* out) {
  out->set_reason(CutText(in.reason));
}
Status FromWire(const wire::Goodbye& in, Goodbye* out) {
  out->reason = in.reason();
  return Status::Ok();
}

}  // namespace atozsync::protocol
