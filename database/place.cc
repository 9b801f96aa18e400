#include "database/place.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "sync/model/patient_path.h"

namespace atozsync {
namespace {

constexpr std::string_view kDigits = "0123456789";

// "20241001_100000_12.jpg": 12.
std::optional<int64_t> KeyAtTheEnd(std::string_view name) {
  const std::string_view stem = name.substr(0, name.rfind('.'));
  const size_t mark = stem.rfind('_');
  if (mark == std::string_view::npos) return {};
  const std::string_view digits = stem.substr(mark + 1);
  if (digits.find_first_not_of(kDigits) != std::string_view::npos) return {};
  return PatNumOf(digits);
}

// How many bytes the character has that begins with `lead`; 0: none begins so.
size_t BytesOfCharacter(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The second byte tells overlong forms, surrogates and what is above the last character.
bool IsAllowedSecond(unsigned char lead, unsigned char second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second < 0xa0;
  if (lead == 0xf0) return second >= 0x90;
  if (lead == 0xf4) return second < 0x90;
  return true;
}

}  // namespace

Place PlaceOf(const RelPath& path) {
  Place place;
  const std::vector<std::string_view> parts = path.components();
  if (parts.size() < 2) return place;
  place.dir = path.parent().str();
  place.name = std::string(path.name());
  if (InPatientFolder(path)) {
    place.kind = PlaceKind::kPatient;
    const std::string_view folder = parts[1];
    if (IsUtf8(folder) && CharactersIn(folder) < kImageFolderCharactersMax) {
      place.number = PatNumOf(folder);
    }
  } else if (parts.size() == 2 && parts[0] == "MedLabEmbeddedFiles") {
    place.kind = PlaceKind::kLab;
    place.number = 0;
  } else if (parts.size() == 2 && (parts[0] == "EOBs" || parts[0] == "Amendments")) {
    place.number = KeyAtTheEnd(parts[1]);
    if (!place.number) return place;
    place.kind = parts[0] == "EOBs" ? PlaceKind::kEob : PlaceKind::kAmendment;
  }
  return place;
}

std::optional<RelPath> PatientDir(std::string_view upper_first, std::string_view image_folder) {
  if (!RelPath::IsValidName(upper_first) || !RelPath::IsValidName(image_folder)) return {};
  return RelPath().Child(upper_first).Child(image_folder);
}

bool IsOddFolder(int64_t pat_num, std::string_view image_folder) {
  if (image_folder.empty()) return false;
  return CharactersIn(image_folder) >= kImageFolderCharactersMax ||
         PatNumOf(image_folder) != pat_num;
}

bool IsCompleteName(std::string_view file_name) {
  return !file_name.empty() && file_name[0] != '.';
}

bool IsUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const size_t length = BytesOfCharacter(lead);
    if (length == 0 || i + length > bytes.size()) return false;
    if (length > 1 && !IsAllowedSecond(lead, static_cast<unsigned char>(bytes[i + 1]))) {
      return false;
    }
    for (size_t k = 1; k < length; ++k) {
      if (!IsContinuation(bytes[i + k])) return false;
    }
    i += length;
  }
  return true;
}

size_t CharactersIn(std::string_view text) {
  return text.size() -
         static_cast<size_t>(std::count_if(text.begin(), text.end(), &IsContinuation));
}

}  // namespace atozsync
