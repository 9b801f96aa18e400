// Messages for tests: one fixed example of each kind, and any number of random ones.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/messages.h"

namespace atozsync::protocol {

// One of each kind, in the order of `Message`: those of the worked example in docs/protocol.md.
std::vector<Message> SampleMessages();
// Within all bounds; the same for the same seed.
Message RandomMessage(uint64_t seed);
FileVersion SampleVersion();

}  // namespace atozsync::protocol
