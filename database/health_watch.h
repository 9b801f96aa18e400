// HealthWatch: whether the database may be believed when rows vanish from it: replication runs, no
// failure is on record, no update of the program is under way. Also what Open Dental is set to.
//
// One thread at a time. A right that is missing for this is told of, and nothing is frozen for it.
#pragma once

#include <cstdint>
#include <string>

#include "database/connection.h"

namespace atozsync {

class HealthWatch {
 public:
  // Reads all of it anew.
  Status Step(DatabaseConnection& connection);

  // Why no deletion is made on the database's word; empty: one may be.
  const std::string& frozen() const { return frozen_; }
  // What cannot be watched, or is not as it should be; empty when all is well.
  const std::string& problem() const { return problem_; }

 private:
  Status AskReplication(DatabaseConnection& connection);

  std::string frozen_;
  std::string problem_;
};

}  // namespace atozsync
