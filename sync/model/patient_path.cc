#include "sync/model/patient_path.h"

#include <charconv>

namespace atozsync {

namespace {

// Bytes of the UTF-8 character that begins with `lead`; 1 for what is not UTF-8.
size_t CharacterBytes(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

bool IsFolderOfRows(std::string_view dir) {
  return dir == "EOBs" || dir == "Amendments" || dir == "MedLabEmbeddedFiles";
}

}  // namespace

bool IsPatientFolder(const RelPath& dir) {
  std::vector<std::string_view> parts = dir.components();
  return parts.size() == 2 && parts[0].size() == CharacterBytes(parts[0][0]);
}

bool InPatientFolder(const RelPath& path) {
  return !path.is_root() && IsPatientFolder(path.parent());
}

bool RowsTell(const RelPath& path) {
  return InPatientFolder(path) || IsFolderOfRows(path.parent().str());
}

bool HasFilesWithRows(std::string_view top) {
  if (top.empty()) return false;
  bool character = top.size() == CharacterBytes(top[0]) && RelPath::IsValidName(top);
  return IsFolderOfRows(top) || (character && !(top[0] >= 'a' && top[0] <= 'z'));
}

std::optional<int64_t> PatNumOf(std::string_view folder_name) {
  size_t digits = folder_name.find_last_not_of("0123456789") + 1;  // npos + 1 = 0
  std::string_view number = folder_name.substr(digits);
  int64_t value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (number.empty() || error != std::errc()) return {};
  return value;
}

}  // namespace atozsync
