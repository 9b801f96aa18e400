// AskInParts: when rows may have come or gone below a folder – or anywhere, as when the database
// was away – a room of the gate asks for all of its files there. A hundred thousand in one turn
// would keep the loop from all else: here they are asked for in later turns, kAskedPerTurn in each.
// Knows nothing of why a file waits. Loop thread only.
#pragma once

#include <functional>
#include <map>

#include "sync/engine/row_questions.h"

namespace atozsync {

class AskInParts {
 public:
  static constexpr size_t kAskedPerTurn = 500;  // files looked at, asked for or not

  // Gives the room's files from `from` on, in order, to `visit`, until that says no. `ask`: its row
  // is to be asked for.
  using Visit = std::function<bool(const RelPath& path, bool ask)>;
  using Walk = std::function<void(const RelPath& from, const Visit& visit)>;

  AskInParts(Core& core, RowQuestions* questions, Walk walk)
      : core_(core), questions_(questions), walk_(std::move(walk)) {}

  // At or below `dir`, from the beginning, also where that was under way.
  void AskAllAt(const RelPath& dir);

 private:
  void AskSome();
  // False: there are more below `dir` than are left for this turn; `from` is moved on.
  bool AskSomeAt(const RelPath& dir, RelPath& from, size_t& left);

  Core& core_;
  RowQuestions* const questions_;
  const Walk walk_;
  // Where rows may have changed → the path from which on is still to be asked. At most kToAskMax.
  std::map<RelPath, RelPath> to_ask_;
  bool asking_ = false;  // AskSome() comes
};

}  // namespace atozsync
