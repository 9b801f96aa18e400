#include "protocol/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <random>
#include <string>

namespace atozsync::protocol {
namespace {

struct Party {
  Party() : identity(MakeIdentity().value()), context(TlsContext::Create(identity).value()) {}
  Identity identity;
  TlsContext context;
};

// Moves what one side has for the other, cut into pieces of 1 … piece_max bytes.
Status Move(TlsStream& from, TlsStream& to, Bytes* plain, std::mt19937_64& random,
            size_t piece_max) {
  while (from.cipher_bytes() > 0) {
    TRY(to.OnCipher(from.TakeCipher(1 + random() % piece_max), plain));
  }
  return Status::Ok();
}

struct Pair {
  Pair(const TlsContext& dialler, const TlsContext& acceptor, std::optional<ReplicaId> expected)
      : dial(dialler, TlsRole::kDial, expected), accept(acceptor, TlsRole::kAccept, std::nullopt) {}

  // Until both are quiet; the first error of either.
  Status Run(size_t piece_max = 70'000) {
    while (dial.cipher_bytes() + accept.cipher_bytes() > 0) {
      TRY(Move(dial, accept, &at_accept, random, piece_max));
      TRY(Move(accept, dial, &at_dial, random, piece_max));
    }
    return Status::Ok();
  }
  Status Handshake(size_t piece_max = 70'000) {
    TRY(dial.Start());
    return Run(piece_max);
  }

  std::mt19937_64 random{1};
  TlsStream dial;
  TlsStream accept;
  Bytes at_dial;
  Bytes at_accept;
};

Bytes Pattern(size_t bytes) {
  Bytes data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(i * 31 + i / 256);
  return data;
}

TEST(TlsStreamTest, BothSidesLearnWhoTheOtherIs) {
  Party a;
  Party b;
  Pair pair(a.context, b.context, b.identity.id);
  ASSERT_TRUE(pair.Handshake().ok());
  EXPECT_TRUE(pair.dial.established());
  EXPECT_TRUE(pair.accept.established());
  EXPECT_EQ(pair.dial.peer_id(), b.identity.id);
  EXPECT_EQ(pair.accept.peer_id(), a.identity.id);
}

TEST(TlsStreamTest, BytesArriveWholeHoweverTheStreamIsCut) {
  Party a;
  Party b;
  for (size_t piece_max : {size_t{1}, size_t{7}, size_t{1000}, size_t{100'000}}) {
    Pair pair(a.context, b.context, b.identity.id);
    ASSERT_TRUE(pair.Handshake(piece_max).ok()) << piece_max;
    const Bytes there = Pattern(piece_max == 1 ? 3'000 : 100'000);
    const Bytes back = Pattern(50'001);
    ASSERT_TRUE(pair.dial.Write(there).ok());
    ASSERT_TRUE(pair.accept.Write(back).ok());
    ASSERT_TRUE(pair.Run(piece_max).ok());
    EXPECT_EQ(pair.at_accept, there);
    EXPECT_EQ(pair.at_dial, back);
  }
}

TEST(TlsStreamTest, BytesRightBehindTheHandshakeAreNotLost) {
  Party a;
  Party b;
  Pair pair(a.context, b.context, b.identity.id);
  ASSERT_TRUE(pair.dial.Start().ok());
  ASSERT_TRUE(pair.accept.OnCipher(pair.dial.TakeCipher(1 << 20), &pair.at_accept).ok());
  ASSERT_TRUE(pair.dial.OnCipher(pair.accept.TakeCipher(1 << 20), &pair.at_dial).ok());
  ASSERT_TRUE(pair.dial.established());
  ASSERT_TRUE(pair.dial.Write(Pattern(10)).ok());
  // The end of the handshake and the first bytes arrive in one piece.
  ASSERT_TRUE(pair.accept.OnCipher(pair.dial.TakeCipher(1 << 20), &pair.at_accept).ok());
  EXPECT_TRUE(pair.accept.established());
  EXPECT_EQ(pair.at_accept, Pattern(10));
}

TEST(TlsStreamTest, AnotherReplicaThanTheExpectedIsRefusedBeforeWeShowWhoWeAre) {
  Party a;
  Party b;
  Party stranger;
  Pair pair(a.context, stranger.context, b.identity.id);
  const Status status = pair.Handshake();
  ASSERT_TRUE(status.Is(Errc::kPermission)) << status.ToString();
  EXPECT_NE(status.error().context.find(stranger.identity.id.ToString()), std::string::npos);
  EXPECT_FALSE(pair.dial.established());
  EXPECT_TRUE(pair.accept.peer_id().is_zero());
  // The alert tells the other side.
  EXPECT_TRUE(Move(pair.dial, pair.accept, &pair.at_accept, pair.random, 1000).Is(Errc::kProtocol));
  EXPECT_FALSE(pair.accept.established());
}

TEST(TlsStreamTest, TheEndIsAnnouncedAfterTheLastByte) {
  Party a;
  Party b;
  Pair pair(a.context, b.context, b.identity.id);
  ASSERT_TRUE(pair.Handshake().ok());
  ASSERT_TRUE(pair.dial.Write(Pattern(100)).ok());
  pair.dial.CloseNotify();
  EXPECT_FALSE(pair.accept.closed_by_peer());
  ASSERT_TRUE(pair.Run().ok());
  EXPECT_TRUE(pair.accept.closed_by_peer());
  EXPECT_EQ(pair.at_accept, Pattern(100));
  EXPECT_FALSE(pair.dial.closed_by_peer());
}

TEST(TlsStreamTest, AChangedByteEndsTheStream) {
  Party a;
  Party b;
  Pair pair(a.context, b.context, b.identity.id);
  ASSERT_TRUE(pair.Handshake().ok());
  ASSERT_TRUE(pair.dial.Write(Pattern(100)).ok());
  Bytes cipher = pair.dial.TakeCipher(1 << 20);
  cipher[50] = static_cast<uint8_t>(cipher[50] ^ 1);
  EXPECT_TRUE(pair.accept.OnCipher(cipher, &pair.at_accept).Is(Errc::kProtocol));
  EXPECT_TRUE(pair.at_accept.empty());
}

TEST(TlsStreamTest, GarbageEndsTheHandshake) {
  Party b;
  TlsStream accept(b.context, TlsRole::kAccept, std::nullopt);
  Bytes plain;
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_TRUE(accept.OnCipher(AsBytes(request), &plain).Is(Errc::kProtocol));
  EXPECT_TRUE(plain.empty());
}

// A client of OpenSSL's own, to do what TlsStream never would.
class ForeignClient {
 public:
  ForeignClient() : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_NONE, nullptr);
  }
  ~ForeignClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  SSL_CTX* context() { return context_; }

  void UseIdentity(const Identity& identity) {
    BIO* key_in = BIO_new_mem_buf(identity.key_pem.data(), -1);
    BIO* certificate_in = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_in, nullptr, nullptr, nullptr);
    X509* certificate = PEM_read_bio_X509(certificate_in, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(certificate_in);
    BIO_free(key_in);
  }
  void OfferAlpn(const std::string& name) {
    std::string list(1, static_cast<char>(name.size()));
    list += name;
    SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()));
  }

  // Runs the handshake against `server` until one side fails or both are done.
  Status Handshake(TlsStream& server) {
    ssl_ = SSL_new(context_);
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, in, out);
    SSL_set_connect_state(ssl_);
    for (int turn = 0; turn < 10; ++turn) {
      SSL_do_handshake(ssl_);
      ERR_clear_error();
      Bytes bytes(BIO_ctrl_pending(out));
      size_t count = 0;
      if (!bytes.empty()) BIO_read_ex(out, bytes.data(), bytes.size(), &count);
      Bytes plain;
      TRY(server.OnCipher(bytes, &plain));
      const Bytes answer = server.TakeCipher(1 << 20);
      if (!answer.empty()) BIO_write_ex(in, answer.data(), answer.size(), &count);
    }
    return Status::Ok();
  }

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
};

TEST(TlsStreamTest, AForeignClientThatDoesEverythingRightIsLetIn) {
  Party b;
  const Identity identity = MakeIdentity().value();
  ForeignClient client;
  client.UseIdentity(identity);
  client.OfferAlpn("atozsync/1");
  TlsStream accept(b.context, TlsRole::kAccept, std::nullopt);
  ASSERT_TRUE(client.Handshake(accept).ok());
  EXPECT_TRUE(accept.established());
  EXPECT_EQ(accept.peer_id(), identity.id);
}

TEST(TlsStreamTest, Tls12IsRefused) {
  Party b;
  ForeignClient client;
  client.UseIdentity(MakeIdentity().value());
  client.OfferAlpn("atozsync/1");
  SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
  TlsStream accept(b.context, TlsRole::kAccept, std::nullopt);
  const Status status = client.Handshake(accept);
  EXPECT_TRUE(status.Is(Errc::kProtocol));
  EXPECT_FALSE(accept.established());
}

TEST(TlsStreamTest, AClientWithoutACertificateIsRefused) {
  Party b;
  ForeignClient client;
  client.OfferAlpn("atozsync/1");
  TlsStream accept(b.context, TlsRole::kAccept, std::nullopt);
  EXPECT_TRUE(client.Handshake(accept).Is(Errc::kProtocol));
  EXPECT_FALSE(accept.established());
}

TEST(TlsStreamTest, AClientThatSpeaksSomethingElseOrDoesNotSayIsRefused) {
  Party b;
  for (const char* name : {"http/1.1", ""}) {
    ForeignClient client;
    client.UseIdentity(MakeIdentity().value());
    if (*name != '\0') client.OfferAlpn(name);
    TlsStream accept(b.context, TlsRole::kAccept, std::nullopt);
    EXPECT_TRUE(client.Handshake(accept).Is(Errc::kProtocol)) << name;
    EXPECT_FALSE(accept.established()) << name;
  }
}

TEST(TlsStreamTest, ACopiedCertificateWithoutItsKeyProvesNothing) {
  Party a;
  Party b;
  // The key of one replica with the certificate of another does not even make a context.
  Identity thief = MakeIdentity().value();
  thief.certificate_pem = a.identity.certificate_pem;
  thief.id = a.identity.id;
  EXPECT_FALSE(TlsContext::Create(thief).ok());
}

}  // namespace
}  // namespace atozsync::protocol
