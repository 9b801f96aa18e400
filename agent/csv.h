// Comma-separated values as RFC 4180 has them, UTF-8. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace atozsync {

// What a file begins with, so that Excel takes it for UTF-8.
inline constexpr char kCsvBegin[] = "\xEF\xBB\xBF";

// One line with its end. A cell that a spreadsheet would run as a formula gets a ' in front.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace atozsync
