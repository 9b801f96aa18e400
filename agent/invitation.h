// Invitation: what `invite` prints and `join` takes, as one word that survives mail and chat.
//
// "atozsync1-" and base64url of: length (2 bytes, of all that follows), version (1), expiry (8,
// wall ms), replica id (32), secret (20), number of addresses (1), each address (length 1, bytes),
// and the first 4 bytes of the SHA-256 of all before. All numbers big-endian. The checksum is
// against typing errors; the secret is what counts. Pure functions.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/base/status.h"

namespace atozsync {

using InvitationSecret = std::array<uint8_t, 20>;

struct Invitation {
  static constexpr size_t kAddressesMax = 16;
  static constexpr size_t kAddressBytesMax = 255;

  ReplicaId inviter;
  InvitationSecret secret{};
  int64_t expires_ms = 0;              // wall time
  std::vector<std::string> addresses;  // of the inviter
  bool operator==(const Invitation&) const = default;
};

// REQUIRES: at most kAddressesMax addresses of at most kAddressBytesMax bytes.
std::string EncodeInvitation(const Invitation& invitation);
// Errors (kInvalid) say what to do: not an invitation, cut off, mistyped, from another version.
// White space around and inside the token is forgiven.
Result<Invitation> ParseInvitation(std::string_view token);
// kInvalid when its time is over.
Status CheckNotExpired(const Invitation& invitation, int64_t wall_ms);

}  // namespace atozsync
