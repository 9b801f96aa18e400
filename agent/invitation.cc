#include "agent/invitation.h"

#include <algorithm>

#include "agent/digest.h"
#include "agent/format.h"

namespace atozsync {

namespace {

constexpr std::string_view kPrefix = "atozsync1-";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kVersion = 1;
constexpr size_t kLengthBytes = 2;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kFixedBytes = 1 + 8 + 32 + 20 + 1;  // version … number of addresses
constexpr size_t kTokenLettersMax = 8192;

std::string ToBase64(ByteSpan bytes) {
  std::string text;
  uint32_t buffer = 0;
  int bits = 0;
  for (uint8_t byte : bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      text.push_back(kBase64[(buffer >> bits) & 63]);
    }
  }
  if (bits > 0) text.push_back(kBase64[(buffer << (6 - bits)) & 63]);
  return text;
}

// Leftover bits are dropped: the checksum decides.
Result<Bytes> FromBase64(std::string_view text) {
  Bytes bytes;
  uint32_t buffer = 0;
  int bits = 0;
  for (char c : text) {
    size_t value = kBase64.find(c);
    if (value == std::string_view::npos) {
      return Status(Errc::kInvalid,
                    "the invitation is mistyped: copy the whole word that `invite` printed again");
    }
    buffer = (buffer << 6) | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<uint8_t>(buffer >> bits));
    }
  }
  return bytes;
}

Status Mistyped() {
  return Status(Errc::kInvalid,
                "the invitation is mistyped (its checksum is wrong): copy the whole word that "
                "`invite` printed again");
}

Status CutOff() {
  return Status(Errc::kInvalid,
                "the invitation is cut off (it is longer than what was given): copy the whole word "
                "that `invite` printed again");
}

Result<std::vector<std::string>> ReadAddresses(ByteSpan rest, size_t count) {
  std::vector<std::string> addresses;
  if (count > Invitation::kAddressesMax) return Mistyped();
  for (size_t i = 0; i < count; ++i) {
    if (rest.empty() || rest.size() < size_t{1} + rest[0]) return Mistyped();
    addresses.emplace_back(AsText(rest.subspan(1, rest[0])));
    rest = rest.subspan(size_t{1} + rest[0]);
  }
  if (!rest.empty()) return Mistyped();
  return addresses;
}

}  // namespace

std::string EncodeInvitation(const Invitation& invitation) {
  CHECK(invitation.addresses.size() <= Invitation::kAddressesMax);
  Bytes body(kLengthBytes + 1 + 8);
  body[kLengthBytes] = kVersion;
  PutU64(MutableByteSpan(body).subspan(kLengthBytes + 1),
         static_cast<uint64_t>(invitation.expires_ms));
  body.insert(body.end(), invitation.inviter.bytes.begin(), invitation.inviter.bytes.end());
  body.insert(body.end(), invitation.secret.begin(), invitation.secret.end());
  body.push_back(static_cast<uint8_t>(invitation.addresses.size()));
  for (const std::string& address : invitation.addresses) {
    CHECK(address.size() <= Invitation::kAddressBytesMax);
    body.push_back(static_cast<uint8_t>(address.size()));
    body.insert(body.end(), address.begin(), address.end());
  }
  size_t following = body.size() - kLengthBytes + kChecksumBytes;
  body[0] = static_cast<uint8_t>(following >> 8);
  body[1] = static_cast<uint8_t>(following);
  Sha256Digest digest = Sha256(body);
  body.insert(body.end(), digest.begin(), digest.begin() + kChecksumBytes);
  return std::string(kPrefix) + ToBase64(body);
}

Result<Invitation> ParseInvitation(std::string_view token) {
  std::string word;
  for (char c : token.substr(0, kTokenLettersMax + 1)) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') word.push_back(c);
  }
  if (word.size() < kPrefix.size() && kPrefix.substr(0, word.size()) == word) return CutOff();
  if (word.compare(0, kPrefix.size(), kPrefix) != 0 || word.size() > kTokenLettersMax) {
    return Status(Errc::kInvalid,
                  "this is not an invitation (those begin with \"atozsync1-\"): run `atozsync "
                  "invite` on a replica of the cluster and give the word it prints");
  }
  ASSIGN_OR_RETURN(Bytes bytes, FromBase64(std::string_view(word).substr(kPrefix.size())));
  if (bytes.size() < kLengthBytes) return CutOff();
  size_t following = size_t{bytes[0]} << 8 | bytes[1];
  if (bytes.size() - kLengthBytes < following) return CutOff();
  if (bytes.size() - kLengthBytes > following || following < kFixedBytes + kChecksumBytes) {
    return Mistyped();
  }
  ByteSpan body = ByteSpan(bytes).first(bytes.size() - kChecksumBytes);
  Sha256Digest digest = Sha256(body);
  if (!std::equal(digest.begin(), digest.begin() + kChecksumBytes, bytes.end() - kChecksumBytes)) {
    return Mistyped();
  }
  ByteSpan in = body.subspan(kLengthBytes);
  if (in[0] != kVersion) {
    return Status(Errc::kInvalid,
                  "the invitation comes from another version of atozsync: update this replica");
  }
  Invitation invitation;
  invitation.expires_ms = static_cast<int64_t>(GetU64(in.subspan(1)));
  std::copy_n(in.begin() + 9, invitation.inviter.bytes.size(), invitation.inviter.bytes.begin());
  std::copy_n(in.begin() + 41, invitation.secret.size(), invitation.secret.begin());
  ASSIGN_OR_RETURN(invitation.addresses, ReadAddresses(in.subspan(kFixedBytes), in[61]));
  return invitation;
}

Status CheckNotExpired(const Invitation& invitation, int64_t wall_ms) {
  if (wall_ms <= invitation.expires_ms) return Status::Ok();
  return Status(Errc::kInvalid, "the invitation has expired (at " + UtcTime(invitation.expires_ms) +
                                    "; this machine's clock says " + UtcTime(wall_ms) +
                                    "): run `atozsync invite` again");
}

}  // namespace atozsync
