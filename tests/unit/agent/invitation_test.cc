#include "agent/invitation.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "agent/invitation_store.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

Invitation Example() {
  Invitation invitation;
  for (size_t i = 0; i < 32; ++i) invitation.inviter.bytes[i] = static_cast<uint8_t>(i * 7);
  invitation.secret.fill(0xA5);
  invitation.expires_ms = 1'795'000'000'000;
  invitation.addresses = {"10.8.0.1:22067", "[fd00::1]:22067"};
  return invitation;
}

bool Says(const Result<Invitation>& result, const std::string& words) {
  return !result.ok() && result.error().context.find(words) != std::string::npos;
}

TEST(InvitationTest, IsReadBack) {
  std::string token = EncodeInvitation(Example());
  EXPECT_EQ(token.rfind("atozsync1-", 0), 0u);
  Result<Invitation> parsed = ParseInvitation(token);
  ASSERT_TRUE(parsed.ok()) << parsed.error().context;
  EXPECT_EQ(*parsed, Example());
}

TEST(InvitationTest, BrokenOverLinesByAMailProgramIsReadBack) {
  std::string token = EncodeInvitation(Example());
  Result<Invitation> parsed =
      ParseInvitation("  " + token.substr(0, 60) + "\r\n " + token.substr(60) + "\n");
  ASSERT_TRUE(parsed.ok()) << parsed.error().context;
}

TEST(InvitationTest, SaysWhenItIsCutOff) {
  std::string token = EncodeInvitation(Example());
  for (size_t size = 1; size + 1 < token.size(); ++size) {
    Result<Invitation> parsed = ParseInvitation(token.substr(0, size));
    EXPECT_TRUE(Says(parsed, "cut off")) << size << " " << parsed.ok();
  }
}

TEST(InvitationTest, SaysWhenOneLetterIsMistyped) {
  const std::string token = EncodeInvitation(Example());
  for (size_t i = 14; i < token.size(); ++i) {
    std::string wrong = token;
    wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
    // The last letter holds two bits that mean nothing.
    if (i + 1 == token.size() && ParseInvitation(wrong).ok()) continue;
    EXPECT_TRUE(Says(ParseInvitation(wrong), "mistyped")) << i;
  }
  EXPECT_TRUE(Says(ParseInvitation(token + "AAAA"), "mistyped"));
  EXPECT_TRUE(Says(ParseInvitation("atozsync1-ä"), "mistyped"));
}

TEST(InvitationTest, SaysWhenItIsSomethingElse) {
  for (const char* text : {"", "hello", "ABCDEFG-HIJKLMN"}) {
    EXPECT_FALSE(ParseInvitation(text).ok());
  }
  EXPECT_TRUE(Says(ParseInvitation("hello"), "not an invitation"));
}

TEST(InvitationTest, NoisyInputIsNeverAcceptedAndNeverCrashes) {
  std::mt19937_64 random(7);
  const std::string token = EncodeInvitation(Example());
  for (int round = 0; round < 20'000; ++round) {
    std::string noisy = token;
    for (uint64_t change = 0, count = 1 + random() % 4; change < count; ++change) {
      size_t at = random() % noisy.size();
      switch (random() % 3) {
        case 0: noisy[at] = static_cast<char>(random()); break;
        case 1: noisy.erase(at, 1 + random() % 20); break;
        default: noisy.insert(at, 1, static_cast<char>('a' + random() % 26)); break;
      }
      if (noisy.empty()) noisy = "a";
    }
    Result<Invitation> parsed = ParseInvitation(noisy);
    if (parsed.ok()) {
      EXPECT_EQ(*parsed, Example());
    }
  }
}

TEST(InvitationTest, Expires) {
  EXPECT_TRUE(CheckNotExpired(Example(), Example().expires_ms).ok());
  Status late = CheckNotExpired(Example(), Example().expires_ms + 1);
  ASSERT_FALSE(late.ok());
  EXPECT_NE(late.error().context.find("expired"), std::string::npos);
}

TEST(InvitationStoreTest, EachCanBeUsedOnce) {
  TestDir dir;
  InvitationStore store(dir.File("invitations"));
  InvitationSecret secret = Example().secret;
  ASSERT_TRUE(store.Add(secret, 1000, 0).ok());
  EXPECT_TRUE(store.Check(secret, 500).ok());
  EXPECT_TRUE(store.Check(secret, 500).ok()) << "looking does not use it up";
  EXPECT_TRUE(store.Use(secret, 500).ok());
  EXPECT_TRUE(store.Use(secret, 500).Is(Errc::kNotFound));
  EXPECT_TRUE(store.Check(secret, 500).Is(Errc::kNotFound));
}

TEST(InvitationStoreTest, UnknownAndExpiredOnesAreRefused) {
  TestDir dir;
  InvitationStore store(dir.File("invitations"));
  InvitationSecret secret = Example().secret;
  EXPECT_TRUE(store.Use(secret, 0).Is(Errc::kNotFound));
  ASSERT_TRUE(store.Add(secret, 1000, 0).ok());
  EXPECT_TRUE(store.Use(secret, 1001).Is(Errc::kTimeout));
  InvitationSecret other = secret;
  other[19] ^= 1;
  EXPECT_TRUE(store.Use(other, 500).Is(Errc::kNotFound));
  EXPECT_TRUE(store.Use({}, 500).Is(Errc::kNotFound));
}

TEST(InvitationStoreTest, TheSecretIsNotOnDiskAndNobodyElseMayRead) {
  TestDir dir;
  InvitationStore store(dir.File("invitations"));
  InvitationSecret secret = Example().secret;
  ASSERT_TRUE(store.Add(secret, 1000, 0).ok());
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir.File("invitations"))) {
    ++files;
    std::string name = entry.path().filename().string();
    EXPECT_EQ(name.find(ToHex(secret)), std::string::npos);
    EXPECT_EQ(name.size(), 64u);
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
  EXPECT_EQ(files, 1u);
}

TEST(InvitationStoreTest, AreBoundedAndExpiredOnesMakeRoom) {
  TestDir dir;
  InvitationStore store(dir.File("invitations"));
  InvitationSecret secret{};
  for (size_t i = 0; i < InvitationStore::kOpenMax; ++i) {
    secret[0] = static_cast<uint8_t>(i);
    ASSERT_TRUE(store.Add(secret, 1000, 0).ok());
  }
  secret[1] = 1;
  EXPECT_TRUE(store.Add(secret, 1000, 0).Is(Errc::kBusy));
  EXPECT_TRUE(store.Add(secret, 3000, 2000).ok());
}

}  // namespace
}  // namespace atozsync
