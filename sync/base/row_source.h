// RowSource: part of the seam. What the engine asks of the practice's database: does a row name
// this file? The real one reads the local MariaDB or MySQL server (database/); the simulator has a
// database of its own. It is read, never written, and it may be down for days: every answer can be
// "unknown", and nothing is lost by that.
//
// All calls and callbacks on the loop thread; callbacks are never delivered inside a call.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sync/base/rel_path.h"
#include "sync/base/unique_function.h"

namespace atozsync {

enum class RowState : uint8_t {
  kUnknown,   // the database did not answer, or has no cheap way to tell for this path
  kNamed,     // a complete row names exactly this path, letter case included
  kNotNamed,  // no row does; a half-made one (FileName "" or ".ext") does not count
};

// Something about rows may have changed: ask again. Never a fact.
enum class RowHintKind : uint8_t {
  kChanged,  // rows that name files directly in `path` (a folder) came, changed or went;
             // root: anywhere (the connection is back)
  kUrgent,   // files below `path` will be looked at soon: a patient with an appointment today or
             // tomorrow, an archive of a signed plan
};
struct RowHint {
  RowHintKind kind = RowHintKind::kChanged;
  RelPath path;
  bool operator==(const RowHint&) const = default;
};

enum class RowsWord : uint8_t {
  kOff,          // no database is configured
  kConnecting,   // no answer yet
  kConnected,    // answers
  kUnreachable,  // no server there, or the connection broke
  kRefused,      // it answers, but not to this user or this database
  kForbidden,    // a right is missing that look-ups need
  kSlow,         // it did not answer in time (a locked table)
  kNoRows,       // the tables are not those of Open Dental
};
const char* RowsWordName(RowsWord word);  // "off", "connecting", …

struct RowsHealth {
  RowsWord word = RowsWord::kOff;
  std::string problem;  // for a person: what is wrong and what to do; empty when all is well
  // Replication has stopped or failed, or an update of the program is under way: no deletion is
  // made on the database's word. Empty: not frozen.
  std::string frozen;
  bool answers() const { return word == RowsWord::kConnected; }
  bool operator==(const RowsHealth&) const = default;
};

class RowSource {
 public:
  static constexpr size_t kLookUpMax = 500;  // paths of one question

  virtual ~RowSource() = default;
  using Sink = std::function<void(RowHint)>;
  // Connects, and goes on trying. `sink` outlives the source or is replaced by another Start().
  virtual void Start(Sink sink) = 0;
  // Which rows name these files now? One state per path, in order; all kUnknown when the server
  // does not answer within its time. At most kLookUpMax paths. `done` is called once, in a later
  // turn; destroying the source drops it.
  using LookUpDone = UniqueFunction<void(std::vector<RowState>)>;
  virtual void LookUp(std::vector<RelPath> paths, LookUpDone done) = 0;
  // As of the last answer.
  virtual RowsHealth health() const = 0;
};

}  // namespace atozsync
