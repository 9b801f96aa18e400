// AlertBook: of what needs a person now, what somebody has to be told. Each kind of trouble is told
// when it begins, when there is more of it, and when it is over; never one again and again. Plain
// value; the clock comes in.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "agent/health/troubles.h"

namespace atozsync {

struct Alert {
  enum class Event : uint8_t { kBegan, kMore, kOver };
  Event event = Event::kBegan;
  Trouble trouble;
  int64_t since_ms = 0;  // wall time at which it began
};
const char* AlertEventName(Alert::Event event);  // "began", "more", "over"

class AlertBook {
 public:
  static constexpr int64_t kQuietMs = 5 * 60'000;  // between two about the same; the rest waits
  static constexpr int64_t kMoreMs = 3'600'000;    // between two that there is more of it
  static constexpr size_t kPerHourMax = 30;        // of all; the rest waits

  // What has to be told now. `mono_ms` never goes back.
  std::vector<Alert> Update(const std::vector<Trouble>& troubles, int64_t mono_ms, int64_t wall_ms);

 private:
  struct Entry {
    Trouble trouble;
    int64_t since_ms = 0;
    bool is_there = false;
    bool told = false;  // somebody knows that it is there
    uint64_t told_count = 0;
    bool ever_told = false;
    int64_t told_mono_ms = 0;
  };
  bool MayTell(int64_t mono_ms);
  // Nothing where there is nothing to tell, or not yet.
  bool Next(const Entry& entry, int64_t mono_ms, Alert::Event* event) const;

  std::map<std::string, Entry> entries_;  // by kind and what it is about
  std::deque<int64_t> told_mono_ms_;      // in the last hour
};

}  // namespace atozsync
