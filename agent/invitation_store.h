// InvitationStore: the open invitations of this replica, one file each below STATE/invitations.
//
// The file's name is the SHA-256 of the secret: the secret itself is nowhere on disk, and a guess
// is compared by looking up a hash, which tells nothing by its timing. The file's content is the
// expiry (wall ms, decimal). Shared by `invite` and a running agent without a lock: using one up is
// one rename that only one caller can win.
#pragma once

#include <string>

#include "agent/invitation.h"
#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync {

class InvitationStore {
 public:
  static constexpr size_t kOpenMax = 100;

  explicit InvitationStore(std::string dir) : dir_(std::move(dir)) {}

  // kBusy when kOpenMax are open. Removes those that have expired.
  Status Add(const InvitationSecret& secret, int64_t expires_ms, int64_t wall_ms) const;
  // kNotFound: unknown or used already; kTimeout: expired.
  Status Check(ByteSpan secret, int64_t wall_ms) const;
  // As Check(); OK at most once for each secret.
  Status Use(ByteSpan secret, int64_t wall_ms) const;

 private:
  std::string FileOf(ByteSpan secret) const;
  size_t RemoveExpired(int64_t wall_ms) const;

  std::string dir_;
};

}  // namespace atozsync
