// The word that joins a cluster. As a person may have mangled it: what parses is within its bounds
// and can be written again. With length and checksum put right around any bytes, as somebody who
// knows the format would: what parses has one form. And made from the input: what is written
// parses, with white space in it too, and not with a letter changed.
#include <algorithm>
#include <cstdint>
#include <string>

#include "agent/digest.h"
#include "agent/invitation.h"
#include "tests/fuzz/input.h"

namespace atozsync {
namespace {

void CheckInvitation(const Invitation& invitation) {
  CHECK(invitation.addresses.size() <= Invitation::kAddressesMax);
  for (const std::string& address : invitation.addresses) {
    CHECK(address.size() <= Invitation::kAddressBytesMax);
  }
  const Result<Invitation> again = ParseInvitation(EncodeInvitation(invitation));
  CHECK(again.ok() && *again == invitation);
  CHECK(CheckNotExpired(invitation, invitation.expires_ms).ok());
  if (invitation.expires_ms < INT64_MAX) {
    CHECK(CheckNotExpired(invitation, invitation.expires_ms + 1).Is(Errc::kInvalid));
  }
}

// The input is version to addresses (agent/invitation.h).
std::string TokenAround(ByteSpan inside) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const size_t following = inside.size() + 4;
  Bytes body(2 + inside.size());
  body[0] = static_cast<uint8_t>(following >> 8);
  body[1] = static_cast<uint8_t>(following);
  std::copy(inside.begin(), inside.end(), body.begin() + 2);
  const Sha256Digest digest = Sha256(body);
  body.insert(body.end(), digest.begin(), digest.begin() + 4);
  std::string token = "atozsync1-";
  for (size_t bit = 0; bit < body.size() * 8; bit += 6) {
    const size_t high = body[bit / 8];
    const size_t low = bit / 8 + 1 < body.size() ? body[bit / 8 + 1] : 0;
    token.push_back(kLetters[((high << 8 | low) >> (10 - bit % 8)) & 63]);
  }
  return token;
}

void CheckForged(ByteSpan inside) {
  const std::string token = TokenAround(inside);
  const Result<Invitation> invitation = ParseInvitation(token);
  if (!invitation.ok()) return;
  CheckInvitation(*invitation);
  CHECK(EncodeInvitation(*invitation) == token);
}

Invitation MakeInvitation(Input& input) {
  Invitation invitation;
  invitation.inviter.bytes.fill(input.Byte());
  invitation.secret.fill(input.Byte());
  invitation.expires_ms = static_cast<int64_t>(input.Long());
  invitation.addresses.resize(input.Byte() % (Invitation::kAddressesMax + 1));
  for (std::string& address : invitation.addresses) address = input.Text();
  return invitation;
}

void CheckMade(Input& input) {
  const Invitation invitation = MakeInvitation(input);
  CheckInvitation(invitation);
  const std::string token = EncodeInvitation(invitation);
  std::string spaced = token;
  spaced.insert(input.Short() % (token.size() + 1), " \r\n\t");
  const Result<Invitation> parsed = ParseInvitation(spaced);
  CHECK(parsed.ok() && *parsed == invitation);
  CHECK(!ParseInvitation(token.substr(0, input.Short() % token.size())).ok());
  // One letter changed: at most bits that carry nothing, at the end.
  std::string mistyped = token;
  char& letter = mistyped[input.Short() % token.size()];
  letter = letter == 'A' ? 'B' : 'A';
  const Result<Invitation> wrong = ParseInvitation(mistyped);
  CHECK(!wrong.ok() || *wrong == invitation);
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const Result<Invitation> invitation = ParseInvitation(AsText({data, size}));
  if (invitation.ok()) {
    CheckInvitation(*invitation);
  } else {
    CHECK(invitation.Is(Errc::kInvalid));
  }
  CheckForged({data, size});
  Input input(data, size);
  CheckMade(input);
  return 0;
}
