// Provenance: who may have put there what stands in the victim's folder.
//
// Hears all that its user wrote and deleted and all that the hostile member said, and then judges a
// tree: every file is one that somebody put at that very path, every folder leads to such a path,
// and no file of the user is gone that nobody spoke of. Not a model of the engine: it does not say
// which of the candidates has to win. Single-threaded, owns only what it heard.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "protocol/messages.h"
#include "tests/sim/sim_file_system.h"

namespace atozsync {

class Provenance {
 public:
  // --- the user ---
  void Wrote(const std::string& path, const std::string& content);
  void Deleted(const std::string& path);  // with everything below
  // A person keeps both sides of this conflict: the loser comes to stand beside it.
  void KeptBoth(const ConflictRecord& record);

  // --- the hostile member ---
  void Said(const protocol::Message& message);
  // Rows and conflicts that were said: each may leave a file among the kept ones.
  uint64_t claims() const { return claims_; }
  uint64_t user_actions() const { return user_actions_; }

  // What nobody can have made, or who can have removed it; empty when all is well.
  std::vector<std::string> Judge(const Tree& tree) const;

 private:
  void SaidVersion(const RelPath& path, const FileVersion& version);
  bool MayStandAt(const std::string& path, const std::string& content) const;
  bool SpokenOf(const std::string& path) const;  // the path or one above

  std::map<std::string, std::set<std::string>> written_;    // path → contents of the user
  std::map<std::string, std::set<ContentHash>> announced_;  // path → contents of the hostile one
  std::set<std::string> spoken_of_;
  std::set<std::string> kept_both_;
  std::set<std::string> current_;  // files that the user has
  uint64_t claims_ = 0;
  uint64_t user_actions_ = 0;
};

}  // namespace atozsync
