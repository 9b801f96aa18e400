// Names between our UTF-8 and Windows' calls. Stateless; any thread.
#pragma once

#include <string>
#include <string_view>

namespace atozsync {

// As sync/base/utf16.h says; where `text` is not such text, a name that nothing has.
std::wstring ToWide(std::string_view text);
std::string FromWide(std::wstring_view text);

// For the W calls: absolute, with backslashes and \\?\ in front, so that no length is too long and
// nothing is read into the name.
std::wstring NativeName(const std::string& path);
// The other way round, for people: without \\?\ and with '/' for '\'.
std::string PortableName(std::wstring_view native);

}  // namespace atozsync
