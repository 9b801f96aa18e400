// What a file may be called on Windows. Portable, so that tests and simulated replicas on other
// systems know it, too. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atozsync {

// Why Windows – the file system, or the programs on it – cannot hold one component of a path, in
// words for a person ("Windows keeps the name CON for a device"); nothing where it can. What it
// would turn into another name silently (a trailing dot, a stream behind ':') counts as well.
// Source of the rules: "Naming Files, Paths, and Namespaces" in Microsoft's documentation.
std::optional<std::string> WindowsNameProblem(std::string_view name);

}  // namespace atozsync
