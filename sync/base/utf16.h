// Names between bytes and UTF-16, which Windows' file systems store. Pure; any thread.
//
// Windows' names may hold halves of surrogate pairs that no UTF-8 can say: they become three bytes
// as the same scheme gives them ("WTF-8", simonsapin.github.io/wtf-8), so that every name goes
// there and back unchanged. ToUtf16() takes nothing else than what FromUtf16() gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atozsync {

// Nothing where `bytes` is not such text.
std::optional<std::u16string> ToUtf16(std::string_view bytes);
std::string FromUtf16(std::u16string_view text);

}  // namespace atozsync
