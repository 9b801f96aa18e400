// HostileScript: a fuzzer's bytes as the life of a replica with a hostile member beside it.
//
// Step by step the member says something, breaks off, keeps silent; the victim's user works and a
// person decides about conflicts in between. Everything that was said and done is told to the
// Provenance. Borrows all it is given. Single-threaded.
#pragma once

#include "tests/fuzz/hostile/forge.h"
#include "tests/fuzz/hostile/hostile_world.h"
#include "tests/fuzz/hostile/provenance.h"

namespace atozsync {

class HostileScript {
 public:
  HostileScript(Input& input, HostileWorld& world, Provenance& provenance)
      : input_(input),
        world_(world),
        provenance_(provenance),
        peer_(world.peer()),
        forge_(input, world.peer()) {}

  // Until the input ends, at most kStepsMax steps and kSentBytesMax bytes said.
  void Run();

 private:
  static constexpr int kStepsMax = 96;
  static constexpr size_t kSentBytesMax = 1u << 20;

  void Step(uint8_t what);
  void Say(const protocol::Message& message);
  void SayBytes(Bytes bytes);
  void SayUpdate(bool own_numbers);
  void SayMembers();
  void SayRaw(bool sealed);
  void SayAgain();
  void Reconnect();
  void Behave();
  void UseStreams();
  void UserActs();
  void PersonActs();

  Input& input_;
  HostileWorld& world_;
  Provenance& provenance_;
  HostilePeer& peer_;
  Forge forge_;
  Bytes last_said_;
  size_t said_bytes_ = 0;
};

}  // namespace atozsync
