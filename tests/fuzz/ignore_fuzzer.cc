// What is not synchronized: the matcher agrees with a second one that is slow and simple, our own
// folder is always left out, and letter case does not matter.
//
// The input: number of patterns, each pattern as a text, then the path.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/engine/ignore.h"
#include "tests/fuzz/input.h"

namespace atozsync {
namespace {

struct Token {
  enum class Kind { kByte, kAny, kSet, kStar, kDeep, kNames } kind = Kind::kByte;
  std::string set;  // kByte: one; kSet: the bytes in it
};

// "[…]" at the start of `glob`: its bytes and its length, 0 where it is not closed.
size_t ReadSet(std::string_view glob, std::string* set) {
  size_t i = 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool in[256] = {};
  const size_t begin = i;
  while (i < glob.size() && (i == begin || glob[i] != ']')) {
    const bool range = i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']';
    const char last = range ? glob[i + 2] : glob[i];
    for (int c = -128; c < 128; ++c) {
      if (glob[i] <= c && c <= last) in[static_cast<uint8_t>(c)] = true;
    }
    i += range ? 3 : 1;
  }
  if (i >= glob.size()) return 0;
  for (int c = 0; c < 256; ++c) {
    if (in[c] != negated && c != '/') set->push_back(static_cast<char>(c));
  }
  return i + 1;
}

std::vector<Token> Tokens(std::string_view glob) {
  std::vector<Token> tokens;
  bool at_name = true;
  while (!glob.empty()) {
    Token token{Token::Kind::kByte, std::string(1, glob[0])};
    size_t length = 1;
    if (at_name && glob.starts_with("**/")) {
      token.kind = Token::Kind::kNames;
      length = 3;
    } else if (glob.starts_with("**")) {
      token.kind = Token::Kind::kDeep;
      length = 2;
    } else if (glob[0] == '*') {
      token.kind = Token::Kind::kStar;
    } else if (glob[0] == '?') {
      token.kind = Token::Kind::kAny;
    } else if (std::string set; glob[0] == '[' && (length = ReadSet(glob, &set)) > 0) {
      token = {Token::Kind::kSet, set};
    }
    length = std::max<size_t>(length, 1);
    at_name = glob[length - 1] == '/';
    glob.remove_prefix(length);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

// reached[i]: the tokens so far can match the first i bytes.
using Reached = std::vector<bool>;

Reached Step(const Token& token, const Reached& from, std::string_view text) {
  Reached to(text.size() + 1, false);
  for (size_t i = 0; i <= text.size(); ++i) {
    if (!from[i]) continue;
    switch (token.kind) {
      case Token::Kind::kByte:
      case Token::Kind::kSet:
        if (i < text.size() && token.set.find(text[i]) != std::string::npos) to[i + 1] = true;
        break;
      case Token::Kind::kAny:
        if (i < text.size() && text[i] != '/') to[i + 1] = true;
        break;
      case Token::Kind::kStar:
        for (size_t j = i; to[j] = true, j < text.size() && text[j] != '/'; ++j) continue;
        break;
      case Token::Kind::kDeep:
        for (size_t j = i; j <= text.size(); ++j) to[j] = true;
        break;
      case Token::Kind::kNames:
        to[i] = true;
        for (size_t j = i; j < text.size(); ++j) {
          if (text[j] == '/') to[j + 1] = true;
        }
        break;
    }
  }
  return to;
}

bool SlowlyMatches(std::string_view glob, std::string_view text) {
  Reached reached(text.size() + 1, false);
  reached[0] = true;
  for (const Token& token : Tokens(glob)) reached = Step(token, reached, text);
  return reached[text.size()];
}

std::string Upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

bool WithinByAncestors(const IgnoreRules& rules, const RelPath& path, bool is_dir) {
  RelPath at;
  for (const std::string_view name : path.components()) {
    at = at.Child(name);
    if (rules.Ignored(at, is_dir || at != path)) return true;
  }
  return false;
}

void CheckRules(const std::vector<std::string>& patterns, const RelPath& path) {
  const IgnoreRules rules(patterns);
  const IgnoreRules none;
  const RelPath own = RelPath::Trusted(kOwnFolder);
  CHECK(rules.Ignored(own, true) && rules.IgnoredWithin(own.Child("staging"), false));
  CHECK(!rules.Ignored(RelPath(), true));
  for (const bool is_dir : {false, true}) {
    CHECK(rules.IgnoredWithin(path, is_dir) == WithinByAncestors(rules, path, is_dir));
    const Result<RelPath> upper = RelPath::Parse(Upper(path.str()));
    if (upper.ok() && !upper->IsBelow(own) && *upper != own) {
      CHECK(none.Ignored(path, is_dir) == none.Ignored(*upper, is_dir));
    }
  }
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  Input input(data, size);
  std::vector<std::string> patterns(input.Byte() % 5);
  for (std::string& pattern : patterns) pattern = input.Text();
  const std::string_view rest = AsText(input.rest());
  for (const std::string& pattern : patterns) {
    CHECK(GlobMatches(pattern, rest) == SlowlyMatches(pattern, rest));
  }
  const Result<RelPath> path = RelPath::Parse(rest);
  if (path.ok()) CheckRules(patterns, *path);
  return 0;
}
