#include "agent/held_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

constexpr size_t kIdTypedMin = 4;  // fewer digits are no id: "12" could be a folder

std::string WhyText(const std::string& why) {
  if (why == "row") return "waits for its row";
  if (why == "leaving") return "gone, its row stands";
  if (why == "brake") return "mass change";
  if (why == "locked") return "in use";
  return why;
}

std::string UntilText(const Json& entry) {
  std::string until = TextAt(entry, "until");
  return until.empty() ? (TextAt(entry, "why") == "locked" ? "it is free" : "you decide") : until;
}

bool WaitsForPerson(const Json& entry) {
  return TextAt(entry, "until").empty() && TextAt(entry, "why") != "locked";
}

std::string Words(const Json& entry) {
  const std::string next_try = TextAt(entry, "next_try");
  return TextAt(entry, "text") + (next_try.empty() ? "" : ", next at " + next_try);
}

// "waits for its row since …, until … – no row names it yet"
std::string HowHeld(const Json& entry) {
  const std::string since = TextAt(entry, "since");
  const std::string words = Words(entry);
  return fmt::format("{}{}, until {}{}", WhyText(TextAt(entry, "why")),
                     since.empty() ? "" : " since " + since, UntilText(entry),
                     words.empty() ? "" : " – " + words);
}

Json PathOf(const Json& entry) {
  std::string raw = TextAt(entry, "path_raw");
  Json path = {{"path", TextAt(entry, "path")}};
  if (!raw.empty()) path["path_raw"] = raw;
  return path;
}

}  // namespace

std::string HeldTable(const Json& held) {
  if (held.empty()) return "Nothing is held.\n";
  std::string text =
      fmt::format("{:<12}  {:<20}  {:<20}  {:<20}  {}\n", "ID", "WHY", "SINCE", "UNTIL", "FILE");
  for (const Json& entry : held) {
    text += fmt::format("{:<12}  {:<20}  {:<20}  {:<20}  {}\n", TextAt(entry, "id"),
                        WhyText(TextAt(entry, "why")), TextAt(entry, "since"), UntilText(entry),
                        TextAt(entry, "path"));
    if (std::string words = Words(entry); !words.empty()) {
      text += fmt::format("{:<12}  {}\n", "", words);
    }
  }
  return text + Count(held.size(), "file", "files") + " held\n";
}

std::string HeldWords(const Json& held) {
  std::string text;
  for (const Json& entry : held) text += "Held: " + HowHeld(entry) + "\n";
  return text;
}

std::string HeldLines(const Json& counts, const Json& held) {
  std::string text;
  auto add = [&](const char* key, const std::string& words) {
    uint64_t number = NumberAt(counts, key);
    if (number > 0) text += words + std::to_string(number) + "\n";
  };
  add("row", "Waiting for the database: ");
  add("locked", "Waiting for a locked file: ");
  if (uint64_t brake = NumberAt(counts, "brake")) {
    text +=
        "STOPPED BY THE BRAKE: " + Count(brake, "file", "files") +
        " changed or lost their rows with very many others; the other replicas are not told until "
        "you decide (`atozsync held` lists them; release or revert takes a file, a folder, or . "
        "for all)\n";
  }
  for (const Json& entry : held) {
    text += fmt::format("  {}: {}\n", TextAt(entry, "path"), HowHeld(entry));
  }
  const uint64_t all =
      NumberAt(counts, "row") + NumberAt(counts, "locked") + NumberAt(counts, "brake");
  if (all > held.size()) {
    text += "  " + std::to_string(all - held.size()) + " more: `atozsync held` lists all\n";
  }
  return text;
}

std::string DatabaseLine(const Json& database) {
  if (!database.is_object()) return "";
  std::string text = "Database: " + TextAt(database, "state");
  if (database.contains("missing_files")) {
    text += ", " + Count(NumberAt(database, "rows"), "row", "rows") + ", " +
            Count(NumberAt(database, "missing_files"), "file", "files") + " missing, " +
            Count(NumberAt(database, "orphan_files"), "file", "files") + " without a row";
  }
  std::string frozen = TextAt(database, "frozen");
  if (!frozen.empty()) text += ", nothing is deleted on its word: " + frozen;
  std::string problem = TextAt(database, "problem");
  return text + (problem.empty() ? "" : " – " + problem) + "\n";
}

bool HeldNeedsPerson(const Json& held) {
  return std::any_of(held.begin(), held.end(), WaitsForPerson);
}

Result<std::optional<Json>> FindHeld(const Json& held, const std::string& which) {
  for (const Json& entry : held) {
    if (TextAt(entry, "path") == which) return std::optional<Json>(PathOf(entry));
  }
  const Json* found = nullptr;
  for (const Json& entry : held) {
    const bool begins = TextAt(entry, "id").compare(0, which.size(), which) == 0;
    if (which.size() < kIdTypedMin || !begins) continue;
    // One file may wait for two things.
    if (found != nullptr && TextAt(*found, "id") != TextAt(entry, "id")) {
      return Status(Errc::kInvalid, "several held files begin with '" + Printable(which) +
                                        "': give more of the id, or the path");
    }
    found = &entry;
  }
  return found == nullptr ? std::nullopt : std::optional<Json>(PathOf(*found));
}

}  // namespace atozsync
