#include "agent/review/document_facts.h"

namespace atozsync {

Json DocumentJson(const std::optional<DocumentFact>& fact) {
  if (!fact) return nullptr;
  return {{"patient", {{"pat_num", fact->pat_num}, {"name", NullIfEmpty(fact->patient)}}},
          {"category", NullIfEmpty(fact->category)},
          {"date", NullIfEmpty(fact->date)},
          {"description", NullIfEmpty(fact->description)},
          {"doc_num", fact->doc_num}};
}

void DocumentFacts::Ask(const RelPath& path, Done done) {
  const DatabaseConfig& database = agent_.config().database;
  if (!database.configured() || waiting_ >= kWaitingMax) {
    return agent_.executor().Post([done = std::move(done)]() mutable { done({}); });
  }
  ++waiting_;
  // The answer comes back through the loop; `done` itself never leaves it.
  auto waits = std::make_shared<Done>(std::move(done));
  lane_.Submit([this, database, path, waits = std::move(waits)]() mutable {
    std::optional<DocumentFact> fact = LookUp(database, path);
    agent_.executor().PostFromAnyThread([this, fact = std::move(fact), waits = std::move(waits),
                                         alive = std::weak_ptr<int>(alive_)]() mutable {
      if (alive.expired()) return;
      --waiting_;
      (*waits)(std::move(fact));
    });
  });
}

std::optional<DocumentFact> DocumentFacts::LookUp(const DatabaseConfig& database,
                                                  const RelPath& path) {
  if (connection_ != nullptr && (!connection_->alive() || !(connected_to_ == database))) {
    connection_.reset();
  }
  if (connection_ == nullptr) {
    Result<DatabaseSettings> settings = ParseDatabaseUrl(database.url);
    if (!settings.ok()) return {};
    settings->password_file = database.password_file;
    Result<std::unique_ptr<DatabaseConnection>> opened =
        DatabaseConnection::Open(*settings, kLimits);
    // The gate says what is wrong with the database; here it is only not known.
    if (!opened.ok()) return {};
    connection_ = std::move(*opened);
    connected_to_ = database;
  }
  Result<std::optional<DocumentFact>> fact = LookUpDocument(*connection_, path);
  return fact.ok() ? *fact : std::nullopt;
}

}  // namespace atozsync
