// OfficeDays: days of several offices drawn from a seed – people import, delete, drop, edit and
// open; rows and files go astray, servers, agents and lines stop and come back – and what must hold
// in the end: no row was made twice because of us, no deleted document came back, every document
// with a row stands everywhere, nothing waits for ever.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/sim_office.h"

namespace atozsync {

class OfficeDays {
 public:
  OfficeDays(uint64_t seed, int steps);
  // What went wrong, for a person; empty: nothing.
  std::string Run();
  const std::vector<std::string>& story() const { return story_; }

 private:
  struct Document {
    bool editable = false;  // else it may be deleted: an edit against a deletion is another story
    bool dropped = false;   // it came without a row
    bool deleted = false;
    int versions = 0;
  };

  void Step();
  void UserStep(const std::string& site);
  void TroubleStep(const std::string& site);
  void ImportOne(const std::string& site);
  void DropOne(const std::string& site);
  void DeleteOne(const std::string& site);
  void EditOne(const std::string& site);
  void DamageOne(const std::string& site);
  void Open(const std::string& site);
  void HealAll();
  void Check();
  std::string NewName(const std::string& site, bool editable);
  // A document that stands at `site` and has a row there; empty: none was found.
  std::string SomeDocument(const std::string& site, bool editable);
  bool StandsEverywhere(const std::string& path);
  void Say(const std::string& what);
  void Wrong(const std::string& what) { problems_ += what + "\n"; }

  SimRandom random_;
  int steps_;
  std::vector<std::string> sites_;
  SimOffices offices_;
  std::vector<std::string> folders_{"S/SmithJohn12", "M/MillerEva7", "\xc3\x89/\xc3\x89milie9"};
  std::map<std::string, Document> documents_;
  std::map<std::string, int64_t> started_ns_;
  int made_ = 0;
  std::vector<std::string> story_;
  std::string problems_;
};

}  // namespace atozsync
