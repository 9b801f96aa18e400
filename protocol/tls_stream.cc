#include "protocol/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace atozsync::protocol {
namespace {

// Protocols' names on the wire (ALPN), each behind its length.
constexpr std::string_view kAnyAlpn =
    "\x0a"
    "atozsync/1"
    "\x12"
    "atozsync-content/1";
constexpr std::string_view kLinkAlpn = kAnyAlpn.substr(0, 1 + 10);
constexpr std::string_view kContentAlpn = kAnyAlpn.substr(kLinkAlpn.size());

const unsigned char* OnWire(std::string_view alpn) {
  return reinterpret_cast<const unsigned char*>(alpn.data());
}

std::string_view AlpnOf(StreamUse use) {
  return use == StreamUse::kContent ? kContentAlpn : kLinkAlpn;
}

// A certificate of ours has 330 bytes; a stranger cannot make us keep more than this.
constexpr long kCertificateBytesMax = 16 << 10;
constexpr size_t kRecordBytes = 16 << 10;
constexpr size_t kBlockBytes = 256 << 10;
constexpr size_t kPlainPerBlock = kBlockBytes - kRecordBytes;  // leaves room for what TLS adds

std::string OpensslText() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_bytes, const unsigned char* in,
               unsigned in_bytes, void*) noexcept {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_bytes, OnWire(kAnyAlpn), kAnyAlpn.size(), in,
                            in_bytes) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

bool UseIdentity(SSL_CTX* context, const Identity& identity) {
  BIO* key_in = BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
  BIO* certificate_in = BIO_new_mem_buf(identity.certificate_pem.data(),
                                        static_cast<int>(identity.certificate_pem.size()));
  char no_pass_phrase[] = "";
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_in, nullptr, nullptr, no_pass_phrase);
  X509* certificate = PEM_read_bio_X509(certificate_in, nullptr, nullptr, no_pass_phrase);
  const bool used = key != nullptr && certificate != nullptr &&
                    SSL_CTX_use_certificate(context, certificate) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_in);
  BIO_free(key_in);
  return used;
}

}  // namespace

void OpensslDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void OpensslDeleter::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Result<TlsContext> TlsContext::Create(const Identity& identity) {
  TlsContext made(SSL_CTX_new(TLS_method()));
  SSL_CTX* context = made.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_num_tickets(context, 0) != 1 || !UseIdentity(context, identity)) {
    return Status(Errc::kIo, "setting up TLS: " + OpensslText());
  }
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, kCertificateBytesMax);
  SSL_CTX_set_alpn_select_cb(context, SelectAlpn, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsStream::VerifyPeer, nullptr);
  return made;
}

TlsStream::TlsStream(const TlsContext& context, TlsRole role, std::optional<ReplicaId> expected,
                     StreamUse use)
    : ssl_(SSL_new(context.get())),
      incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())),
      role_(role),
      expected_(expected),
      use_(use) {
  // Out of memory is the only way for these to fail.
  CHECK(ssl_ != nullptr && incoming_ != nullptr && outgoing_ != nullptr);
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (role == TlsRole::kDial) {
    SSL_set_connect_state(ssl_.get());
    const std::string_view alpn = AlpnOf(use);
    CHECK(SSL_set_alpn_protos(ssl_.get(), OnWire(alpn), static_cast<unsigned>(alpn.size())) == 0);
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

TlsStream::~TlsStream() = default;

// Instead of the check of a chain of issuers: there are none, the fingerprint is all that counts.
// That the peer has the key to it, the handshake proves next.
int TlsStream::VerifyPeer(x509_store_ctx_st* store, void*) noexcept {
  const SSL* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsStream* stream = static_cast<TlsStream*>(SSL_get_app_data(ssl));
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  unsigned size = 0;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  if (certificate == nullptr ||
      X509_digest(certificate, EVP_sha256(), stream->peer_id_.bytes.data(), &size) != 1) {
    return 0;
  }
  if (stream->expected_.has_value() && *stream->expected_ != stream->peer_id_) {
    stream->wrong_peer_ = true;
    return 0;
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

Status TlsStream::Start() {
  ERR_clear_error();
  const Status status = Handshake();
  TakeFromOpenssl();
  return status;
}

Status TlsStream::Failed(const char* what) {
  if (wrong_peer_) {
    ERR_clear_error();
    return {Errc::kPermission, "another replica answers there: " + peer_id_.ToString() +
                                   ", expected " + expected_->ToString()};
  }
  return {Errc::kProtocol, std::string(what) + ": " + OpensslText()};
}

Status TlsStream::Handshake() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    return SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ ? Status::Ok()
                                                                    : Failed("TLS handshake");
  }
  TRY(CheckAlpn());
  established_ = true;
  return Status::Ok();
}

// A side that offers no protocol at all gets this far.
Status TlsStream::CheckAlpn() {
  const unsigned char* name = nullptr;
  unsigned bytes = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &bytes);
  const std::string_view selected(reinterpret_cast<const char*>(name), bytes);
  if (role_ == TlsRole::kAccept && selected == kContentAlpn.substr(1)) use_ = StreamUse::kContent;
  if (selected == AlpnOf(use_).substr(1)) return Status::Ok();
  return {Errc::kProtocol, "TLS handshake: the other side does not speak atozsync"};
}

Status TlsStream::OnCipher(ByteSpan cipher, Bytes* plain) {
  const Status status = Decrypt(cipher, plain);
  TakeFromOpenssl();  // answers of the handshake, alerts
  return status;
}

Status TlsStream::Decrypt(ByteSpan cipher, Bytes* plain) {
  ERR_clear_error();
  size_t written = 0;
  if (!cipher.empty() && BIO_write_ex(incoming_, cipher.data(), cipher.size(), &written) != 1) {
    return Failed("TLS buffer");
  }
  if (!established_) TRY(Handshake());
  while (established_ && !closed_by_peer_) {
    const size_t before = plain->size();
    plain->resize(before + kRecordBytes);
    size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), plain->data() + before, kRecordBytes, &count);
    plain->resize(before + (result == 1 ? count : 0));
    if (result == 1) continue;
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) break;
    if (error != SSL_ERROR_ZERO_RETURN) return Failed("TLS");
    closed_by_peer_ = true;
  }
  return Status::Ok();
}

Status TlsStream::Write(ByteSpan plain) {
  CHECK(established_);
  ERR_clear_error();
  while (!plain.empty()) {
    const ByteSpan part = plain.first(std::min(plain.size(), kPlainPerBlock));
    size_t written = 0;
    // A memory buffer takes everything at once.
    if (SSL_write_ex(ssl_.get(), part.data(), part.size(), &written) != 1 ||
        written != part.size()) {
      return Failed("TLS");
    }
    TakeFromOpenssl();
    plain = plain.subspan(written);
  }
  return Status::Ok();
}

void TlsStream::CloseNotify() {
  if (!established_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();  // that it may fail after an error does not matter: the stream ends anyway
  TakeFromOpenssl();
}

void TlsStream::TakeFromOpenssl() {
  const size_t count = BIO_ctrl_pending(outgoing_);
  if (count == 0) return;
  if (cipher_.empty() || cipher_.back().size() + count > kBlockBytes) cipher_.emplace_back();
  Bytes& block = cipher_.back();
  const size_t before = block.size();
  block.resize(before + count);
  size_t taken = 0;
  BIO_read_ex(outgoing_, block.data() + before, count, &taken);
  CHECK(taken == count);
  cipher_bytes_ += count;
}

Bytes TlsStream::TakeCipher(size_t bytes_max) {
  if (cipher_.empty()) return {};
  Bytes& front = cipher_.front();
  Bytes taken;
  if (front.size() <= bytes_max) {
    taken = std::move(front);
    cipher_.pop_front();
  } else {
    const auto end = front.begin() + static_cast<ptrdiff_t>(bytes_max);
    taken.assign(front.begin(), end);
    front.erase(front.begin(), end);
  }
  cipher_bytes_ -= taken.size();
  return taken;
}

}  // namespace atozsync::protocol
