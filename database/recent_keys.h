// RecentKeys: tells what is new among the newest rows of a table whose keys count up, with several
// servers giving keys in turn (auto_increment_increment). It looks at a window below the newest
// key every time: rows of other servers arrive a little late and lower, and a row is changed soon
// after it is made. When a server has been away its rows arrive far below the window, in its own
// order: once one of them is found (RowWalk), the keys it gives next are expected by name.
//
// Pure; one thread at a time. Keeps the rows of the window, one key per server of the ring, and the
// last kPassedMax keys that went through the window (1 MB).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace atozsync {

struct KeyedRow {
  int64_t key = 0;
  int64_t pat_num = 0;
  uint32_t digest = 0;      // of what else matters in the row
  std::string urgent_name;  // an archive's file name; empty for all others
};

class RecentKeys {
 public:
  static constexpr int64_t kWindowPerServer = 64;  // keys
  static constexpr int64_t kWindowMax = 320;
  static constexpr int64_t kServersMax = 32;  // more are not followed by name
  static constexpr int64_t kExpectedPerServer = 4;
  static constexpr size_t kPassedMax = 20000;

  // `row`: as it is now, or was before it vanished.
  using Noticed = std::function<void(const KeyedRow& row)>;

  // Begins anew: what is in the table now is not news. `increment`: how far keys of one server lie
  // apart.
  void Begin(int64_t newest, int64_t increment);
  // Rows with keys above this are to be read, in order.
  int64_t floor() const;
  // Those rows; `cut`: there may be more after the last.
  void Take(const std::vector<KeyedRow>& rows, bool cut, const Noticed& noticed);

  // The walk found a row that it had not seen before. Not late if it came through the window.
  void FoundLate(int64_t key);
  // Keys below the window that may come next; few.
  std::vector<int64_t> Expected() const;
  void TakeExpected(const std::vector<KeyedRow>& rows, const Noticed& noticed);

 private:
  int64_t window() const;
  void Pass(int64_t key);

  bool baseline_ = true;  // the next rows are what was there at the beginning
  int64_t newest_ = 0;
  int64_t increment_ = 1;
  std::map<int64_t, KeyedRow> rows_;    // the window
  std::map<int64_t, int64_t> streams_;  // by key modulo increment: the last late key
  std::set<int64_t> passed_;
};

}  // namespace atozsync
