#include "agent/invitation_store.h"

#include <charconv>

#include "agent/digest.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr size_t kFileBytesMax = 64;

Status Unknown() {
  return Status(Errc::kNotFound,
                "the invitation is unknown or was used already: each can be used once; run "
                "`atozsync invite` again");
}

Result<int64_t> ReadExpiry(const std::string& file) {
  Result<std::string> text = ReadSmallFile(file, kFileBytesMax);
  if (!text.ok()) return text.Is(Errc::kNotFound) ? Unknown() : text.status();
  int64_t expires_ms = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), expires_ms);
  if (error != std::errc()) return Status(Errc::kCorrupt, file + ": damaged; remove it");
  return expires_ms;
}

}  // namespace

std::string InvitationStore::FileOf(ByteSpan secret) const {
  return dir_ + "/" + ToHex(Sha256(secret));
}

size_t InvitationStore::RemoveExpired(int64_t wall_ms) const {
  size_t open = 0;
  for (const std::string& name : NamesIn(dir_)) {
    const std::string file = dir_ + "/" + name;
    Result<int64_t> expires_ms = ReadExpiry(file);
    if (expires_ms.ok() && *expires_ms >= wall_ms) {
      ++open;
    } else {
      RemoveFileIfThere(file);
    }
  }
  return open;
}

Status InvitationStore::Add(const InvitationSecret& secret, int64_t expires_ms,
                            int64_t wall_ms) const {
  TRY(MakePrivateDir(dir_));
  if (RemoveExpired(wall_ms) >= kOpenMax) {
    return Status(Errc::kBusy,
                  "100 invitations are open already: wait until some have expired, or remove "
                  "files from " +
                      dir_);
  }
  return WriteSmallFile(FileOf(secret), std::to_string(expires_ms));
}

Status InvitationStore::Check(ByteSpan secret, int64_t wall_ms) const {
  ASSIGN_OR_RETURN(int64_t expires_ms, ReadExpiry(FileOf(secret)));
  if (wall_ms > expires_ms) {
    return Status(Errc::kTimeout, "the invitation has expired: run `atozsync invite` again");
  }
  return Status::Ok();
}

Status InvitationStore::Use(ByteSpan secret, int64_t wall_ms) const {
  TRY(Check(secret, wall_ms));
  std::string file = FileOf(secret);
  // Of several callers only one finds the name there.
  Status renamed = RenameDurably(file, file + ".used");
  if (!renamed.ok()) return renamed.Is(Errc::kNotFound) ? Unknown() : renamed;
  RemoveFileIfThere(file + ".used");
  return Status::Ok();
}

}  // namespace atozsync
