#include "sync/engine/ignore.h"

#include <algorithm>
#include <array>

namespace atozsync {

namespace {

// Facts behind each line: the vendor's folder layout, and what other programs leave behind.
constexpr std::array<const char*, 20> kBuiltIn = {
    ".*",                // dot files: temporary files of many programs, macOS, our own folder
    "thumbs.db",         // made by Explorer, per machine
    "desktop.ini",       // made by Explorer, per machine
    "~$*",               // Office owner files: a copy without the Hidden bit becomes a document
    "~wrl*.tmp",         // Word, while saving
    "*.tmp",             // temporary by name
    "/*/*/thumbnails/",  // cache in patient folders: each site makes its own bytes
    "/dbmlogs/",         // logs of one machine under the same name everywhere …
    "/dropindexlogs/",
    "/querymonitorlogs/",
    "/ehg_history/",
    "/payconnect/recurringchargeresult.txt",
    "/paysimple/recurringchargeresult.txt",
    "/cloudbackupsize",  // of the hosted edition
    "/cloudbackupsize/",
    "/sounds/",       // obsolete
    "/plugins/",      // program code that every workstation runs: "!Plugins/" turns it on
    "$recycle.bin/",  // of a volume's root
    "system volume information/",
    "lost+found/",
};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

// Matches one "[…]" at the start of `glob`; sets `length` to its length, 0 where it is not closed.
bool MatchesClass(std::string_view glob, char c, size_t& length) {
  size_t i = 1;
  bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < glob.size() && (first || glob[i] != ']'); first = false, ++i) {
    if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
      found = found || (glob[i] <= c && c <= glob[i + 2]);
      i += 2;
    } else {
      found = found || glob[i] == c;
    }
  }
  length = i < glob.size() ? i + 1 : 0;
  return found != negated && c != '/';
}

}  // namespace

namespace {

// Where to go on when a star has to take more. Only the last of each kind matters: what an earlier
// one could take, the later one can take as well.
struct Star {
  size_t glob = std::string_view::npos;  // behind it; npos = none
  size_t text = 0;                       // it takes what is before this
  bool whole_names = false;              // "**/": takes whole components
};

// False when it cannot take more.
bool Extend(Star& star, bool deep, std::string_view text) {
  if (star.glob == std::string_view::npos || star.text >= text.size()) return false;
  if (!deep && text[star.text] == '/') return false;
  if (!star.whole_names) {
    ++star.text;
    return true;
  }
  size_t slash = text.find('/', star.text);
  star.text = slash + 1;
  return slash != std::string_view::npos;
}

}  // namespace

bool GlobMatches(std::string_view glob, std::string_view text) {
  size_t g = 0;
  size_t t = 0;
  Star star;  // "*": within one name
  Star deep;  // "**"
  while (t < text.size() || g < glob.size()) {
    if (glob.substr(g).starts_with("**")) {
      bool at_name = g == 0 || glob[g - 1] == '/';
      bool whole_names = at_name && glob.substr(g).starts_with("**/");
      g += whole_names ? 3 : 2;
      deep = {g, t, whole_names};
      star = Star();
      continue;
    }
    if (g < glob.size() && glob[g] == '*') {
      star = {++g, t, false};
      continue;
    }
    if (t < text.size() && g < glob.size()) {
      size_t length = 1;
      bool matches = glob[g] == '?'   ? text[t] != '/'
                     : glob[g] == '[' ? MatchesClass(glob.substr(g), text[t], length)
                                      : glob[g] == text[t];
      if (length == 0) matches = glob[g] == text[t], length = 1;  // "[" that is never closed
      if (matches) {
        g += length;
        ++t;
        continue;
      }
    }
    if (Extend(star, false, text)) {
      g = star.glob;
      t = star.text;
    } else if (Extend(deep, true, text)) {
      g = deep.glob;
      t = deep.text;
      star = Star();
    } else {
      return false;
    }
  }
  return true;
}

IgnoreRules::Rule IgnoreRules::ParseRule(std::string_view pattern) {
  Rule rule;
  if (pattern.starts_with('!')) {
    rule.negated = true;
    pattern.remove_prefix(1);
  }
  if (pattern.ends_with('/')) {
    rule.dirs_only = true;
    pattern.remove_suffix(1);
  }
  rule.anchored = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  rule.glob = Lower(pattern);
  const std::string_view glob = rule.glob;
  const size_t wild = std::min(glob.find_first_of("*?["), glob.size());
  rule.first = glob.substr(0, wild);
  // What is behind the last special character stands for itself. A slash, too: that of "**/" may
  // stand for nothing.
  if (wild < glob.size()) rule.last = glob.substr(glob.find_last_of("*?[]/") + 1);
  return rule;
}

bool IgnoreRules::Matches(const Rule& rule, std::string_view text) {
  if (text.size() < rule.first.size() + rule.last.size() || !text.starts_with(rule.first) ||
      !text.ends_with(rule.last)) {
    return false;
  }
  return GlobMatches(rule.glob, text);
}

IgnoreRules::IgnoreRules(const std::vector<std::string>& patterns) {
  for (const char* pattern : kBuiltIn) Add(pattern);
  for (const std::string& pattern : patterns) {
    if (!pattern.empty() && pattern[0] != '#') Add(pattern);
  }
}

void IgnoreRules::Add(std::string_view pattern) {
  rules_.push_back(ParseRule(pattern));
  text_ += Lower(pattern) + '\n';
}

bool IgnoreRules::Matches(std::string_view path, bool is_dir) const {
  std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 = 0
  bool ignored = false;
  for (const Rule& rule : rules_) {
    if (rule.dirs_only && !is_dir) continue;
    if (rule.negated != ignored) continue;  // would change nothing
    if (Matches(rule, rule.anchored ? path : name)) ignored = !rule.negated;
  }
  return ignored;
}

bool IgnoreRules::Ignored(const RelPath& path, bool is_dir) const {
  if (path.is_root()) return false;
  // Never to be taken back by a "!": our own folder.
  if (path.str() == kOwnFolder) return true;
  return Matches(Lower(path.str()), is_dir);
}

bool IgnoreRules::IgnoredWithin(const RelPath& path, bool is_dir) const {
  if (path.is_root()) return false;
  const std::string_view first = std::string_view(path.str()).substr(0, path.str().find('/'));
  if (first == kOwnFolder) return true;
  // No copy for each ancestor: a peer may name a path with 16,000 of them.
  const std::string whole = Lower(path.str());
  for (size_t slash = whole.find('/'); slash != std::string::npos;
       slash = whole.find('/', slash + 1)) {
    if (Matches(std::string_view(whole).substr(0, slash), true)) return true;
  }
  return Matches(whole, is_dir);
}

}  // namespace atozsync
