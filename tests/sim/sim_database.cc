#include "tests/sim/sim_database.h"

#include <algorithm>

namespace atozsync {

// One connection; asked by one engine, dies with its process.
class SimRows final : public RowSource {
 public:
  SimRows(SimDatabase& database, std::string site) : database_(database), site_(std::move(site)) {
    server().connected.insert(this);
  }
  ~SimRows() override { server().connected.erase(this); }

  void Start(Sink sink) override { sink_ = std::move(sink); }

  void LookUp(std::vector<RelPath> paths, LookUpDone done) override {
    CHECK(paths.size() <= kLookUpMax);
    ++server().questions;
    server().largest = std::max(server().largest, paths.size());
    auto question = std::make_shared<std::pair<std::vector<RelPath>, LookUpDone>>(std::move(paths),
                                                                                  std::move(done));
    Later([this, question] {
      // Read now; the answer is on its way for a while, and may be out of date when it comes.
      std::vector<RowState> states;
      for (const RelPath& path : question->first) {
        bool named = !database_.Naming(site_, path.str()).empty();
        states.push_back(!server().up ? RowState::kUnknown
                         : named      ? RowState::kNamed
                                      : RowState::kNotNamed);
      }
      Later(
          [question, states = std::move(states)]() mutable { question->second(std::move(states)); },
          server().answer_ms);
    });
  }

  RowsHealth health() const override {
    const SimDatabase::Server& at = database_.servers_.at(site_);
    RowsHealth health;
    health.word = at.up ? RowsWord::kConnected : RowsWord::kUnreachable;
    if (!at.replicating && at.stop_known) health.frozen = "replication has stopped";
    return health;
  }

  void Hint(const RowHint& hint) {
    Later([this, hint] {
      if (sink_) sink_(hint);
    });
  }

 private:
  SimDatabase::Server& server() { return database_.servers_.at(site_); }
  void Later(Task task, int64_t ms = 0) {
    int64_t delay_ns = ms * kMs + database_.random_.Between(100, 8'000) * kUs;
    auto run = std::make_shared<Task>(std::move(task));
    database_.scheduler_->After(delay_ns, site_ + "/rows",
                                [run, alive = std::weak_ptr<int>(alive_)]() mutable {
                                  if (!alive.expired()) (*run)();
                                });
  }

  SimDatabase& database_;
  const std::string site_;
  Sink sink_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

void SimDatabase::Attach(SimScheduler& scheduler, const std::vector<std::string>& sites) {
  scheduler_ = &scheduler;
  for (const std::string& site : sites) servers_[site];
}

std::unique_ptr<RowSource> SimDatabase::Connect(const std::string& site) {
  return std::make_unique<SimRows>(*this, site);
}

SimRowId SimDatabase::Insert(const std::string& site, const std::string& path) {
  SimRowId id = ++last_id_;
  Make(site, {id, path, false, 0});
  return id;
}

void SimDatabase::Update(const std::string& site, SimRowId id, const std::string& path) {
  Make(site, {id, path, false, 0});
}

void SimDatabase::Delete(const std::string& site, SimRowId id) {
  Make(site, {id, "", true, 0});
}

void SimDatabase::Make(const std::string& site, const Change& change) {
  Apply(site, change);
  for (auto& [other, server] : servers_) {
    if (other == site) continue;
    server.relay[site].push_back(change);
    server.relay[site].back().made_ns = scheduler_->now_ns();
    PumpRelay(other, site);
  }
}

void SimDatabase::PumpRelay(const std::string& site, const std::string& origin) {
  Server& server = servers_.at(site);
  if (!server.replicating || server.relay[origin].empty()) return;
  if (!server.relay_busy.insert(origin).second) return;
  int64_t lag_ns = random_.Between(server.lag_min_ms, server.lag_max_ms) * kMs;
  int64_t due_ns = server.relay[origin].front().made_ns + lag_ns;
  scheduler_->After(due_ns - scheduler_->now_ns(), site + "/replication", [this, site, origin] {
    Server& at = servers_.at(site);
    at.relay_busy.erase(origin);
    if (!at.replicating || !at.up) return;
    Change change = std::move(at.relay[origin].front());
    at.relay[origin].pop_front();
    Apply(site, change);
    PumpRelay(site, origin);
  });
}

void SimDatabase::Apply(const std::string& site, const Change& change) {
  Server& server = servers_.at(site);
  Row& row = server.rows[change.id];
  if (row.gone_ns >= 0) return;  // an update that crossed its deletion
  std::string old = row.path;
  if (!old.empty()) server.by_path[old].erase(change.id);
  if (change.remove) {
    row.gone_ns = scheduler_->now_ns();
    row.path = old;
  } else {
    row.path = change.path;
    if (!row.path.empty()) {
      server.by_path[row.path].insert(change.id);
      ever_named_.insert(row.path);
    }
  }
  for (const std::string& path : {old, row.path}) {
    if (!path.empty()) Hint(server, path);
  }
}

void SimDatabase::Hint(Server& server, const std::string& path) {
  for (SimRows* rows : server.connected) {
    if (random_.Chance(hints_lost_permille_)) continue;
    rows->Hint({RowHintKind::kChanged, RelPath::Trusted(path).parent()});
  }
}

void SimDatabase::Urge(const std::string& site, const std::string& folder) {
  for (SimRows* rows : servers_.at(site).connected) {
    rows->Hint({RowHintKind::kUrgent, RelPath::Trusted(folder)});
  }
}

std::vector<SimRowId> SimDatabase::Naming(const std::string& site, const std::string& path) const {
  const Server& server = servers_.at(site);
  auto at = server.by_path.find(path);
  if (at == server.by_path.end()) return {};
  return {at->second.begin(), at->second.end()};
}

std::optional<int64_t> SimDatabase::GoneSince(const std::string& site,
                                              const std::string& path) const {
  if (!Naming(site, path).empty()) return std::nullopt;
  std::optional<int64_t> latest;
  for (const auto& [id, row] : servers_.at(site).rows) {
    if (row.path == path && row.gone_ns >= 0) latest = std::max(latest.value_or(0), row.gone_ns);
  }
  return latest;
}

bool SimDatabase::EverNamed(const std::string& path) const {
  return ever_named_.contains(path);
}

void SimDatabase::SetLag(const std::string& site, int64_t min_ms, int64_t max_ms) {
  servers_.at(site).lag_min_ms = min_ms;
  servers_.at(site).lag_max_ms = max_ms;
}

void SimDatabase::SetUp(const std::string& site, bool up) {
  Server& server = servers_.at(site);
  server.up = up;
  if (!up) return;
  for (auto& [origin, changes] : server.relay) PumpRelay(site, origin);
  for (SimRows* rows : server.connected) rows->Hint({RowHintKind::kChanged, RelPath()});
}

void SimDatabase::SetReplicating(const std::string& site, bool replicating, bool known) {
  Server& server = servers_.at(site);
  server.replicating = replicating;
  server.stop_known = known;
  if (!replicating) return;
  for (auto& [origin, changes] : server.relay) PumpRelay(site, origin);
}

void SimDatabase::ForgetQuestions(const std::string& site) {
  servers_.at(site).questions = 0;
  servers_.at(site).largest = 0;
}

bool SimDatabase::Level() const {
  for (const auto& [site, server] : servers_) {
    for (const auto& [origin, changes] : server.relay) {
      if (!changes.empty()) return false;
    }
  }
  return true;
}

}  // namespace atozsync
