// Who may ask the dashboard's port: heads of requests, and sessions.
#include <gtest/gtest.h>

#include "agent/dashboard/request_guard.h"
#include "agent/dashboard/sessions.h"
#include "sync/os/os_random.h"

namespace atozsync {
namespace {

const protocol::HostPort kListen{"127.0.0.1", 22068};

RequestHead Good() {
  RequestHead head;
  head.method = "GET";
  head.path = "/v1/overview";
  head.hosts = {"127.0.0.1:22068"};
  return head;
}

int Verdict(const RequestHead& head, const protocol::HostPort& listen = kListen) {
  const std::optional<Refusal> refusal = CheckHead(head, listen);
  return refusal ? refusal->http_status : 200;
}

TEST(RequestGuard, HostMustBeThisPort) {
  RequestHead head = Good();
  EXPECT_EQ(Verdict(head), 200);
  for (const char* host : {"localhost:22068", "LocalHost:22068"}) {
    head.hosts = {host};
    EXPECT_EQ(Verdict(head), 200) << host;
  }
  for (const char* host : {"", "127.0.0.1", "127.0.0.1:22069", "127.0.0.1:220680", "evil.example",
                           "evil.example:22068", "127.0.0.1.evil.example:22068", "[::1]:22068",
                           "localhost", " 127.0.0.1:22068", "127.0.0.1:22068@evil.example"}) {
    head.hosts = {host};
    EXPECT_EQ(Verdict(head), 403) << host;
  }
  head.hosts = {};
  EXPECT_EQ(Verdict(head), 403);
  head.hosts = {"127.0.0.1:22068", "127.0.0.1:22068"};
  EXPECT_EQ(Verdict(head), 403);
}

TEST(RequestGuard, HostInOtherForms) {
  RequestHead head = Good();
  head.hosts = {"[::1]:8080"};
  EXPECT_EQ(Verdict(head, {"::1", 8080}), 200);
  head.hosts = {"127.0.0.1"};
  EXPECT_EQ(Verdict(head, {"127.0.0.1", 80}), 200);
}

TEST(RequestGuard, OriginMustBeThisPage) {
  RequestHead head = Good();
  head.origins = {"http://127.0.0.1:22068"};
  EXPECT_EQ(Verdict(head), 200);
  for (const char* origin :
       {"null", "", "https://127.0.0.1:22068", "http://127.0.0.1", "http://evil.example",
        "http://127.0.0.1:22068.evil.example", "http://evil.example/http://127.0.0.1:22068"}) {
    head.origins = {origin};
    EXPECT_EQ(Verdict(head), 403) << origin;
  }
  head.origins = {"http://127.0.0.1:22068", "http://evil.example"};
  EXPECT_EQ(Verdict(head), 403);
}

TEST(RequestGuard, OtherSitesMayLeadToThePageButNotToTheApi) {
  RequestHead head = Good();
  for (const char* site : {"cross-site", "same-site", "odd"}) {
    head.fetch_site = site;
    head.path = "/v1/overview";
    EXPECT_EQ(Verdict(head), 403) << site;
    head.path = "/";
    EXPECT_EQ(Verdict(head), 200) << site;
  }
  head.path = "/v1/overview";
  for (const char* site : {"", "none", "same-origin"}) {
    head.fetch_site = site;
    EXPECT_EQ(Verdict(head), 200) << site;
  }
}

TEST(RequestGuard, ShapeOfARequest) {
  RequestHead head = Good();
  head.path = "/" + std::string(kPathBytesMax, 'a');
  EXPECT_EQ(Verdict(head), 414);
  head = Good();
  head.method = "PUT";
  EXPECT_EQ(Verdict(head), 405);
  head = Good();
  head.encoded = true;
  EXPECT_EQ(Verdict(head), 400);
  head = Good();
  head.method = "POST";
  head.content_length = "2";
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/jsonp"}) {
    head.content_type = type;
    EXPECT_EQ(Verdict(head), 415) << type;
  }
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8"}) {
    head.content_type = type;
    EXPECT_EQ(Verdict(head), 200) << type;
  }
}

TEST(RequestGuard, ChangesCarryTheSecretOfThePage) {
  RequestHead head = Good();
  auto verdict = [&](const std::optional<std::string>& csrf) {
    const std::optional<Refusal> refusal = CheckSession(head, csrf);
    return refusal ? refusal->http_status : 200;
  };
  EXPECT_EQ(verdict(std::nullopt), 401);
  EXPECT_EQ(verdict("secret"), 200);
  for (const char* method : {"POST", "DELETE"}) {
    head.method = method;
    head.csrf = "";
    EXPECT_EQ(verdict("secret"), 403);
    head.csrf = "secreT";
    EXPECT_EQ(verdict("secret"), 403);
    head.csrf = "secret";
    EXPECT_EQ(verdict("secret"), 200);
    EXPECT_EQ(verdict(std::nullopt), 401);
  }
}

TEST(RequestGuard, CookieOfTheSession) {
  EXPECT_EQ(SessionCookieIn("atozsync_session=abc"), "abc");
  EXPECT_EQ(SessionCookieIn("a=b; atozsync_session=abc; c=d"), "abc");
  EXPECT_EQ(SessionCookieIn("xatozsync_session=abc"), "");
  EXPECT_EQ(SessionCookieIn("a=atozsync_session=abc"), "");
  EXPECT_EQ(SessionCookieIn("; ;atozsync_session="), "");
  EXPECT_EQ(SessionCookieIn("   "), "");
  EXPECT_EQ(SessionCookieIn(""), "");
}

class SessionsTest : public testing::Test {
 protected:
  OsRandom random_;
  int64_t now_ms_ = 1'000;
  Sessions sessions_{random_, [this] { return now_ms_; }};
};

TEST_F(SessionsTest, ATokenOpensOneSession) {
  const std::string token = sessions_.MintToken();
  EXPECT_EQ(token.size(), 2 * Sessions::kSecretBytes);
  EXPECT_FALSE(sessions_.Open("").has_value());
  EXPECT_FALSE(sessions_.Open(token.substr(1)).has_value());
  const std::optional<std::string> cookie = sessions_.Open(token);
  ASSERT_TRUE(cookie.has_value());
  EXPECT_FALSE(sessions_.Open(token).has_value());
  const std::optional<std::string> csrf = sessions_.CsrfOf(*cookie);
  ASSERT_TRUE(csrf.has_value());
  EXPECT_NE(*csrf, *cookie);
  EXPECT_NE(*csrf, token);
  EXPECT_EQ(sessions_.CsrfOf(*cookie), csrf);
  EXPECT_FALSE(sessions_.CsrfOf(*csrf).has_value());
  sessions_.Close(*cookie);
  EXPECT_FALSE(sessions_.CsrfOf(*cookie).has_value());
}

TEST_F(SessionsTest, TokensAndSessionsGetOld) {
  const std::string late = sessions_.MintToken();
  now_ms_ += Sessions::kTokenMs - 1;
  const std::string token = sessions_.MintToken();
  now_ms_ += 1;
  EXPECT_FALSE(sessions_.Open(late).has_value());
  const std::string cookie = *sessions_.Open(token);
  now_ms_ += Sessions::kIdleMs - 1;
  EXPECT_TRUE(sessions_.CsrfOf(cookie).has_value());  // use keeps it alive
  now_ms_ += Sessions::kIdleMs - 1;
  EXPECT_TRUE(sessions_.CsrfOf(cookie).has_value());
  now_ms_ += Sessions::kIdleMs;
  EXPECT_FALSE(sessions_.CsrfOf(cookie).has_value());
}

TEST_F(SessionsTest, ThereAreNotMoreThanStated) {
  std::vector<std::string> tokens;
  for (size_t i = 0; i <= Sessions::kTokensMax; ++i) {
    tokens.push_back(sessions_.MintToken());
    ++now_ms_;
  }
  EXPECT_FALSE(sessions_.Open(tokens.front()).has_value());
  const std::string first = *sessions_.Open(tokens.back());
  std::vector<std::string> cookies;
  for (size_t i = 1; i < Sessions::kSessionsMax; ++i) {
    ++now_ms_;
    cookies.push_back(*sessions_.Open(sessions_.MintToken()));
  }
  ++now_ms_;
  EXPECT_TRUE(sessions_.CsrfOf(first).has_value());  // not the oldest any more
  ++now_ms_;
  ASSERT_TRUE(sessions_.Open(sessions_.MintToken()).has_value());
  EXPECT_EQ(sessions_.open(), Sessions::kSessionsMax);
  EXPECT_TRUE(sessions_.CsrfOf(first).has_value());
  EXPECT_FALSE(sessions_.CsrfOf(cookies.front()).has_value());
}

}  // namespace
}  // namespace atozsync
