#include "tools/atoz_folder/patient_names.h"

#include <array>

namespace atozsync {
namespace {

constexpr std::array<std::string_view, 48> kLastNames = {
    "Smith",  "Johnson",     "O'Brien", "Williams", "De La Cruz", "Brown",    "Garcia",   "Miller",
    "Davis",  "Martinez",    "van Dyk", "Lopez",    "Gonzalez",   "Wilson",   "Anderson", "Thomas",
    "Taylor", "Moore",       "Jackson", "Müller",   "Lee",        "Perez",    "Thompson", "White",
    "Harris", "Sanchez",     "Clark",   "Ramírez",  "Lewis",      "Robinson", "Walker",   "Young",
    "Allen",  "King",        "Wright",  "Scott",    "Torres",     "Nguyen",   "Hill",     "Flores",
    "Green",  "Smith-Jones", "Unger",   "Xiong",    "Ybarra",     "Zimmer",   "Quinn",    "Ivers"};

constexpr std::array<std::string_view, 40> kFirstNames = {
    "James",   "Mary",     "Robert",  "Patricia", "John",    "Jennifer", "Michael", "Linda",
    "David",   "Anna Lee", "William", "Barbara",  "Richard", "Susan",    "Joseph",  "Jessica",
    "José",    "Sarah",    "Charles", "Karen",    "Chris",   "Lisa",     "Daniel",  "Nancy",
    "Matthew", "Betty",    "Anthony", "Sandra",   "Mark",    "Margaret", "Donald",  "Ashley",
    "Steven",  "Kim",      "Andrew",  "Emily",    "Paul",    "Donna",    "J.R.",    "Zoë"};

constexpr uint64_t kSpecialEvery = 40;

}  // namespace

std::string LettersOf(std::string_view text) {
  std::string letters;
  for (char c : text) {
    bool ascii_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (ascii_letter || (static_cast<unsigned char>(c) & 0x80) != 0) letters.push_back(c);
  }
  return letters;
}

std::string Patient::Letters() const {
  return LettersOf(last_name) + LettersOf(first_name);
}

std::string Patient::Path() const {
  std::string folder = Folder();
  // The whole first character: the bytes behind it that continue it belong to it.
  size_t length = 1;
  while (length < folder.size() && (static_cast<unsigned char>(folder[length]) & 0xC0) == 0x80) {
    ++length;
  }
  std::string first = folder.substr(0, length);
  if (first[0] >= 'a' && first[0] <= 'z') first[0] = static_cast<char>(first[0] - 'a' + 'A');
  return first + "/" + folder;
}

Patient MakePatient(uint64_t index, uint64_t number, SeededRandom& random) {
  Patient patient;
  patient.number = number;
  patient.last_name = kLastNames[random.Below(kLastNames.size())];
  patient.first_name = kFirstNames[random.Below(kFirstNames.size())];
  switch (index % kSpecialEvery) {
    case 2:
      patient.last_name.clear();
      patient.first_name.clear();
      break;
    case 4: patient.last_name = "Élie"; break;
    case 6:
      patient.last_name = "王";
      patient.first_name = "小明";
      break;
    case 8:
      patient.last_name = "Иванов";
      patient.first_name = "Пётр";
      break;
    default: break;
  }
  return patient;
}

}  // namespace atozsync
