// The dashboard's front end, compiled in: what web/CMakeLists.txt built and packed.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace atozsync {

// Valid as long as the program runs.
struct WebFile {
  std::string_view path;        // from the root of the server: "/index.html"
  std::string_view media_type;  // for Content-Type, with its charset
  std::string_view bytes;       // as they are sent
  std::string_view etag;        // quoted, of these bytes
  bool gzip = false;            // bytes are gzip: send Content-Encoding: gzip
};

// Sorted by path within each folder. From any thread.
std::span<const WebFile> WebFiles();

}  // namespace atozsync
