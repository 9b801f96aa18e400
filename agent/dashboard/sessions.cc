#include "agent/dashboard/sessions.h"

#include <algorithm>

#include "sync/base/bytes.h"

namespace atozsync {

namespace {

Sha256Digest DigestOf(const std::string& secret) {
  return Sha256(AsBytes(secret));
}

}  // namespace

std::string Sessions::NewSecret() {
  uint8_t bytes[kSecretBytes];
  random_.Fill(bytes);
  return ToHex(bytes);
}

void Sessions::ForgetOld() {
  const int64_t now_ms = mono_ms_();
  std::erase_if(tokens_, [&](const auto& token) { return now_ms - token.second >= kTokenMs; });
  std::erase_if(sessions_,
                [&](const auto& item) { return now_ms - item.second.used_ms >= kIdleMs; });
}

std::string Sessions::MintToken() {
  std::lock_guard lock(mutex_);
  ForgetOld();
  if (tokens_.size() >= kTokensMax) {
    tokens_.erase(
        std::min_element(tokens_.begin(), tokens_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  std::string token = NewSecret();
  tokens_[DigestOf(token)] = mono_ms_();
  return token;
}

std::optional<std::string> Sessions::Open(const std::string& token) {
  std::lock_guard lock(mutex_);
  ForgetOld();
  if (tokens_.erase(DigestOf(token)) == 0) return std::nullopt;
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_ms < b.second.used_ms; }));
  }
  std::string cookie = NewSecret();
  sessions_[DigestOf(cookie)] = {NewSecret(), mono_ms_()};
  return cookie;
}

std::optional<std::string> Sessions::CsrfOf(const std::string& cookie) {
  std::lock_guard lock(mutex_);
  ForgetOld();
  auto found = sessions_.find(DigestOf(cookie));
  if (found == sessions_.end()) return std::nullopt;
  found->second.used_ms = mono_ms_();
  return found->second.csrf;
}

void Sessions::Close(const std::string& cookie) {
  std::lock_guard lock(mutex_);
  sessions_.erase(DigestOf(cookie));
}

size_t Sessions::open() const {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

}  // namespace atozsync
