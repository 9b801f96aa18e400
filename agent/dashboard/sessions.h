// Sessions: who may use the dashboard. A token from `atozsync ui` opens a session, once; a session
// is a secret in a cookie and a second one that scripts of the page send with every change.
//
// In memory only, and there as digests: looking one up takes the same time whether it is nearly
// right or not. Any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "agent/digest.h"
#include "sync/base/random.h"

namespace atozsync {

class Sessions {
 public:
  static constexpr int64_t kTokenMs = 5 * 60'000;
  static constexpr int64_t kIdleMs = 12 * 3'600'000;  // without use
  static constexpr size_t kTokensMax = 16;            // not used yet; then the oldest goes
  static constexpr size_t kSessionsMax = 16;          // then the one that was not used longest goes
  static constexpr size_t kSecretBytes = 32;

  // Both callable from any thread.
  Sessions(Random& random, std::function<int64_t()> mono_ms)
      : random_(random), mono_ms_(std::move(mono_ms)) {}

  // A new token, for the address in a browser.
  std::string MintToken();
  // The cookie of a new session; nothing where the token is wrong, used or old.
  std::optional<std::string> Open(const std::string& token);
  // What changes have to carry. Nothing: there is no such session. Counts as use.
  std::optional<std::string> CsrfOf(const std::string& cookie);
  void Close(const std::string& cookie);
  size_t open() const;

 private:
  struct Session {
    std::string csrf;
    int64_t used_ms = 0;
  };
  std::string NewSecret();
  void ForgetOld();

  Random& random_;
  const std::function<int64_t()> mono_ms_;
  mutable std::mutex mutex_;                // guards all below
  std::map<Sha256Digest, int64_t> tokens_;  // → when it was made
  std::map<Sha256Digest, Session> sessions_;
};

}  // namespace atozsync
