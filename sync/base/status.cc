#include "sync/base/status.h"

#include <cerrno>
#include <cstring>

namespace atozsync {

const char* ErrcName(Errc code) {
  switch (code) {
    case Errc::kNotFound: return "not found";
    case Errc::kExists: return "exists";
    case Errc::kChangedUnderneath: return "changed underneath";
    case Errc::kNoSpace: return "no space";
    case Errc::kPermission: return "permission";
    case Errc::kIo: return "input/output";
    case Errc::kCorrupt: return "corrupt";
    case Errc::kProtocol: return "protocol";
    case Errc::kPeerGone: return "peer gone";
    case Errc::kTimeout: return "timeout";
    case Errc::kCancelled: return "cancelled";
    case Errc::kBusy: return "busy";
    case Errc::kInvalid: return "invalid";
    case Errc::kUnsupported: return "unsupported";
  }
  return "unknown";
}

std::string Status::ToString() const {
  return ok() ? "OK" : error_->context;
}

Status Status::WithContext(const std::string& what) const {
  if (ok()) return *this;
  Error error = *error_;
  error.context = what + ": " + error.context;
  return Status(std::move(error));
}

namespace {

constexpr int kQuotaErrno = 122;  // EDQUOT on Linux; not every system's <cerrno> has it

Errc CodeOf(int os_errno) {
  switch (os_errno) {
    case ENOENT:
    case ENOTDIR: return Errc::kNotFound;
    case EEXIST:
    case ENOTEMPTY: return Errc::kExists;
    case ENOSPC:
    case kQuotaErrno: return Errc::kNoSpace;
    case EACCES:
    case EPERM:
    case EROFS: return Errc::kPermission;
    case EBUSY:
    case ETXTBSY:
    case EAGAIN: return Errc::kBusy;
    case ENOSYS:
    case EOPNOTSUPP: return Errc::kUnsupported;
    case ENAMETOOLONG:
    case EINVAL: return Errc::kInvalid;
    case ETIMEDOUT: return Errc::kTimeout;
    case ECONNRESET:
    case ECONNREFUSED:
    case EPIPE: return Errc::kPeerGone;
    default: return Errc::kIo;
  }
}

}  // namespace

Error ErrnoError(int os_errno, std::string context) {
  return Error{CodeOf(os_errno), os_errno, std::move(context) + ": " + std::strerror(os_errno),
               false};
}

}  // namespace atozsync
