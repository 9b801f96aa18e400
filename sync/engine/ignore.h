// IgnoreRules: what is not synchronized. A built-in list with a reason beside each entry, then the
// patterns of the configuration, in the manner of gitignore: "*" and "?" do not cross "/", "**"
// does, a leading or inner "/" ties a pattern to the root, a trailing "/" means directories only,
// "!" takes a match back; the last pattern that matches decides. ASCII letter case does not matter.
// Immutable after construction; usable on any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

// The engine's own folder at the root.
inline constexpr std::string_view kOwnFolder = ".atozsync";

class IgnoreRules {
 public:
  explicit IgnoreRules(const std::vector<std::string>& patterns = {});

  // Of this name itself; the caller knows that no ancestor is ignored.
  bool Ignored(const RelPath& path, bool is_dir) const;
  // The path or one of its ancestors.
  bool IgnoredWithin(const RelPath& path, bool is_dir) const;

  // All of them as one text: another one, other rules.
  const std::string& text() const { return text_; }

 private:
  struct Rule {
    std::string glob;  // lower case
    // What a match begins and ends with, and is at least as long as both: most names are told apart
    // by it. A part of `glob`.
    std::string first;
    std::string last;
    bool negated = false;
    bool dirs_only = false;
    bool anchored = false;
  };
  static Rule ParseRule(std::string_view pattern);
  static bool Matches(const Rule& rule, std::string_view text);
  // `path` in lower case, not the root.
  bool Matches(std::string_view path, bool is_dir) const;

  void Add(std::string_view pattern);

  std::vector<Rule> rules_;
  std::string text_;
};

// Matches with "*", "?", "[a-z]", "[!a-z]" and "**"; "**/" stands for any number of directories,
// also none. Bytes, not letters: "?" is one byte. At most text² × glob steps.
bool GlobMatches(std::string_view glob, std::string_view text);

}  // namespace atozsync
