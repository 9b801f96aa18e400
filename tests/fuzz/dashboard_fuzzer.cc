// What a browser sends, and what lies in the folder: the head of a request, the questions of the
// review, the address of an alert, the kind of a content. Lines: host, origin, cookie, content
// type, path; all of it is read as JSON, as an address and as a content, too.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/control_routes.h"
#include "agent/dashboard/request_guard.h"
#include "agent/health/traffic.h"
#include "agent/media_type.h"
#include "agent/review/questions.h"
#include "sync/base/check.h"

namespace atozsync {
namespace {

constexpr char kAddress[] = "127.0.0.1:22068";

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void CheckHeads(const std::vector<std::string>& lines) {
  auto line = [&](size_t i) { return i < lines.size() ? lines[i] : std::string(); };
  RequestHead head;
  head.method = "POST";
  head.hosts = {line(0)};
  if (!line(1).empty()) head.origins = {line(1)};
  head.cookie = line(2);
  head.content_type = line(3);
  head.content_length = "1";
  head.path = line(4);
  if (!CheckHead(head, {"127.0.0.1", 22068})) {
    const std::string host = Lower(line(0));
    CHECK(host == kAddress || host == "localhost:22068");
    CHECK(line(1).empty() || Lower(line(1)).starts_with("http://127.0.0.1:") ||
          Lower(line(1)).starts_with("http://localhost:"));
    CHECK(Lower(line(3)).starts_with("application/json"));
  }
  const std::string cookie = SessionCookieIn(line(2));
  CHECK(cookie.find(';') == std::string::npos);
  CHECK(cookie.empty() || line(2).find("atozsync_session=" + cookie) != std::string::npos);
  for (const std::string& part : PathParts(line(4))) {
    CHECK(!part.empty() && part.find('/') == std::string::npos);
  }
  FindRoute("GET", PathParts(line(4)));
}

void CheckAlertUrl(const std::string& text) {
  const Result<AlertUrl> url = ParseAlertUrl(text);
  if (!url.ok()) return;
  CHECK(url->port != 0 && url->path.starts_with("/"));
  const protocol::AddressClass kind = protocol::ClassifyAddress(url->host);
  CHECK(kind == protocol::AddressClass::kLoopback || kind == protocol::AddressClass::kPrivate);
  CHECK(url->path.find_first_of(" \r\n") == std::string::npos);
}

void CheckQuestions(const std::string& text) {
  const std::optional<Json> body = ParseJson(text);
  if (!body) return;
  const Result<ConflictFilter> filter = ParseConflictFilter(*body, {{7, "north"}});
  if (filter.ok()) CHECK(filter->limit > 0 && filter->text.size() <= 1024);
  const Result<std::vector<ReviewDecision>> decisions =
      ParseDecisions(ListAt(*body, "decisions"), 10);
  if (decisions.ok()) CHECK(decisions->size() <= 10);
  TrafficLog traffic;
  traffic.Load(*body, 1'800'000'000'000);
  CHECK(traffic.samples().size() <= TrafficLog::kSamplesMax);
}

void CheckContent(ByteSpan bytes) {
  const std::string type = MediaTypeOf(bytes);
  CHECK(type.find("html") == std::string::npos && type.find("svg") == std::string::npos &&
        type.find("xml") == std::string::npos && type.find("script") == std::string::npos);
  CHECK(ExtensionOf(type).front() == '.');
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string text(AsText({data, size}));
  std::vector<std::string> lines(1);
  for (char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  CheckHeads(lines);
  CheckAlertUrl(lines.front());
  CheckQuestions(text);
  CheckContent({data, size});
  if (Result<int64_t> time_ms = ParseUtcTime(lines.front()); time_ms.ok()) {
    CHECK(*time_ms % 1000 == 0);
  }
  return 0;
}
