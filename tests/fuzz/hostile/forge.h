// Forge: makes the values of a hostile member's messages out of a fuzzer's bytes.
//
// Few bytes give what means something at the victim – its paths, its versions, its contents – and
// some give any value at all. Borrows the input and the peer. Single-threaded.
#pragma once

#include <optional>
#include <string>

#include "tests/fuzz/hostile/hostile_peer.h"
#include "tests/fuzz/input.h"

namespace atozsync {

class Forge {
 public:
  Forge(Input& input, HostilePeer& peer) : input_(input), peer_(peer) {}

  uint64_t Number();  // small, near a power of two, near the end, or any
  // A path as text; one that is none is remembered for TakeBadPath().
  RelPath Path();
  std::optional<std::string> TakeBadPath();
  std::string Content();
  ContentHash Hash();
  std::string Text();
  ReplicaId Id();
  protocol::MemberInfo Member();
  protocol::Hello Hello();
  protocol::UpdateRow Row();
  ConflictRecord Conflict();
  protocol::ContentReply ContentAnswer();   // to a request of the victim, if there is one
  protocol::ChunkListReply ChunksAnswer();  // likewise
  protocol::Message Question();             // that the victim has to answer, or a hint
  protocol::Message UnaskedAnswer();

 private:
  AuthorId Author();
  void Twist(FileVersion& version);  // one field becomes something else

  Input& input_;
  HostilePeer& peer_;
  std::optional<std::string> bad_path_;
};

}  // namespace atozsync
