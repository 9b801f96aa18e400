// What one client of the dashboard's port can hold: time for a request, connections.
#include "agent/dashboard/dashboard_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string_view>
#include <vector>

#include "sync/os/os_random.h"

namespace atozsync {
namespace {

constexpr char kPage[] = "<!doctype html><title>page</title>";
constexpr int64_t kShortMs = 50;

class Client {
 public:
  explicit Client(const std::string& address) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(socket_); }

  bool Send(std::string_view text) {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  // Until the server closes.
  std::string ReadAll() {
    std::string all;
    char part[1024];
    for (;;) {
      const ssize_t got = recv(socket_, part, sizeof part, 0);
      if (got <= 0) return all;
      all.append(part, static_cast<size_t>(got));
    }
  }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
};

class DashboardServerTest : public testing::Test {
 protected:
  void Start(int64_t read_ms) {
    auto started = DashboardServer::Start({"127.0.0.1:0", "main", false, read_ms},
                                          {[](Task) {}, nullptr, &sessions_, files_});
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  bool GetsThePage() {
    Client client(server_->address());
    client.Send("GET / HTTP/1.1\r\nHost: " + server_->address() + "\r\n\r\n");
    return client.ReadAll().find(kPage) != std::string::npos;
  }

  OsRandom random_;
  Sessions sessions_{random_, [] { return int64_t{0}; }};
  std::vector<WebFile> files_{{"/index.html", "text/html", kPage, "\"1\"", false}};
  std::unique_ptr<DashboardServer> server_;
};

TEST_F(DashboardServerTest, HalfARequestEnds) {
  Start(kShortMs);
  // More of them than are served at once, all within what is let in.
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(std::make_unique<Client>(server_->address()));
    slow.back()->Send("GET / HTTP/1.1\r\nHost: ");
  }
  for (auto& client : slow) EXPECT_EQ(client->ReadAll().find(kPage), std::string::npos);
  EXPECT_TRUE(GetsThePage());
}

TEST_F(DashboardServerTest, ARequestThatComesByteByByteEndsToo) {
  Start(kShortMs);
  Client client(server_->address());
  client.Send("GET / HTTP/1.1\r\nX: ");
  // Each byte comes in time, the whole does not. What the bound is taken away from never ends.
  while (client.Send("x")) usleep(1'000);
  EXPECT_TRUE(GetsThePage());
}

TEST_F(DashboardServerTest, OneTooManyIsClosedAtOnce) {
  Start(3'600'000);
  std::vector<std::unique_ptr<Client>> held;
  for (int i = 0; i < 64; ++i) {
    held.push_back(std::make_unique<Client>(server_->address()));
    held.back()->Send("GET");
  }
  EXPECT_EQ(Client(server_->address()).ReadAll(), "");
  held.clear();
  // Until those before it have ended, this one is too many as well.
  while (!GetsThePage()) {
  }
}

}  // namespace
}  // namespace atozsync
