// What the practice's machines say of themselves: FreeDentalConfig.xml, GRANT statements, paths of
// image folders. What is taken from the file means the same in a database URL; a path of a share
// never leads out of it.
#include <algorithm>
#include <string>
#include <vector>

#include "agent/doctor/grants.h"
#include "agent/setup/free_dental_config.h"
#include "agent/setup/image_root.h"
#include "database/settings.h"
#include "protocol/address.h"
#include "sync/base/bytes.h"
#include "sync/base/check.h"

namespace atozsync {
namespace {

void CheckXml(std::string_view text) {
  const Result<FreeDentalConfig> config = ParseFreeDentalConfig(text);
  if (!config.ok()) {
    CHECK(!config.error().context.empty());
    return;
  }
  const Result<DatabaseSettings> settings =
      ParseDatabaseUrl("mariadb://u@" + protocol::FormatHostPort({config->server, config->port}) +
                       "/" + config->database);
  CHECK(settings.ok());
  CHECK(settings->host == config->server && settings->port == config->port);
  CHECK(settings->database == config->database && settings->user == "u");
  CHECK(settings->socket.empty() && !settings->tls);
}

void CheckGrants(std::string_view text) {
  std::vector<Grant> grants;
  if (const std::optional<Grant> grant = ParseGrant(text)) grants.push_back(*grant);
  for (const GrantLine& line : GrantsOfFile(text)) {
    CHECK(line.sql.find('\n') == std::string::npos);
    grants.push_back(line.grant);
  }
  for (const Grant& grant : grants) {
    CHECK(!grant.role.empty() || !grant.privileges.empty());
  }
  for (const std::string& words : ExcessOf(grants, "opendental")) CHECK(!words.empty());
}

void CheckPaths(std::string_view text) {
  const ThisMachine machine = {{"S"}, {{"a", "/srv/a"}, {"b", "D:\\b"}}};
  for (const std::string& path : SplitPaths(text)) {
    CHECK(!path.empty() && path.find(';') == std::string::npos);
  }
  const std::optional<std::string> local = LocalPath(text, machine);
  if (!local || (text.size() > 1 && text[1] != '/' && text[1] != '\\')) return;
  if (local->rfind("/srv/a", 0) != 0 && local->rfind("D:\\b", 0) != 0) return;
  std::string parts = *local;
  std::replace(parts.begin(), parts.end(), '\\', '/');
  CHECK((parts + "/").find("/../") == std::string::npos);
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string text(AsText({data, size}));
  CheckXml(text);
  CheckGrants(text);
  CheckPaths(text);
  return 0;
}
