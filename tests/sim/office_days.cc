#include "tests/sim/office_days.h"

#include "tests/sim/checkers.h"

namespace atozsync {

namespace {

constexpr int64_t kLagMaxMs = 60'000;
constexpr int64_t kReactionMs = 6'000;      // nobody opens a patient sooner after a row went
constexpr int64_t kAwakeMs = 10'000;        // … nor after the agent came back
constexpr int64_t kGateWaitMs = 1'800'000;  // longer than any trouble here
const char* const kNobodyOpens = "N/NoeNora5";

std::vector<std::string> Sites(SimRandom& random) {
  std::vector<std::string> sites{"A", "B"};
  if (random.Chance(500)) sites.push_back("C");
  return sites;
}

}  // namespace

OfficeDays::OfficeDays(uint64_t seed, int steps)
    : random_(SimRandom(seed).Fork("days")),
      steps_(steps),
      sites_(Sites(random_)),
      offices_(seed, sites_, [](ReplicaOptions& options) { options.gate_wait_ms = kGateWaitMs; }) {
  offices_.cluster().SetOnViolation([this](const std::string& what) { Wrong(what); });
}

void OfficeDays::Say(const std::string& what) {
  int64_t now_ms = offices_.cluster().scheduler().now_ns() / kMs;
  story_.push_back(std::to_string(now_ms) + " ms " + what);
}

std::string OfficeDays::Run() {
  offices_.cluster().StartAll();
  for (const std::string& site : sites_) {
    int64_t lag_ms = random_.Between(0, 2) * random_.Between(0, kLagMaxMs / 2);
    offices_.database().SetLag(site, lag_ms / 2, lag_ms);
  }
  offices_.database().SetHintsLost(random_.Chance(300) ? 300 : 0);
  for (int step = 0; step < steps_ && problems_.empty(); ++step) {
    Step();
    offices_.RunFor(random_.Chance(300) ? random_.Between(0, 30'000) : random_.Between(0, 2'000));
  }
  HealAll();
  if (problems_.empty()) Check();
  return problems_;
}

void OfficeDays::Step() {
  std::string site = sites_[random_.Below(sites_.size())];
  if (random_.Chance(150)) {
    TroubleStep(site);
  } else {
    UserStep(site);
  }
}

void OfficeDays::UserStep(const std::string& site) {
  if (!offices_.database().up(site)) return DropOne(site);  // Open Dental does not start
  switch (random_.Below(8)) {
    case 0:
    case 1: ImportOne(site); break;
    case 2: DeleteOne(site); break;
    case 3: DropOne(site); break;
    case 4: EditOne(site); break;
    case 5: DamageOne(site); break;
    default: Open(site);
  }
}

void OfficeDays::TroubleStep(const std::string& site) {
  std::string other = sites_[random_.Below(sites_.size())];
  switch (random_.Below(8)) {
    case 0:
      Say("the server of " + site + " goes down");
      offices_.database().SetUp(site, false);
      break;
    case 1:
      Say("the server of " + site + " is up");
      offices_.database().SetUp(site, true);
      break;
    case 2:
      Say("replication stops at " + site);
      offices_.database().SetReplicating(site, false, random_.Chance(500));
      break;
    case 3:
      Say("replication goes on at " + site);
      offices_.database().SetReplicating(site, true);
      break;
    case 4:
      if (site == other) break;
      Say(site + " and " + other + " are cut off");
      offices_.cluster().Partition(site, other);
      break;
    case 5:
      Say("all lines are mended");
      offices_.cluster().HealAll();
      break;
    case 6:
      Say("the agent of " + site + " is killed");
      offices_.node(site).KillProcess();
      [[fallthrough]];
    default:
      if (offices_.node(site).running()) break;
      offices_.node(site).Start();
      started_ns_[site] = offices_.cluster().scheduler().now_ns();
  }
}

std::string OfficeDays::NewName(const std::string& site, bool editable) {
  std::string name = (editable ? "letter" : "xray") + site + std::to_string(++made_);
  return folders_[random_.Below(folders_.size())] + "/" + name + ".jpg";
}

void OfficeDays::ImportOne(const std::string& site) {
  bool editable = random_.Chance(300);
  std::string path = NewName(site, editable);
  documents_[path].editable = editable;
  Say(site + " imports " + path);
  offices_.Import(site, path, path + " first", random_.Between(0, 2'000));
}

void OfficeDays::DropOne(const std::string& site) {
  std::string path = NewName(site, false);
  if (random_.Chance(200)) path = kNobodyOpens + std::string("/") + std::to_string(made_) + ".pdf";
  documents_[path].dropped = true;
  Say("somebody drops " + path + " at " + site);
  offices_.Drop(site, path, path + " dropped");
}

std::string OfficeDays::SomeDocument(const std::string& site, bool editable) {
  std::vector<std::string> found;
  for (const auto& [path, document] : documents_) {
    bool fits = document.editable == editable && !document.deleted && offices_.Stands(site, path) &&
                !offices_.database().Naming(site, path).empty();
    if (fits) found.push_back(path);
  }
  return found.empty() ? "" : found[random_.Below(found.size())];
}

void OfficeDays::DeleteOne(const std::string& site) {
  std::string path = SomeDocument(site, /*editable=*/false);
  // One that arrived by a drop may have two rows rightly made by two offices that saw it there.
  if (path.empty() || documents_[path].dropped) return;
  documents_[path].deleted = true;
  Say(site + " deletes " + path);
  offices_.DeleteDocument(site, path, random_.Between(0, 200));
}

void OfficeDays::EditOne(const std::string& site) {
  std::string path = SomeDocument(site, /*editable=*/true);
  if (path.empty()) return;
  Say(site + " edits " + path);
  std::string content = path + " by " + site + std::to_string(++documents_[path].versions);
  offices_.cluster().Replace(site, path, content);
}

bool OfficeDays::StandsEverywhere(const std::string& path) {
  for (const std::string& site : sites_) {
    if (!offices_.Stands(site, path) || offices_.database().Naming(site, path).empty())
      return false;
  }
  return true;
}

void OfficeDays::DamageOne(const std::string& site) {
  std::string path = SomeDocument(site, /*editable=*/false);
  if (path.empty() || !StandsEverywhere(path)) return;
  Say(path + " vanishes at " + site);
  offices_.Damage(site, path);
}

void OfficeDays::Open(const std::string& site) {
  int64_t now_ns = offices_.cluster().scheduler().now_ns();
  if (!offices_.node(site).running() || now_ns - started_ns_[site] < kAwakeMs * kMs) return;
  std::string folder = folders_[random_.Below(folders_.size())];
  Say(site + " opens " + folder);
  size_t harm = offices_.duplicates().size() + offices_.resurrections().size();
  offices_.OpenPatient(site, folder, kReactionMs);
  if (offices_.duplicates().size() + offices_.resurrections().size() == harm) return;
  for (const std::string& what : offices_.duplicates()) Wrong("a second row: " + what);
  for (const std::string& what : offices_.resurrections()) Wrong("came back: " + what);
  Wrong(offices_.cluster().Describe());
}

void OfficeDays::HealAll() {
  Say("all is mended");
  offices_.cluster().HealAll();
  for (const std::string& site : sites_) {
    offices_.database().SetUp(site, true);
    offices_.database().SetReplicating(site, true);
    if (!offices_.node(site).running()) offices_.node(site).Start();
  }
  // What was dropped gets its row where it lies.
  offices_.RunFor(kAwakeMs + kLagMaxMs);
  for (const std::string& site : sites_) {
    for (const std::string& folder : folders_) offices_.OpenPatient(site, folder, kReactionMs);
  }
}

void OfficeDays::Check() {
  if (!offices_.Settle()) return;
  for (const std::string& what : offices_.duplicates()) Wrong("a second row: " + what);
  for (const std::string& what : offices_.resurrections()) Wrong("came back: " + what);
  for (const auto& [path, document] : documents_) {
    for (const std::string& site : sites_) {
      bool named = !offices_.database().Naming(site, path).empty();
      bool stands = offices_.Stands(site, path);
      if (named && !stands) Wrong(path + " has a row and is not at " + site);
      if (document.deleted && stands) Wrong(path + " was deleted and stands at " + site);
    }
  }
  if (problems_.empty()) ExpectConverged(offices_.cluster());
}

}  // namespace atozsync
