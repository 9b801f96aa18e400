// What `init --from-open-dental` finds out: from FreeDentalConfig.xml where the database is, from
// the database where the folder is and how this site is called. Connects, reads, changes nothing.
#pragma once

#include <string>

#include "agent/config.h"
#include "agent/setup/image_root.h"
#include "sync/base/status.h"

namespace atozsync {

struct OpenDentalRequest {
  std::string file;  // FreeDentalConfig.xml
  std::string user = "atozsync";
  std::string password_file;  // absolute, or empty
  std::string root;           // as a person gave it; empty: find it
  ThisMachine machine;
};

struct OpenDentalSetup {
  std::string root;
  std::string name;  // of the site; empty: the database does not say, or cannot be used
  DatabaseConfig database;
  std::string notes;  // for a person, lines
};

Result<OpenDentalSetup> SetUpFromOpenDental(const OpenDentalRequest& request);

}  // namespace atozsync
