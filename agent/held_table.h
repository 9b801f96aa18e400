// What waits, as people read it: the answer of `GET /v1/held` as a table and as lines of `status`,
// and which entry somebody means. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "agent/json_reports.h"

namespace atozsync {

// Path, why, since, until and the words for it; one line says that there is nothing.
std::string HeldTable(const Json& held);
// A line for each entry, of one file: since when it is held, why, until when.
std::string HeldWords(const Json& held);
// Lines of `status` about held files and the database; empty when there is nothing to say.
// `held`: the oldest few.
std::string HeldLines(const Json& counts, const Json& held);
std::string DatabaseLine(const Json& database);

// Something in the list goes on only when a person says so.
bool HeldNeedsPerson(const Json& held);
// {"path": …} of the entry that `which` names by path or by the beginning of its id; nothing where
// it names none (it may be a folder then). kInvalid: several ids begin so.
Result<std::optional<Json>> FindHeld(const Json& held, const std::string& which);

}  // namespace atozsync
