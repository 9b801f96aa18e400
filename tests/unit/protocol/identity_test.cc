#include "protocol/identity.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/tls_stream.h"

namespace atozsync::protocol {
namespace {

namespace fs = std::filesystem;

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    std::string pattern = testing::TempDir() + "identity-XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~IdentityTest() override { fs::remove_all(dir_); }

  std::string Read(const char* name) const {
    std::ifstream in(dir_ + "/" + name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void Write(const char* name, const std::string& text) const {
    std::ofstream(dir_ + "/" + name) << text;
  }

  std::string dir_;
};

TEST_F(IdentityTest, WhatIsCreatedIsLoaded) {
  const Result<Identity> created = CreateIdentity(dir_);
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  const Result<Identity> loaded = LoadIdentity(dir_);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ((*loaded).id, (*created).id);
  EXPECT_EQ((*loaded).key_pem, (*created).key_pem);
  EXPECT_TRUE(TlsContext::Create(*loaded).ok());
}

TEST_F(IdentityTest, OnlyTheOwnerMayReadTheFilesAndNothingElseIsLeft) {
  ASSERT_TRUE(CreateIdentity(dir_).ok());
  int files = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir_)) {
    ++files;
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
  }
  EXPECT_EQ(files, 2);
}

TEST_F(IdentityTest, TheIdIsTheHashOfTheCertificate) {
  const Identity identity = MakeIdentity().value();
  BIO* in = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
  X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  ReplicaId expected;
  SHA256(der, static_cast<size_t>(size), expected.bytes.data());
  EXPECT_EQ(identity.id, expected);
  EXPECT_GT(X509_cmp_current_time(X509_get0_notAfter(certificate)), 0);
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(certificate)), 0);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  OPENSSL_free(der);
  X509_free(certificate);
  BIO_free(in);
}

TEST_F(IdentityTest, NoTwoAreAlike) {
  EXPECT_NE(MakeIdentity().value().id, MakeIdentity().value().id);
}

TEST_F(IdentityTest, AnExistingOneIsNeverReplaced) {
  ASSERT_TRUE(CreateIdentity(dir_).ok());
  const std::string key = Read(kKeyFile);
  const Result<Identity> again = CreateIdentity(dir_);
  ASSERT_TRUE(again.Is(Errc::kExists));
  EXPECT_NE(again.error().context.find("identity.key"), std::string::npos);
  fs::remove(dir_ + "/" + kKeyFile);
  EXPECT_TRUE(CreateIdentity(dir_).Is(Errc::kExists));
  Write(kKeyFile, key);
  EXPECT_TRUE(LoadIdentity(dir_).ok());
}

TEST_F(IdentityTest, WhatIsMissingIsNamed) {
  const Result<Identity> none = LoadIdentity(dir_);
  ASSERT_TRUE(none.Is(Errc::kNotFound));
  EXPECT_NE(none.error().context.find("identity.key is missing"), std::string::npos);
  ASSERT_TRUE(CreateIdentity(dir_).ok());
  fs::remove(dir_ + "/" + kCertificateFile);
  const Result<Identity> half = LoadIdentity(dir_);
  ASSERT_TRUE(half.Is(Errc::kNotFound));
  EXPECT_NE(half.error().context.find("identity.crt is missing"), std::string::npos);
  EXPECT_TRUE(CreateIdentity(dir_ + "/nowhere").Is(Errc::kNotFound));
}

TEST_F(IdentityTest, KeyAndCertificateOfDifferentReplicasAreRefused) {
  ASSERT_TRUE(CreateIdentity(dir_).ok());
  Write(kKeyFile, MakeIdentity().value().key_pem);
  const Result<Identity> mixed = LoadIdentity(dir_);
  ASSERT_TRUE(mixed.Is(Errc::kCorrupt));
  EXPECT_NE(mixed.error().context.find("does not belong"), std::string::npos);
}

TEST_F(IdentityTest, DamagedFilesAreRefused) {
  const Identity identity = CreateIdentity(dir_).value();
  for (const std::string& damaged : {std::string(), std::string("no key"),
                                     identity.key_pem.substr(0, identity.key_pem.size() / 2)}) {
    Write(kKeyFile, damaged);
    EXPECT_TRUE(LoadIdentity(dir_).Is(Errc::kCorrupt)) << damaged;
  }
  Write(kKeyFile, identity.key_pem);
  Write(kCertificateFile, identity.key_pem);
  EXPECT_TRUE(LoadIdentity(dir_).Is(Errc::kCorrupt));
}

TEST_F(IdentityTest, AnUnreadableFileIsNotAMissingOne) {
  ASSERT_TRUE(CreateIdentity(dir_).ok());
  // A directory in its place: unreadable for every user, also for root.
  fs::remove(dir_ + "/" + kKeyFile);
  fs::create_directory(dir_ + "/" + kKeyFile);
  const Result<Identity> loaded = LoadIdentity(dir_);
  ASSERT_FALSE(loaded.ok());
  EXPECT_FALSE(loaded.Is(Errc::kNotFound));
  EXPECT_NE(loaded.error().context.find("identity.key"), std::string::npos);
}

}  // namespace
}  // namespace atozsync::protocol
