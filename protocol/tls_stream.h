// TlsStream: TLS 1.3 as a filter over bytes, without sockets.
//
// Both sides show a certificate; any self-signed one will do, and its fingerprint is the peer's id:
// whether that replica is welcome is decided above. The side that dials may name the id it expects;
// any other ends the handshake before this side has shown who it is, and says what the stream is
// for. No resumption, no older TLS, and both must speak "atozsync/1", or "atozsync-content/1" for
// streams of content (ALPN). Single-threaded; one context serves many streams.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "protocol/identity.h"
#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/base/status.h"
#include "sync/base/transport.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace atozsync::protocol {

struct OpensslDeleter {
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_st* ssl) const;
};

// Key, certificate and settings. Streams keep what they need of it: it may go before them.
class TlsContext {
 public:
  static Result<TlsContext> Create(const Identity& identity);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  std::unique_ptr<ssl_ctx_st, OpensslDeleter> context_;
};

enum class TlsRole { kDial, kAccept };

class TlsStream {
 public:
  // `use` is the dialler's; who accepts learns it in the handshake.
  TlsStream(const TlsContext& context, TlsRole role, std::optional<ReplicaId> expected,
            StreamUse use = StreamUse::kLink);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // First call of the dialling side: makes its first bytes.
  Status Start();
  // Bytes from the network; what they decrypt to is appended to `plain` (at most as many bytes).
  // kPermission: not the expected peer. kProtocol: anything else. After an error there may be an
  // alert to send (TakeCipher); then the connection ends.
  Status OnCipher(ByteSpan cipher, Bytes* plain);
  // REQUIRES: established().
  Status Write(ByteSpan plain);
  // Says that nothing more comes from this side.
  void CloseNotify();

  // For the network: up to `bytes_max` bytes.
  Bytes TakeCipher(size_t bytes_max);
  size_t cipher_bytes() const { return cipher_bytes_; }

  bool established() const { return established_; }
  // The other side has said that nothing more comes.
  bool closed_by_peer() const { return closed_by_peer_; }
  // Zero until the peer has shown its certificate; proven once established().
  const ReplicaId& peer_id() const { return peer_id_; }
  // Of the side that accepts: once established().
  StreamUse use() const { return use_; }

 private:
  friend class TlsContext;  // installs VerifyPeer
  static int VerifyPeer(x509_store_ctx_st* store, void* unused) noexcept;
  Status Handshake();
  Status CheckAlpn();
  Status Decrypt(ByteSpan cipher, Bytes* plain);
  void TakeFromOpenssl();
  Status Failed(const char* what);

  std::unique_ptr<ssl_st, OpensslDeleter> ssl_;
  bio_st* incoming_ = nullptr;  // owned by ssl_
  bio_st* outgoing_ = nullptr;  // owned by ssl_
  // What OpenSSL made, in blocks: its own buffer moves all that it holds with each read of a part.
  std::deque<Bytes> cipher_;
  size_t cipher_bytes_ = 0;
  const TlsRole role_;
  const std::optional<ReplicaId> expected_;
  StreamUse use_;
  ReplicaId peer_id_;
  bool wrong_peer_ = false;
  bool established_ = false;
  bool closed_by_peer_ = false;
};

}  // namespace atozsync::protocol
