#include "agent/config_edit.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

namespace atozsync {

namespace {

struct LineRange {
  size_t first = 0;  // counted from 1
  size_t last = 0;
};

// The lines from the [[peer]] header to the end of the block's last value.
std::optional<LineRange> FindPeer(const toml::table& document, const ReplicaId& id) {
  const toml::array* peers = document["peer"].as_array();
  if (peers == nullptr) return std::nullopt;
  for (const toml::node& node : *peers) {
    const toml::table* peer = node.as_table();
    if (peer == nullptr) continue;
    Result<ReplicaId> found = ReplicaId::Parse((*peer)["id"].value_or(std::string()));
    if (!found.ok() || *found != id) continue;
    LineRange range{peer->source().begin.line, peer->source().begin.line};
    for (const auto& [key, value] : *peer) {
      range.last = std::max<size_t>(range.last, value.source().end.line);
    }
    return range;
  }
  return std::nullopt;
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string TomlText(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string TomlTexts(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + TomlText(text);
  return "[" + out + "]";
}

std::string WithPeer(std::string_view config_text, const PeerConfig& peer) {
  std::string out(config_text);
  if (!out.empty() && out.back() != '\n') out.push_back('\n');
  out += fmt::format("\n[[peer]]\nname = {}\nid = {}\naddresses = {}\n", TomlText(peer.name),
                     TomlText(peer.id.ToString()), TomlTexts(peer.addresses));
  return out;
}

Result<std::string> WithoutPeer(std::string_view config_text, const ReplicaId& id) {
  std::optional<LineRange> range;
  // The library reports errors by exceptions: they end here.
  try {
    range = FindPeer(toml::parse(config_text), id);
  } catch (const toml::parse_error& error) {
    return Status(Errc::kInvalid,
                  fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
  if (!range) return std::string(config_text);
  std::string out;
  size_t number = 0;
  while (!config_text.empty()) {
    size_t end = config_text.find('\n');
    std::string_view line = config_text.substr(0, end == std::string_view::npos ? end : end + 1);
    config_text.remove_prefix(line.size());
    ++number;
    if (number >= range->first && number <= range->last) continue;
    // The empty line that WithPeer() put before its block goes too.
    bool before_block = number + 1 == range->first && IsBlank(line) && !out.empty();
    if (!before_block) out += line;
  }
  return out;
}

}  // namespace atozsync
