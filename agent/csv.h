// Comma-separated values as RFC 4180 has them, UTF-8. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace atozsync {

// One line with its end. A cell that a spreadsheet would run as a formula gets a ' in front.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace atozsync
