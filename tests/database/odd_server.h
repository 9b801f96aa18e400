// OddServer: speaks a database server's protocol well enough to be connected to, and answers every
// question with rows of a test's choice, whatever was asked. For what no real server does.
//
// Its own thread, one connection at a time; ends with its destructor. The test's thread may change
// the answer at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "database/settings.h"

namespace atozsync {

class OddServer {
 public:
  using OddRow = std::vector<std::optional<std::string>>;

  OddServer();
  ~OddServer();
  OddServer(const OddServer&) = delete;
  OddServer& operator=(const OddServer&) = delete;

  // From now on; all rows have the width of the first.
  void Answer(std::vector<OddRow> rows);
  DatabaseSettings settings() const;

 private:
  void Serve();
  void Converse(int fd);
  std::string AnswerPackets();

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::vector<OddRow> rows_;  // guarded by mutex_
  int connected_ = -1;        // guarded by mutex_
  std::thread thread_;
};

}  // namespace atozsync
