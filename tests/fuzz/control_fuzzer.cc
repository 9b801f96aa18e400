// The body of a request on the control socket, read as every command's would be: no value of any
// type upsets a reader, paths stay below the folder, members come back as they were written.
#include <algorithm>
#include <cstdint>
#include <string>

#include "agent/control_exchange.h"
#include "agent/json_reports.h"
#include "agent/membership.h"
#include "sync/base/bytes.h"

namespace atozsync {
namespace {

const char kRoot[] = "/srv/OpenDentImages";

void CheckPath(const Json& object) {
  const Result<RelPath> path = PathFrom(object, kRoot);
  if (!path.ok()) return;
  Json again;
  PutPath(again, *path);
  CHECK(again["path"].get<std::string>().find_first_of("\r\n") == std::string::npos);
  const Result<RelPath> back = PathFrom(again, kRoot);
  CHECK(back.ok() && *back == *path);
  if (!path->is_root()) {
    const Result<RelPath> absolute = PathBelowRoot(std::string(kRoot) + "/" + path->str(), kRoot);
    CHECK(absolute.ok() && *absolute == *path);
  }
}

void CheckMember(const Json& object) {
  const Result<protocol::MemberInfo> member = MemberFrom(object);
  if (!member.ok()) return;
  const Result<protocol::MemberInfo> again = MemberFrom(MemberJson(*member));
  CHECK(again.ok() && *again == *member);
}

size_t Depth(const Json& value) {
  if (!value.is_structured()) return 0;
  size_t below = 0;
  for (const Json& entry : value) below = std::max(below, Depth(entry));
  return 1 + below;
}

// Goes through a value as the requests do.
void CheckValue(const Json& body) {
  CheckPath(body);
  CheckMember(body);
  for (const char* key : {"paths", "members", "addresses", "removed", "peer", "verify"}) {
    TextAt(body, key);
    NumberAt(body, key);
    FlagAt(body, key);
    for (const Json& entry : ListAt(body, key)) {
      CheckPath(entry);
      CheckMember(entry);
    }
  }
}

// Lines and a last reply, as a stream gives them to a client.
void CheckStream(const Json& body) {
  ControlExchange exchange;
  exchange.AddLine(body);
  exchange.Answer({404, {{"error", body}}});
  exchange.Answer({200, Json::object()});  // too late: the first one holds
  const std::optional<std::string> line = exchange.NextLine(0);
  CHECK(line && line->find('\n') == line->size() - 1 && ParseJson(*line) == body);
  const std::optional<std::string> last = exchange.NextLine(0);
  CHECK(last && last->find('\n') == last->size() - 1);
  const std::optional<Json> reply = ParseJson(*last);
  if (Depth(body) == kJsonDepthMax) return;  // one object around it is too much
  CHECK(reply && (*reply)["error"] == body && (*reply)["http_status"] == 404);
  CHECK(!exchange.NextLine(0));
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::optional<Json> body = ParseJson(std::string(AsText({data, size})));
  if (!body) return 0;
  CHECK(Depth(*body) <= kJsonDepthMax);  // or copying it would end the stack
  const std::string written = Dump(*body);
  const std::optional<Json> again = ParseJson(written);
  CHECK(again && Dump(*again) == written);
  CheckValue(*body);
  CheckStream(*again);
  return 0;
}
