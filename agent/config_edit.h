// Edits of the configuration file that leave a person's comments and order alone: blocks are added
// at the end or cut out as text. Pure functions; the caller writes the result (WriteSmallFile).
#pragma once

#include <string>
#include <string_view>

#include "sync/base/status.h"
#include "sync/engine/replica.h"

namespace atozsync {

// A TOML basic string, quotes included.
std::string TomlText(std::string_view text);
std::string TomlTexts(const std::vector<std::string>& texts);

std::string WithPeer(std::string_view config_text, const PeerConfig& peer);
// Unchanged when there is no such peer. An error: `config_text` is not TOML.
Result<std::string> WithoutPeer(std::string_view config_text, const ReplicaId& id);

}  // namespace atozsync
