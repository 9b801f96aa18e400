#include "agent/control_handler.h"

namespace atozsync {

ControlReply ErrorReply(int http_status, const std::string& text) {
  return {http_status, {{"error", text}}};
}

ControlReply ReplyOf(const Status& status) {
  if (status.ok()) return {200, Json::object()};
  int http_status = 500;
  switch (status.code()) {
    case Errc::kInvalid:
    case Errc::kUnsupported: http_status = 400; break;
    case Errc::kNotFound: http_status = 404; break;
    case Errc::kBusy:
    case Errc::kTimeout: http_status = 503; break;
    default: break;
  }
  return ErrorReply(http_status, status.error().context);
}

}  // namespace atozsync
