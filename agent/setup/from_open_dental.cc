#include "agent/setup/from_open_dental.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/setup/free_dental_config.h"
#include "agent/setup/practice.h"
#include "protocol/address.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr const char* kOwnServer = "127.0.0.1";

std::string UrlEscaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '_' || c == '-' || c == '.';
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return escaped;
}

std::string Lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool IsThisMachine(const std::string& server, const ThisMachine& machine) {
  if (protocol::ClassifyAddress(server) == protocol::AddressClass::kLoopback) return true;
  return std::any_of(machine.names.begin(), machine.names.end(),
                     [&](const std::string& name) { return Lowered(name) == Lowered(server); });
}

std::string UrlOf(const FreeDentalConfig& config, const OpenDentalRequest& request) {
  const std::string host =
      IsThisMachine(config.server, request.machine) ? kOwnServer : config.server;
  return "mariadb://" + UrlEscaped(request.user) + "@" +
         protocol::FormatHostPort({host, config.port}) + "/" + UrlEscaped(config.database);
}

}  // namespace

Result<OpenDentalSetup> SetUpFromOpenDental(const OpenDentalRequest& request) {
  ASSIGN_OR_RETURN(FreeDentalConfig config, LoadFreeDentalConfig(request.file));
  OpenDentalSetup setup;
  setup.database.url = UrlOf(config, request);
  setup.database.password_file = request.password_file;
  ASSIGN_OR_RETURN(DatabaseSettings settings, ParseDatabaseUrl(setup.database.url));
  settings.password_file = request.password_file;
  if (!settings.is_local()) {
    setup.notes += "Note: the database server " + Printable(config.server) +
                   " is another machine. The agent belongs on the machine of each site's own "
                   "server, where it asks that server.\n";
  }
  ASSIGN_OR_RETURN(std::unique_ptr<DatabaseConnection> connection,
                   DatabaseConnection::Open(settings));
  ASSIGN_OR_RETURN(PracticeFacts facts, ReadPractice(*connection));
  TRY(CheckFolderUsed(facts));
  setup.root = request.root;
  if (setup.root.empty()) {
    ASSIGN_OR_RETURN(ImageRoot root, FindImageRoot(facts, request.machine, IsDirectory));
    setup.root = root.path;
    setup.notes +=
        "The A to Z folder is " + Printable(root.path) + ", as " + root.source + " says.\n";
  }
  const ServerRow* own = OwnServer(facts);
  if (own != nullptr && CheckReplicaName(own->description).ok()) setup.name = own->description;
  setup.notes += PeerSuggestions(facts);
  return setup;
}

}  // namespace atozsync
