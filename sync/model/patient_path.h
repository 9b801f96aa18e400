// Which paths lie in a patient's folder: "<U>/<ImageFolder>/<file>", where U is the first character
// of ImageFolder in upper case – any letter of any script, or a digit. Open Dental's import scan
// reads exactly these files, not those in folders below. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sync/base/rel_path.h"

namespace atozsync {

// "S", "S/SmithJohn123", "S/SmithJohn123/x.jpg": true for the last only.
bool InPatientFolder(const RelPath& path);
// "S/SmithJohn123": a folder that is, or could be, a patient's.
bool IsPatientFolder(const RelPath& dir);
// Files of which the database can say by a key whether a row names them: those in patients'
// folders, and directly in EOBs, Amendments and MedLabEmbeddedFiles.
bool RowsTell(const RelPath& path);
// "S", "EOBs": a folder at the top that has such files. Patients' are named by what stands for a
// letter, never in lower case where that is a to z.
bool HasFilesWithRows(std::string_view top);
// The digits at the end of a folder's name; nothing where there are none, or more than fit. A
// name of the full 100 characters may have lost some: only the database knows then.
std::optional<int64_t> PatNumOf(std::string_view folder_name);

}  // namespace atozsync
