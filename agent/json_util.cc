#include "agent/format.h"
#include "agent/json_reports.h"
#include "sync/os/system_files.h"

namespace atozsync {

void PutPath(Json& object, const RelPath& path) {
  std::string printable = path.is_root() ? "." : Printable(path.str());
  if (!path.is_root() && printable != path.str()) object["path_raw"] = ToHex(AsBytes(path.str()));
  object["path"] = std::move(printable);
}

Result<RelPath> PathFrom(const Json& object, const std::string& root) {
  if (std::string raw = TextAt(object, "path_raw"); !raw.empty()) {
    Bytes bytes = FromHex(raw);
    return PathBelowRoot(std::string(AsText(bytes)), root);
  }
  return PathBelowRoot(TextAt(object, "path"), root);
}

Result<RelPath> PathBelowRoot(std::string text, const std::string& root) {
  if (IsAbsolute(text)) {
    const bool inside = text == root || text.starts_with(root.ends_with('/') ? root : root + "/");
    if (!inside) {
      return Status(Errc::kInvalid, Printable(text) + " is not inside the folder " +
                                        Printable(root) +
                                        ": give a path below it, or relative to it");
    }
    text.erase(0, root.size());
  }
  // What a shell's completion leaves behind: "./a", "a/", "/".
  std::string clean;
  for (size_t start = 0; start <= text.size();) {
    size_t slash = std::min(text.find('/', start), text.size());
    std::string part = text.substr(start, slash - start);
    if (!part.empty() && part != ".") clean += (clean.empty() ? "" : "/") + part;
    start = slash + 1;
  }
  return RelPath::Parse(clean);
}

std::string Dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

namespace {

// Copying and writing a value goes as deep into the stack as the value is nested.
bool IsTooDeep(const std::string& text) {
  size_t depth = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kJsonDepthMax) return true;
    } else if (c == ']' || c == '}') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return false;
}

}  // namespace

std::optional<Json> ParseJson(const std::string& text) {
  if (IsTooDeep(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

Json NullIfEmpty(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json TimeOrNull(int64_t wall_ms) {
  return wall_ms == 0 ? Json() : Json(UtcTime(wall_ms));
}

std::string TextAt(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

uint64_t NumberAt(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  // A number that was put in here may be a signed one; one that was parsed and is not negative is
  // not.
  const bool negative = !found->is_number_unsigned() && found->get<int64_t>() < 0;
  return negative ? 0 : found->get<uint64_t>();
}

bool FlagAt(const Json& object, const char* key) {
  if (!object.is_object()) return false;
  auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

Json ListAt(const Json& object, const char* key) {
  if (!object.is_object()) return Json::array();
  auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

}  // namespace atozsync
