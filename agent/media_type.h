// What kind of content bytes are, told from the bytes alone: what a browser may show. Never a type
// in which something could run (HTML, SVG). Pure function.
#pragma once

#include <string>
#include <string_view>

#include "sync/base/bytes.h"

namespace atozsync {

// The beginning that MediaTypeOf() wants to see, where there is so much.
inline constexpr size_t kMediaTypeBytes = 4096;

// "image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff", "application/pdf",
// "application/dicom", "text/plain", or "application/octet-stream".
std::string MediaTypeOf(ByteSpan beginning);
// Can the review show it?
bool IsPreviewable(std::string_view media_type);
// For the name of a download: ".jpg", …, ".bin".
std::string_view ExtensionOf(std::string_view media_type);

}  // namespace atozsync
