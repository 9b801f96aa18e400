// RowsRig: a MariaRows on a real loop, with what it said, for tests. The loop turns while a test
// waits for something. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "database/mariadb_rows.h"
#include "sync/os/uv_executor.h"

namespace atozsync {

class RowsRig {
 public:
  explicit RowsRig(MariaRowsOptions options) : options_(std::move(options)) { Restart(); }

  // A new source, as when the agent starts.
  void Restart() {
    rows_.reset();
    executor_ = std::make_unique<UvExecutor>(1);
    hints_.clear();
    rows_ = std::make_unique<MariaRows>(*executor_, options_);
    rows_->Start([this](RowHint hint) { hints_.push_back(std::move(hint)); });
  }

  // Turns the loop until `holds`; false when it does not within 30 s. Not from inside itself.
  bool Until(const std::function<bool()>& holds) {
    bool in_time = true;
    const TimerId limit = executor_->PostAfter(30000, [&] {
      in_time = false;
      executor_->Stop();
    });
    TimerId next = 0;
    std::function<void()> look = [&] {
      if (holds()) {
        executor_->Stop();
      } else {
        next = executor_->PostAfter(2, [&look] { look(); });
      }
    };
    look();
    executor_->Run();
    executor_->CancelTimer(limit);
    executor_->CancelTimer(next);
    return in_time;
  }

  bool UntilWord(RowsWord word) {
    return Until([&] { return rows_->health().word == word; });
  }
  // A hint of this kind for this folder or file, given since Forget().
  bool UntilHint(RowHintKind kind, const std::string& path) {
    return Until([&] { return Saw(kind, path); });
  }
  bool Saw(RowHintKind kind, const std::string& path) const {
    for (const RowHint& hint : hints_) {
      if (hint.kind == kind && hint.path.str() == path) return true;
    }
    return false;
  }
  void Forget() { hints_.clear(); }

  std::vector<RowState> LookUp(const std::vector<std::string>& paths) {
    std::vector<RelPath> parsed;
    for (const std::string& path : paths) parsed.push_back(RelPath::Parse(path).value());
    std::optional<std::vector<RowState>> answer;
    rows_->LookUp(std::move(parsed),
                  [&](std::vector<RowState> states) { answer = std::move(states); });
    if (!Until([&] { return answer.has_value(); })) return {};
    return *answer;
  }
  RowState LookUp(const std::string& path) {
    const std::vector<RowState> states = LookUp(std::vector<std::string>{path});
    return states.size() == 1 ? states[0] : RowState::kUnknown;
  }
  // Asks until the answer is this one: after a start, a folder's other owners must be known first.
  bool UntilState(const std::string& path, RowState state) {
    for (int i = 0; i < 1000; ++i) {
      if (LookUp(path) == state) return true;
    }
    return false;
  }

  MariaRows& rows() { return *rows_; }
  UvExecutor& executor() { return *executor_; }
  const std::vector<RowHint>& hints() const { return hints_; }

 private:
  MariaRowsOptions options_;
  std::unique_ptr<UvExecutor> executor_;
  std::unique_ptr<MariaRows> rows_;
  std::vector<RowHint> hints_;
};

}  // namespace atozsync
