#include "sync/os/posix_error.h"

namespace atozsync {

Error PathError(int os_errno, const char* doing, const RelPath& path) {
  Error error = ErrnoError(os_errno, std::string(doing) + " '" + Printable(path) + "'");
  switch (os_errno) {
    case ELOOP:  // O_NOFOLLOW met a link
    case ENXIO:  // a socket, or a device without driver
    case EISDIR: error.code = Errc::kInvalid; break;
    case EXDEV:
      error.code = Errc::kUnsupported;
      error.context += "; keep everything below the root on one volume";
      break;
    case EMFILE:
    case ENFILE:
      error.code = Errc::kBusy;
      error.context += "; raise the limit of open files (LimitNOFILE) if this stays";
      break;
    case EACCES:
    case EPERM: error.context += "; give the agent's account access to it"; break;
    default: break;
  }
  return error;
}

Error DirError(int os_errno, const char* doing, const RelPath& path) {
  Error error = PathError(os_errno, doing, path);
  if (os_errno == ELOOP) error.code = Errc::kNotFound;
  return error;
}

}  // namespace atozsync
