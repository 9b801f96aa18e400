// FreeDentalConfig.xml, the file in which Open Dental keeps how it reaches its database. Only what
// names the server and the database is read; the user and the (obscured) password in it are not.
//
// The file may come from anywhere: its size and depth are bounded, and nothing outside it is ever
// read. Pure function; kUnsupported: a way of connecting that an agent cannot use, with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync {

struct FreeDentalConfig {
  static constexpr size_t kFileBytesMax = 1 << 20;
  static constexpr int kDepthMax = 32;
  static constexpr uint16_t kDefaultPort = 3306;

  std::string server;  // as it stands there: a name or a number
  uint16_t port = kDefaultPort;
  std::string database;
  bool operator==(const FreeDentalConfig&) const = default;
};

Result<FreeDentalConfig> ParseFreeDentalConfig(std::string_view xml);
Result<FreeDentalConfig> LoadFreeDentalConfig(const std::string& file);

}  // namespace atozsync
