// Facts about this machine's network. Any thread.
#pragma once

#include <string>

namespace atozsync {

// Is `host`, an address in numbers, one of this machine's own – could it listen there?
bool IsOwnAddress(const std::string& host);

}  // namespace atozsync
