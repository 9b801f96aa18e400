// The word that joins a cluster. As a person may have mangled it: what parses is within its bounds
// and can be written again. And made from the input: what is written parses, with white space in
// it too, and not with a letter changed.
#include <cstdint>
#include <string>

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
  Input input(data, size);
  CheckMade(input);
  return 0;
}
