#include "sync/base/windows_name.h"

#include <algorithm>
#include <array>

#include "sync/base/utf16.h"

namespace atozsync {

namespace {

constexpr size_t kUnitsMax = 255;
constexpr std::string_view kForbidden = "<>:\"|?*\\";
constexpr std::array<std::string_view, 6> kDevices = {"CON", "PRN",    "AUX",
                                                      "NUL", "CONIN$", "CONOUT$"};

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// COM0 … COM9 and LPT0 … LPT9, also with the superscript digits that count as digits there.
bool IsPort(std::string_view upper) {
  if (!upper.starts_with("COM") && !upper.starts_with("LPT")) return false;
  const std::string_view digit = upper.substr(3);
  return (digit.size() == 1 && digit[0] >= '0' && digit[0] <= '9') || digit == "\xC2\xB9" ||
         digit == "\xC2\xB2" || digit == "\xC2\xB3";
}

// A device's name is kept whatever extension follows: "aux.h" is AUX.
std::optional<std::string> DeviceIn(std::string_view name) {
  std::string_view stem = name.substr(0, name.find('.'));
  while (stem.ends_with(' ')) stem.remove_suffix(1);
  const std::string upper = Upper(stem);
  const bool is_device =
      std::find(kDevices.begin(), kDevices.end(), upper) != kDevices.end() || IsPort(upper);
  return is_device ? std::optional<std::string>(upper) : std::nullopt;
}

}  // namespace

std::optional<std::string> WindowsNameProblem(std::string_view name) {
  const std::optional<std::u16string> units = ToUtf16(name);
  if (!units) return "Windows holds Unicode names only, and this one is not valid UTF-8";
  if (units->size() > kUnitsMax) return "Windows holds names up to 255 characters";
  for (char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return "Windows holds no control characters in names";
    if (kForbidden.find(c) != std::string_view::npos) {
      return std::string("Windows holds no '") + c + "' in names";
    }
  }
  if (name.ends_with('.') || name.ends_with(' ')) {
    return "Windows drops a dot or space at the end of a name";
  }
  if (const std::optional<std::string> device = DeviceIn(name)) {
    return "Windows keeps the name " + *device + " for a device";
  }
  return {};
}

}  // namespace atozsync
