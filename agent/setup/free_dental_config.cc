#include "agent/setup/free_dental_config.h"

#include <algorithm>
#include <pugixml.hpp>

#include "protocol/address.h"
#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr size_t kNameBytesMax = 64;     // MySQL's limit for names
constexpr size_t kServerBytesMax = 255;  // that of host names

// No deeper than FreeDentalConfig::kDepthMax? Walks without recursion.
bool IsShallow(const pugi::xml_document& document) {
  int depth = 0;
  pugi::xml_node node = document.first_child();
  while (node) {
    if (pugi::xml_node child = node.first_child()) {
      if (++depth > FreeDentalConfig::kDepthMax) return false;
      node = child;
      continue;
    }
    while (node && node != document && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (!node || node == document) break;
    node = node.next_sibling();
  }
  return true;
}

std::string Trimmed(const char* text) {
  std::string_view view = text;
  constexpr std::string_view kSpace = " \t\r\n";
  size_t first = view.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(view.substr(first, view.find_last_not_of(kSpace) + 1 - first));
}

bool IsPlainName(const std::string& name, size_t bytes_max) {
  auto plain = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || c == '.' || c == '$';
  };
  return !name.empty() && name.size() <= bytes_max && std::all_of(name.begin(), name.end(), plain);
}

Status CheckKind(const pugi::xml_node& settings) {
  const std::string middle_tier = Trimmed(settings.child("ServerConnection").child_value("URI"));
  if (!middle_tier.empty()) {
    return {Errc::kUnsupported,
            "this workstation goes through Open Dental's middle tier (" + Printable(middle_tier) +
                "): take the FreeDentalConfig.xml of the database server itself"};
  }
  const std::string type = Trimmed(settings.child_value("DatabaseType"));
  if (!type.empty() && type != "MySql") {
    return {Errc::kUnsupported, "the database is of the kind '" + Printable(type) +
                                    "': only MySQL and MariaDB are known"};
  }
  return Status::Ok();
}

// "SERVER" or "SERVER:PORT".
Status ReadServer(const std::string& text, FreeDentalConfig* config) {
  config->server = text;
  if (text.find(':') != std::string::npos) {
    ASSIGN_OR_RETURN(protocol::HostPort parsed, protocol::ParseHostPort(text));
    config->server = parsed.host;
    config->port = parsed.port;
  }
  if (config->port == 0) return {Errc::kInvalid, "ComputerName names port 0"};
  const bool number = protocol::ClassifyAddress(config->server) != protocol::AddressClass::kName;
  if (number || IsPlainName(config->server, kServerBytesMax)) return Status::Ok();
  return {Errc::kInvalid, "ComputerName '" + Printable(text) + "' is no name of a server"};
}

}  // namespace

Result<FreeDentalConfig> ParseFreeDentalConfig(std::string_view xml) {
  if (xml.size() > FreeDentalConfig::kFileBytesMax) {
    return Status(Errc::kInvalid, "longer than 1 MiB: that is not a FreeDentalConfig.xml");
  }
  pugi::xml_document document;
  pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) {
    return Status(Errc::kInvalid, "not XML: " + std::string(parsed.description()) + " (at byte " +
                                      std::to_string(parsed.offset) + ")");
  }
  if (!IsShallow(document)) {
    return Status(Errc::kInvalid, "nested too deep: that is not a FreeDentalConfig.xml");
  }
  const pugi::xml_node settings = document.child("ConnectionSettings");
  if (!settings) {
    return Status(Errc::kInvalid, "has no ConnectionSettings: that is not a FreeDentalConfig.xml");
  }
  TRY(CheckKind(settings));
  const pugi::xml_node connection = settings.child("DatabaseConnection");
  const std::string server = Trimmed(connection.child_value("ComputerName"));
  FreeDentalConfig config;
  config.database = Trimmed(connection.child_value("Database"));
  if (server.empty() || config.database.empty()) {
    return Status(Errc::kUnsupported,
                  "names no DatabaseConnection with ComputerName and Database: write [database] "
                  "into the configuration by hand, and give --root");
  }
  TRY(ReadServer(server, &config));
  if (!IsPlainName(config.database, kNameBytesMax)) {
    return Status(Errc::kInvalid, "Database '" + Printable(config.database) +
                                      "' has characters that no practice's database has");
  }
  return config;
}

Result<FreeDentalConfig> LoadFreeDentalConfig(const std::string& file) {
  ASSIGN_OR_RETURN(std::string text, ReadSmallFile(file, FreeDentalConfig::kFileBytesMax));
  Result<FreeDentalConfig> config = ParseFreeDentalConfig(text);
  if (!config.ok()) return config.status().WithContext(Printable(file));
  return config;
}

}  // namespace atozsync
