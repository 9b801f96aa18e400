#include "protocol/identity.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <uv.h>

#include <memory>
#include <utility>

#include "protocol/uv_error.h"
#include "sync/base/bytes.h"

namespace atozsync::protocol {
namespace {

struct Deleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using BioPtr = std::unique_ptr<BIO, Deleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;
using CertificatePtr = std::unique_ptr<X509, Deleter>;

constexpr size_t kPemBytesMax = 64u << 10;
// Fixed, not counted from today: a machine whose clock is wrong makes a valid identity too.
constexpr const char* kNotBefore = "20200101000000Z";
constexpr const char* kNotAfter = "21200101000000Z";

Status OpensslFailed(const char* what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return {Errc::kIo, std::string(what) + ": " + text};
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

Status FillCertificate(X509* certificate, EVP_PKEY* key) {
  uint8_t serial[8];
  if (RAND_bytes(serial, sizeof serial) != 1) return OpensslFailed("random numbers");
  serial[0] = static_cast<uint8_t>((serial[0] & 0x7F) | 0x40);  // positive, always eight bytes
  X509_NAME* name = X509_get_subject_name(certificate);
  const bool filled =
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), GetU64(serial)) == 1 &&
      ASN1_TIME_set_string(X509_getm_notBefore(certificate), kNotBefore) == 1 &&
      ASN1_TIME_set_string(X509_getm_notAfter(certificate), kNotAfter) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("atozsync"), -1, -1,
                                 0) == 1 &&
      X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
      X509_sign(certificate, key, nullptr) > 0;
  return filled ? Status::Ok() : OpensslFailed("making a certificate");
}

BioPtr ReadOnly(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A uv_fs call without a loop: blocks, works the same on every system.
class FsRequest {
 public:
  ~FsRequest() { uv_fs_req_cleanup(&request_); }
  uv_fs_t* get() { return &request_; }

 private:
  uv_fs_t request_{};
};

Status FsFailed(int error, const std::string& path, const char* what) {
  return UvError(error, path + ": " + what);
}

bool Exists(const std::string& path) {
  FsRequest request;
  return uv_fs_lstat(nullptr, request.get(), path.c_str(), nullptr) != UV_ENOENT;
}

int CloseFile(uv_file file) {
  FsRequest request;
  return uv_fs_close(nullptr, request.get(), file, nullptr);
}

Status WriteAll(uv_file file, const std::string& text, const std::string& path) {
  size_t done = 0;
  while (done < text.size()) {
    uv_buf_t buffer = uv_buf_init(const_cast<char*>(text.data()) + done,
                                  static_cast<unsigned>(text.size() - done));
    FsRequest request;
    const int count = uv_fs_write(nullptr, request.get(), file, &buffer, 1, -1, nullptr);
    if (count <= 0) return FsFailed(count == 0 ? UV_EIO : count, path, "write");
    done += static_cast<size_t>(count);
  }
  FsRequest request;
  const int error = uv_fs_fsync(nullptr, request.get(), file, nullptr);
  return error < 0 ? FsFailed(error, path, "sync") : Status::Ok();
}

// Under a name of its own first: what stands at `path` is whole or absent.
Status WriteSecret(const std::string& path, const std::string& text) {
  const std::string staged = path + ".new";
  FsRequest open;
  // What an attempt that was cut off left behind is replaced.
  const uv_file file = uv_fs_open(nullptr, open.get(), staged.c_str(),
                                  UV_FS_O_WRONLY | UV_FS_O_CREAT | UV_FS_O_TRUNC, 0600, nullptr);
  if (file < 0) return FsFailed(file, staged, "create");
  FsRequest chmod;
  const int mode_error = uv_fs_fchmod(nullptr, chmod.get(), file, 0600, nullptr);
  Status written =
      mode_error < 0 ? FsFailed(mode_error, staged, "set mode 0600") : WriteAll(file, text, staged);
  const int close_error = CloseFile(file);
  TRY(written);
  if (close_error < 0) return FsFailed(close_error, staged, "close");
  FsRequest rename;
  const int error = uv_fs_rename(nullptr, rename.get(), staged.c_str(), path.c_str(), nullptr);
  return error < 0 ? FsFailed(error, path, "rename into place") : Status::Ok();
}

Status SyncDirectory(const std::string& dir) {
  FsRequest open;
  const uv_file file = uv_fs_open(nullptr, open.get(), dir.c_str(), UV_FS_O_RDONLY, 0, nullptr);
  // Where directories cannot be opened as files, their entries are durable with the rename.
  if (file == UV_EISDIR || file == UV_EPERM) return Status::Ok();
  if (file < 0) return FsFailed(file, dir, "open");
  FsRequest sync;
  const int error = uv_fs_fsync(nullptr, sync.get(), file, nullptr);
  CloseFile(file);
  return error < 0 ? FsFailed(error, dir, "sync") : Status::Ok();
}

Result<std::string> ReadSmall(const std::string& path) {
  FsRequest open;
  const uv_file file = uv_fs_open(nullptr, open.get(), path.c_str(), UV_FS_O_RDONLY, 0, nullptr);
  if (file < 0) return FsFailed(file, path, "open");
  std::string text(kPemBytesMax, '\0');
  uv_buf_t buffer = uv_buf_init(text.data(), static_cast<unsigned>(text.size()));
  FsRequest read;
  const int count = uv_fs_read(nullptr, read.get(), file, &buffer, 1, 0, nullptr);
  CloseFile(file);
  if (count < 0) return FsFailed(count, path, "read");
  text.resize(static_cast<size_t>(count));
  return text;
}

}  // namespace

Result<Identity> MakeIdentity() {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CertificatePtr certificate(X509_new());
  if (key == nullptr || certificate == nullptr) return OpensslFailed("making a key");
  TRY(FillCertificate(certificate.get(), key.get()));
  BioPtr key_out(BIO_new(BIO_s_mem()));
  BioPtr certificate_out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_X509(certificate_out.get(), certificate.get()) != 1) {
    return OpensslFailed("writing a key");
  }
  return ParseIdentity(TakeText(key_out.get()), TakeText(certificate_out.get()));
}

Result<Identity> ParseIdentity(std::string key_pem, std::string certificate_pem) {
  // An empty pass phrase instead of a prompt on the terminal.
  char no_pass_phrase[] = "";
  KeyPtr key(PEM_read_bio_PrivateKey(ReadOnly(key_pem).get(), nullptr, nullptr, no_pass_phrase));
  CertificatePtr certificate(
      PEM_read_bio_X509(ReadOnly(certificate_pem).get(), nullptr, nullptr, no_pass_phrase));
  ERR_clear_error();
  if (key == nullptr) return Status(Errc::kCorrupt, "the key is no private key in PEM form");
  if (certificate == nullptr) {
    return Status(Errc::kCorrupt, "the certificate is no certificate in PEM form");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return Status(Errc::kCorrupt, "the key does not belong to the certificate");
  }
  Identity identity;
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), identity.id.bytes.data(), &size) != 1) {
    return OpensslFailed("fingerprint of the certificate");
  }
  CHECK(size == identity.id.bytes.size());
  identity.key_pem = std::move(key_pem);
  identity.certificate_pem = std::move(certificate_pem);
  return identity;
}

Result<Identity> CreateIdentity(const std::string& dir) {
  const std::string key_path = dir + "/" + kKeyFile;
  const std::string certificate_path = dir + "/" + kCertificateFile;
  for (const std::string& path : {key_path, certificate_path}) {
    if (Exists(path)) {
      return Status(Errc::kExists, path +
                                       ": this replica has an identity already; with a new one "
                                       "its peers would not know it any more");
    }
  }
  ASSIGN_OR_RETURN(Identity identity, MakeIdentity());
  TRY(WriteSecret(key_path, identity.key_pem));
  TRY(WriteSecret(certificate_path, identity.certificate_pem));
  TRY(SyncDirectory(dir));
  return identity;
}

Result<Identity> LoadIdentity(const std::string& dir) {
  std::string texts[2];
  const std::string paths[2] = {dir + "/" + kKeyFile, dir + "/" + kCertificateFile};
  for (int i = 0; i < 2; ++i) {
    Result<std::string> text = ReadSmall(paths[i]);
    if (text.Is(Errc::kNotFound)) {
      return Status(Errc::kNotFound,
                    paths[i] + " is missing: run 'atozsync init', or restore it from a backup");
    }
    if (!text.ok()) return text.status();
    texts[i] = std::move(text).value();
  }
  Result<Identity> identity = ParseIdentity(std::move(texts[0]), std::move(texts[1]));
  if (!identity.ok()) {
    return identity.status().WithContext(paths[0] + ", " + paths[1] +
                                         " (restore both from one backup)");
  }
  return identity;
}

}  // namespace atozsync::protocol
