// Identity: the key and the self-signed certificate that say who this replica is. The SHA-256 of
// the certificate (DER) is its id; peers pin that and nothing else, so names, dates and issuers in
// the certificate mean nothing. Blocking calls on small files; used at start-up. Plain value; the
// key in it is not encrypted: keep it out of logs.
#pragma once

#include <string>

#include "sync/base/ids.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

struct Identity {
  ReplicaId id;
  std::string key_pem;  // PKCS#8, Ed25519
  std::string certificate_pem;
};

inline constexpr const char* kKeyFile = "identity.key";
inline constexpr const char* kCertificateFile = "identity.crt";

// A new one, in memory only.
Result<Identity> MakeIdentity();
// kCorrupt when either does not parse or they do not belong together.
Result<Identity> ParseIdentity(std::string key_pem, std::string certificate_pem);

// A new one in the directory `dir`, which exists: both files with mode 0600, durable, each put in
// place in one step. kExists when either is there already: an id is never thrown away by accident.
Result<Identity> CreateIdentity(const std::string& dir);
// kNotFound, kPermission or kCorrupt, naming the file and what to do.
Result<Identity> LoadIdentity(const std::string& dir);

}  // namespace atozsync::protocol
