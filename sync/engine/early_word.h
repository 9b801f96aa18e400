// EarlyWord: makes the moment short in which a deleted document's row is gone at another office and
// its file is not. Open Dental removes the file first: whoever misses one here tells the others at
// once, while its own row still stands and nothing can be announced. Who is told watches that row
// closely for a moment, and RowsGone takes the file out as soon as the row is gone there, too.
//
// Who is told passes it on once, for those who are not connected to the office that misses the
// file. In a full mesh that is said in vain; who does not know whose lines stand cannot know.
//
// A hint both ways. It orders nothing, and may be wrong: then some questions were asked in vain.
// Without a database it only passes words on. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "protocol/messages.h"
#include "sync/engine/row_questions.h"

namespace atozsync {

class EarlyWord {
 public:
  // Watched at one time: one statement asks for all of them. Others are found by the poller.
  static constexpr size_t kWatchedMax = 50;
  // One path is passed on once in so long, and so many are remembered at most; what comes beyond
  // that is not passed on. Longer than a word can be on its way round a ring: no word goes in
  // circles.
  static constexpr int64_t kPassAgainMs = 180'000;
  static constexpr size_t kPassedMax = 1'000;
  // A document of which somebody said that it goes is expected to go for so long; so many are
  // remembered, some 200 bytes each, and those beyond that count as of nobody.
  static constexpr int64_t kExpectedMs = 30'000;
  static constexpr size_t kExpectedMax = 5'000;

  EarlyWord(Core& core, RowSource* rows, RowQuestions* questions);

  // A file that had been here is missed. At most kGoingPathsMax are told within a second, each
  // once: nobody deletes more by hand.
  void OnMissed(const IndexRow& row);
  std::function<void(const protocol::Going&)> tell;
  // To all but whom it comes from.
  std::function<void(const protocol::Going&, const ReplicaId& from)> pass_on;
  // Somebody deletes it, here or elsewhere; also when nothing of it is left here.
  std::function<void(const RelPath& path)> on_expected;

  // Somebody deletes that document right now, here or elsewhere, as far as is known.
  bool Expects(const RelPath& path) const;

  // The peer `from` says so.
  void OnTold(const ReplicaId& from, const std::vector<RelPath>& paths);
  // After RowsGone has heard it.
  void OnRowState(const RelPath& path, RowState state);

 private:
  void TellNow();
  // True: `path` was not said by us for long; it is now.
  bool NoteSaid(const RelPath& path);
  void Watch(const RelPath& path);
  void Expect(const RelPath& path);

  Core& core_;
  RowSource* const rows_;
  RowQuestions* const questions_;
  std::map<RelPath, int64_t> told_;      // and when, MonoMs(); within the last second, mostly
  std::vector<RelPath> to_tell_;         // at the end of this turn
  std::map<RelPath, int64_t> said_;      // by us or passed on, and when first, MonoMs()
  std::map<RelPath, int64_t> expected_;  // and until when, MonoMs()
  std::map<RelPath, int64_t> watched_;   // since when, MonoMs(); each is asked about, or will be
};

}  // namespace atozsync
