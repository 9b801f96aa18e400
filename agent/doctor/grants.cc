#include "agent/doctor/grants.h"

#include <algorithm>
#include <set>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

constexpr size_t kStatementBytesMax = 256 << 10;

struct Token {
  enum Kind { kWord, kQuoted, kText, kMark } kind = kMark;
  std::string text;
};

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '$' || c == '%' || static_cast<unsigned char>(c) >= 0x80;
}

std::string Upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// What stands between two of `quote`, a doubled one inside meaning itself; `at` ends behind it.
std::string TakeQuoted(std::string_view sql, char quote, size_t* at) {
  std::string text;
  for (++*at; *at < sql.size(); ++*at) {
    if (sql[*at] != quote) {
      text += sql[*at];
    } else if (*at + 1 < sql.size() && sql[*at + 1] == quote) {
      text += sql[++*at];
    } else {
      ++*at;
      break;
    }
  }
  return text;
}

std::vector<Token> TokensOf(std::string_view sql) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    if (c == '`') {
      tokens.push_back({Token::kQuoted, TakeQuoted(sql, c, &at)});
    } else if (c == '\'' || c == '"') {
      tokens.push_back({Token::kText, TakeQuoted(sql, c, &at)});
    } else if (IsWordByte(c)) {
      size_t end = at;
      while (end < sql.size() && IsWordByte(sql[end])) ++end;
      tokens.push_back({Token::kWord, std::string(sql.substr(at, end - at))});
      at = end;
    } else {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') tokens.push_back({Token::kMark, {c}});
      ++at;
    }
  }
  return tokens;
}

class GrantReader {
 public:
  explicit GrantReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Grant> Read() {
    if (!TakeWord("GRANT")) return std::nullopt;
    Grant grant;
    // "GRANT `role` TO …" has no ON.
    const bool on = std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) {
      return token.kind == Token::kWord && Upper(token.text) == "ON";
    });
    if (!on) {
      if (Done() || tokens_[at_].text.empty()) return std::nullopt;
      grant.role = tokens_[at_++].text;
      return IsMark(',') || TakeWord("TO") ? std::optional<Grant>(grant) : std::nullopt;
    }
    while (!Done() && !TakeWord("ON")) {
      if (!ReadPrivilege(&grant)) return std::nullopt;
    }
    for (const char* kind : {"TABLE", "PROCEDURE", "FUNCTION", "PACKAGE", "BODY"}) TakeWord(kind);
    if (!ReadObject(&grant)) return std::nullopt;
    grant.may_pass_on = HasGrantOption();
    return grant.privileges.empty() ? std::nullopt : std::optional<Grant>(grant);
  }

 private:
  bool Done() const { return at_ >= tokens_.size(); }
  bool IsMark(char mark) const {
    return !Done() && tokens_[at_].kind == Token::kMark && tokens_[at_].text[0] == mark;
  }
  bool TakeMark(char mark) {
    if (!IsMark(mark)) return false;
    ++at_;
    return true;
  }
  bool TakeWord(const char* word) {
    if (Done() || tokens_[at_].kind != Token::kWord || Upper(tokens_[at_].text) != word) {
      return false;
    }
    ++at_;
    return true;
  }

  bool ReadPrivilege(Grant* grant) {
    std::string name;
    while (!Done() && tokens_[at_].kind == Token::kWord && Upper(tokens_[at_].text) != "ON") {
      name += (name.empty() ? "" : " ") + Upper(tokens_[at_++].text);
    }
    if (name.empty()) return false;
    std::vector<std::string>& columns = grant->privileges[name];
    if (TakeMark('(')) {
      while (!Done() && !TakeMark(')')) {
        if (!TakeMark(',')) columns.push_back(tokens_[at_++].text);
      }
    }
    TakeMark(',');
    return true;
  }

  bool ReadName(std::string* name) {
    if (Done() || tokens_[at_].kind == Token::kText) return false;
    if (tokens_[at_].kind == Token::kMark && !IsMark('*')) return false;
    *name = tokens_[at_++].text;
    return true;
  }

  // A name without a database is a table of the current one: not told apart from a database.
  bool ReadObject(Grant* grant) {
    if (!ReadName(&grant->database)) return false;
    if (TakeMark('.')) return ReadName(&grant->table);
    grant->table = "*";
    return true;
  }

  bool HasGrantOption() const {
    for (size_t i = at_; i + 1 < tokens_.size(); ++i) {
      const bool words = tokens_[i].kind == Token::kWord && tokens_[i + 1].kind == Token::kWord;
      if (words && Upper(tokens_[i].text) == "GRANT" && Upper(tokens_[i + 1].text) == "OPTION") {
        return true;
      }
    }
    return false;
  }

  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

std::string WithoutComments(std::string_view sql) {
  std::string text;
  for (size_t start = 0; start < sql.size();) {
    size_t end = std::min(sql.find('\n', start), sql.size());
    std::string_view line = sql.substr(start, end - start);
    size_t comment = std::min(line.find("-- "), line.size());
    text += std::string(line.substr(0, comment)) + "\n";
    start = end + 1;
  }
  return text;
}

// Spaces and line ends become one space each.
std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
    if (c == ' ' && (line.empty() || line.back() == ' ')) continue;
    line += c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

// A pattern stands for the database when it is its name, the signs for "any" written as themselves.
bool IsDatabase(const std::string& pattern, const std::string& database) {
  std::string plain;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    plain += pattern[i];
  }
  return plain == database;
}

}  // namespace

std::optional<Grant> ParseGrant(std::string_view statement) {
  if (statement.size() > kStatementBytesMax) return std::nullopt;
  return GrantReader(TokensOf(statement)).Read();
}

std::vector<GrantLine> GrantsOfFile(std::string_view sql) {
  std::vector<GrantLine> lines;
  const std::string text = WithoutComments(sql);
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find(';', start), text.size());
    const std::string statement = OneLine(std::string_view(text).substr(start, end - start));
    std::optional<Grant> grant = ParseGrant(statement);
    if (grant) lines.push_back({std::move(*grant), statement + ";"});
    start = end + 1;
  }
  return lines;
}

std::vector<std::string> ExcessOf(const std::vector<Grant>& grants, const std::string& database) {
  // Reading, and looking at replication.
  static const std::set<std::string> kHarmless = {
      "USAGE",           "SELECT",         "REPLICATION CLIENT", "SLAVE MONITOR",
      "REPLICA MONITOR", "BINLOG MONITOR", "SHOW VIEW",          "SHOW DATABASES"};
  std::set<std::string> excess;
  for (const Grant& grant : grants) {
    if (!grant.role.empty()) continue;  // what it allows is listed for itself
    const std::string where = " on " + Printable(grant.database) + "." + Printable(grant.table);
    for (const auto& [privilege, columns] : grant.privileges) {
      if (privilege == "SELECT" && columns.empty() && grant.table == "*") {
        excess.insert(grant.database == "*" || !IsDatabase(grant.database, database)
                          ? "reading everything" + where
                          : "reading every table of " + Printable(database));
      } else if (!kHarmless.contains(privilege)) {
        excess.insert(Printable(privilege) + where);
      }
    }
    if (grant.may_pass_on) excess.insert("passing its rights on (GRANT OPTION)" + where);
  }
  return {excess.begin(), excess.end()};
}

}  // namespace atozsync
