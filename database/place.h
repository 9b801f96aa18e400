// Which row could name a path: pure functions of the path, and what makes a row complete. Nothing
// here asks a server. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sync/base/rel_path.h"

namespace atozsync {

enum class PlaceKind : uint8_t {
  kPatient,    // <U>/<ImageFolder>/<file>: table document, by the patient's number
  kLab,        // MedLabEmbeddedFiles/<file>: document rows of patient 0
  kEob,        // EOBs/…_<key>.ext: table eobattach
  kAmendment,  // Amendments/…_<key>.ext: table ehramendment
  kElsewhere,  // no row, or none that an index leads to
};

struct Place {
  PlaceKind kind = PlaceKind::kElsewhere;
  std::string dir;   // "S/SmithJohn15", "EOBs"
  std::string name;  // what FileName must be, byte by byte
  // The patient the folder's digits point to (nothing where they cannot be trusted), or the key.
  std::optional<int64_t> number;
};
Place PlaceOf(const RelPath& path);

// "S/SmithJohn15" for ImageFolder "SmithJohn15", whose first character is "S" in upper case. What
// no path can be (empty, a '/' in it) has no folder.
std::optional<RelPath> PatientDir(std::string_view upper_first, std::string_view image_folder);

// The column holds this many characters: a longer name was cut, and its digits with it.
inline constexpr size_t kImageFolderCharactersMax = 100;
// Whether a folder's digits do not lead to this patient: cut, shared, or edited by hand.
bool IsOddFolder(int64_t pat_num, std::string_view image_folder);

// Not "" and not ".jpg": those are rows between their INSERT and the UPDATE that names the file.
bool IsCompleteName(std::string_view file_name);

bool IsUtf8(std::string_view bytes);
// REQUIRES: IsUtf8(text).
size_t CharactersIn(std::string_view text);

}  // namespace atozsync
