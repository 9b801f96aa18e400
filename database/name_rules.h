// How names stand in Open Dental's columns, and what they mean in a folder: backslashes, image tags
// in wiki and e-mail text, full paths of a workstation, letter case. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

// "In\x.jpg" below `folder` ("" = the root). Both slashes separate; kInvalid for what no file below
// the folder can be called: "..", an empty name, a drive.
Result<RelPath> PathOfValue(std::string_view folder, std::string_view value);

// The names in [[img:name]], in order, each once; the shortest text up to the brackets counts.
// At most kImagesMax of one text.
inline constexpr size_t kImagesMax = 1000;
std::vector<std::string> ImagesInMarkup(std::string_view text);

// "http://…", "https://…", "www.…": not a file of the folder.
bool IsWebAddress(std::string_view name);

// What is left of a full path (drive or UNC) below one of `roots`, with "/"; nothing where it lies
// elsewhere. Compared as Windows does: slashes of both kinds, ASCII letter case ignored.
std::optional<std::string> BelowRoots(std::string_view full_path,
                                      const std::vector<std::string>& roots);

// For comparing names as Windows does: lower case of Latin, Greek and Cyrillic letters; everything
// else, bytes that are not UTF-8 too, stays.
std::string FoldCase(std::string_view name);

}  // namespace atozsync
