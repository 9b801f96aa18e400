// GRANT statements: read as `SHOW GRANTS` prints them and as a person writes them in a file, and
// what a set of them allows beyond reading. Pure functions. What is not understood is no grant.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atozsync {

// packaging/opendental-grants.sql, as it was when the program was built.
extern const char* const kGrantsSql;

struct Grant {
  // "SELECT", "REPLICATION CLIENT", … in upper case → the columns it is limited to; empty: all.
  std::map<std::string, std::vector<std::string>> privileges;
  std::string database;      // "*", or a name or pattern
  std::string table;         // "*", or a name
  bool may_pass_on = false;  // WITH GRANT OPTION
  std::string role;          // GRANT role TO …: a role, and nothing else is set
};

std::optional<Grant> ParseGrant(std::string_view statement);
// The GRANT statements of a file, comments left out; each with its text.
struct GrantLine {
  Grant grant;
  std::string sql;  // in one line, with its semicolon
};
std::vector<GrantLine> GrantsOfFile(std::string_view sql);

// What `grants` allow and an agent that only reads has no use for, in words; empty: nothing.
// `database`: the practice's.
std::vector<std::string> ExcessOf(const std::vector<Grant>& grants, const std::string& database);

}  // namespace atozsync
