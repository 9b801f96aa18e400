// Codec: the blobs inside index.db (docs/index.md, "Blobs"). Only this program on this machine
// reads them; peers speak protobuf. Decoders accept any bytes: false where they cannot be. What
// decodes as a version is within the bounds of ValidateVersion(): it is sent to peers as it is.
#pragma once

#include "sync/base/bytes.h"
#include "sync/engine/index.h"

namespace atozsync {

// The parts of a version that no query looks at: vector, dot, hlc, chain and acknowledgements. For
// decoding, kind and size are in `version` already: the whole must be a version that can be.
void EncodeHistory(const FileVersion& version, Bytes& out);
bool DecodeHistory(ByteSpan in, FileVersion& version);

// A whole version: kind, size, mtime, hash, history.
Bytes EncodeVersion(const FileVersion& version);
bool DecodeVersion(ByteSpan in, FileVersion& version);

Bytes EncodeStamp(const FileStamp& stamp);
bool DecodeStamp(ByteSpan in, FileStamp& stamp);

// What an intent holds beside its paths: both stamps and the row.
Bytes EncodeIntentPlan(const Intent& intent);
bool DecodeIntentPlan(ByteSpan in, Intent& intent);

}  // namespace atozsync
