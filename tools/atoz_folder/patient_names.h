// Patients and the names that Open Dental makes from them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/atoz_folder/seeded_random.h"

namespace atozsync {

struct Patient {
  std::string last_name;
  std::string first_name;
  uint64_t number = 0;  // PatNum

  // Letters of last and first name; everything else is dropped.
  std::string Letters() const;
  // Letters and number: the patient's folder.
  std::string Folder() const { return Letters() + std::to_string(number); }
  // "S/SmithJohn12": the folder below the first character of its name, in upper case.
  std::string Path() const;
};

// The `index`th patient: mostly ordinary names, at fixed places such that have no letters at all,
// begin with an accent, or are written in another script.
Patient MakePatient(uint64_t index, uint64_t number, SeededRandom& random);

// Letters of UTF-8 `text`. Of what is not ASCII everything counts as a letter: true of the names
// that this generator makes.
std::string LettersOf(std::string_view text);

}  // namespace atozsync
