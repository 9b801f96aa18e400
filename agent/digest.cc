#include "agent/digest.h"

#include <openssl/evp.h>

#include "sync/base/check.h"

namespace atozsync {

Sha256Digest Sha256(ByteSpan data) {
  Sha256Digest digest{};
  unsigned int size = 0;
  CHECK(EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  CHECK(size == digest.size());
  return digest;
}

}  // namespace atozsync
