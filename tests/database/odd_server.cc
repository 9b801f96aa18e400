#include "tests/database/odd_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "sync/base/check.h"

namespace atozsync {
namespace {

constexpr const char* kOkBody = "\0\0\0\2\0\0\0";
constexpr const char* kEndBody = "\xfe\0\0\2\0";
constexpr char kComQuit = 1;
constexpr char kComQuery = 3;
constexpr size_t kHeaderBytes = 4;

std::string Packet(uint8_t number, const std::string& body) {
  std::string packet;
  for (int shift = 0; shift < 24; shift += 8) {
    packet.push_back(static_cast<char>(body.size() >> shift));
  }
  packet.push_back(static_cast<char>(number));
  return packet + body;
}

std::string Ok(uint8_t number) {
  return Packet(number, std::string(kOkBody, 7));
}

std::string Greeting() {
  std::string body = "\x0a" + std::string("5.5.5-10.11.0-MariaDB") + '\0';
  body += std::string("\1\0\0\0", 4) + "abcdefgh" + '\0';
  // Long password, 4.1, transactions, its authentication; UTF-8; autocommit; plugins by name.
  body += std::string("\x0f\xa2\x21\2\0\x08\0\x15", 8) + std::string(10, '\0');
  return Packet(0, body + "ijklmnopqrst" + '\0' + "mysql_native_password" + '\0');
}

// Below 251 bytes: the length is one byte.
std::string Text(const std::string& text) {
  CHECK(text.size() < 251);
  return static_cast<char>(text.size()) + text;
}

std::string Column() {
  return Text("def") + Text("") + Text("") + Text("") + Text("c") + Text("c") +
         std::string("\x0c\x21\0\0\1\0\0\xfd\0\0\0\0\0", 13);
}

bool Send(int fd, const std::string& bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

// The body of the next packet; nothing when the line is closed.
std::optional<std::string> Receive(int fd) {
  unsigned char header[kHeaderBytes];
  if (::recv(fd, header, sizeof(header), MSG_WAITALL) != sizeof(header)) return {};
  std::string body(header[0] | size_t{header[1]} << 8 | size_t{header[2]} << 16, '\0');
  if (body.empty()) return body;
  if (::recv(fd, body.data(), body.size(), MSG_WAITALL) != static_cast<ssize_t>(body.size())) {
    return {};
  }
  return body;
}

}  // namespace

OddServer::OddServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(listener_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  CHECK(::bind(listener_, any, sizeof(address)) == 0 && ::listen(listener_, 5) == 0);
  socklen_t size = sizeof(address);
  CHECK(::getsockname(listener_, any, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

OddServer::~OddServer() {
  ends_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (connected_ >= 0) ::shutdown(connected_, SHUT_RDWR);
  }
  thread_.join();
  ::close(listener_);
}

void OddServer::Answer(std::vector<OddRow> rows) {
  std::lock_guard<std::mutex> lock(mutex_);
  rows_ = std::move(rows);
}

DatabaseSettings OddServer::settings() const {
  DatabaseSettings settings;
  settings.host = "127.0.0.1";
  settings.port = port_;
  settings.user = "root";
  settings.database = "opendental";
  return settings;
}

void OddServer::Serve() {
  while (!ends_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      connected_ = fd;
    }
    if (!ends_) Converse(fd);
    std::lock_guard<std::mutex> lock(mutex_);
    connected_ = -1;
    ::close(fd);
  }
}

void OddServer::Converse(int fd) {
  if (!Send(fd, Greeting()) || !Receive(fd) || !Send(fd, Ok(2))) return;
  while (std::optional<std::string> said = Receive(fd)) {
    if (said->empty() || said->front() == kComQuit) return;
    const bool asks = said->front() == kComQuery && said->compare(1, 3, "SET") != 0;
    if (!Send(fd, asks ? AnswerPackets() : Ok(1))) return;
  }
}

std::string OddServer::AnswerPackets() {
  std::lock_guard<std::mutex> lock(mutex_);
  const size_t width = rows_.empty() ? 1 : rows_.front().size();
  uint8_t number = 1;
  std::string packets = Packet(number++, std::string(1, static_cast<char>(width)));
  for (size_t i = 0; i < width; ++i) packets += Packet(number++, Column());
  packets += Packet(number++, std::string(kEndBody, 5));
  for (const OddRow& row : rows_) {
    std::string body;
    for (const auto& field : row) body += field ? Text(*field) : "\xfb";
    packets += Packet(number++, body);
  }
  return packets + Packet(number++, std::string(kEndBody, 5));
}

}  // namespace atozsync
