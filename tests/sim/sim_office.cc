#include "tests/sim/sim_office.h"

namespace atozsync {

namespace {

constexpr int kSettleRounds = 500;
constexpr int64_t kRoundMs = 5'000;

}  // namespace

SimOffices::SimOffices(uint64_t seed, const std::vector<std::string>& sites, Adjust adjust)
    : database_(seed),
      cluster_(seed, sites,
               [this, adjust](SimNodeOptions& options) {
                 options.rows = [this](const std::string& site) {
                   return without_database_.contains(site) ? nullptr : database_.Connect(site);
                 };
                 options.adjust = [adjust](ReplicaOptions& engine) {
                   engine.gate_wait_ms = 120'000;
                   engine.vanish_wait_ms = 2'000;
                   engine.rows_round_ms = 3'000;
                   if (adjust) adjust(engine);
                 };
               }),
      sites_(sites) {
  database_.Attach(cluster_.scheduler(), sites);
}

void SimOffices::After(int64_t ms, std::function<void()> task) {
  cluster_.scheduler().After(ms * kMs, "office", std::move(task));
}

bool SimOffices::Settle() {
  auto waits = [this] {
    for (auto& [site, node] : cluster_.nodes()) {
      if (node->running() && !node->replica().Held(1).empty()) return true;
    }
    return !database_.Level();
  };
  for (int round = 0; round < kSettleRounds; ++round) {
    RunFor(kRoundMs);
    if (waits()) continue;
    if (!cluster_.Settle()) return false;
    if (!waits()) return true;
  }
  cluster_.Violate("something waits for its row for ever\n" + cluster_.Describe());
  return false;
}

bool SimOffices::Stands(const std::string& site, const std::string& path) {
  return node(site).files().ReadFile(path).has_value();
}

void SimOffices::Import(const std::string& site, const std::string& path,
                        const std::string& content, int64_t write_ms) {
  SimRowId id = database_.Insert(site, "");
  database_.Update(site, id, path);
  deleted_.erase(path);
  After(write_ms, [this, site, path, content] { cluster_.Write(site, path, content); });
}

void SimOffices::DeleteDocument(const std::string& site, const std::string& path, int64_t row_ms) {
  std::vector<SimRowId> rows = database_.Naming(site, path);
  if (rows.empty()) return;  // not shown there: nobody can delete it
  deleted_.insert(path);
  if (Stands(site, path)) cluster_.Delete(site, path);
  After(row_ms, [this, site, rows] {
    for (SimRowId id : rows) database_.Delete(site, id);
  });
}

void SimOffices::Drop(const std::string& site, const std::string& path,
                      const std::string& content) {
  cluster_.Write(site, path, content);
}

void SimOffices::Damage(const std::string& site, const std::string& path) {
  node(site).files().Remove(path).IgnoreError();
}

void SimOffices::OpenPatient(const std::string& site, const std::string& folder,
                             int64_t reaction_ms) {
  int64_t now_ns = cluster_.scheduler().now_ns();
  for (const auto& [path, entry] : node(site).files().UserTree()) {
    bool in_folder = entry.kind == NodeKind::kFile && path.starts_with(folder + "/") &&
                     path.find('/', folder.size() + 1) == std::string::npos;
    if (!in_folder || !database_.Naming(site, path).empty()) continue;
    std::optional<int64_t> gone_ns = database_.GoneSince(site, path);
    if (gone_ns && now_ns - *gone_ns < reaction_ms * kMs) continue;
    if (deleted_.contains(path)) {
      resurrections_.push_back(site + ": " + path);
    } else if (database_.EverNamed(path)) {
      duplicates_.push_back(site + ": " + path);
    }
    database_.Insert(site, path);
  }
}

}  // namespace atozsync
