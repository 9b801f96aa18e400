#include "bench/line_direction.h"

#include <algorithm>
#include <utility>

namespace atozsync {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

}  // namespace

void LineDirection::Enter(const char* bytes, size_t count, int64_t now_ns) {
  free_ns_ = std::max(free_ns_, now_ns);
  const int64_t waiting_bytes = (free_ns_ - now_ns) * quality_.bits_per_s / 8 / kSecondNs;
  if (waiting_bytes + static_cast<int64_t>(count) > quality_.queue_bytes_max) {
    ++dropped_;
    return;
  }
  ++taken_;
  free_ns_ += static_cast<int64_t>(count) * 8 * kSecondNs / quality_.bits_per_s;
  if (chance_(random_) < quality_.loss) {
    ++lost_;
    return;
  }
  on_the_way_.push_back({free_ns_ + quality_.delay_ns, std::vector<char>(bytes, bytes + count)});
}

std::optional<std::vector<char>> LineDirection::Leave(int64_t now_ns) {
  if (on_the_way_.empty() || on_the_way_.front().due_ns > now_ns) return std::nullopt;
  std::vector<char> bytes = std::move(on_the_way_.front().bytes);
  on_the_way_.pop_front();
  return bytes;
}

}  // namespace atozsync
