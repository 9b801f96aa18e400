#include "protocol/uv_error.h"

#include <uv.h>

namespace atozsync::protocol {
namespace {

Errc CodeOf(int error) {
  switch (error) {
    case UV_ENOENT:
    case UV_ENOTDIR: return Errc::kNotFound;
    case UV_EEXIST: return Errc::kExists;
    case UV_ENOSPC: return Errc::kNoSpace;
    case UV_EACCES:
    case UV_EPERM:
    case UV_EROFS: return Errc::kPermission;
    case UV_ETIMEDOUT: return Errc::kTimeout;
    case UV_ECANCELED: return Errc::kCancelled;
    case UV_EADDRINUSE: return Errc::kBusy;
    case UV_EADDRNOTAVAIL:
    case UV_EINVAL: return Errc::kInvalid;
    case UV_EOF:
    case UV_EPIPE:
    case UV_ECONNRESET:
    case UV_ECONNABORTED:
    case UV_ECONNREFUSED:
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_ENOTCONN:
    case UV_EAI_AGAIN:
    case UV_EAI_FAIL:
    case UV_EAI_NODATA:
    case UV_EAI_NONAME: return Errc::kPeerGone;
    default: return Errc::kIo;
  }
}

}  // namespace

Status UvError(int error, const std::string& context) {
  return Error{CodeOf(error), -error, context + ": " + uv_strerror(error), false};
}

}  // namespace atozsync::protocol
