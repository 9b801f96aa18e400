#include "agent/control_bridge.h"

#include <httplib.h>

#include <algorithm>

#include "agent/control_routes.h"

namespace atozsync {

namespace {

constexpr int64_t kLineWaitMs = 2'000;
constexpr int kQuietLinesMax = 7;  // then a browser is told that somebody is still there: 14 s
constexpr size_t kReadBytes = size_t{64} << 10;

void StreamLines(const std::shared_ptr<ControlExchange>& exchange, httplib::Response& response) {
  response.set_chunked_content_provider(
      "application/x-ndjson",
      [exchange](size_t, httplib::DataSink& sink) {
        std::optional<std::string> line = exchange->NextLine(kLineWaitMs);
        if (!line) {
          sink.done();
          return true;
        }
        return sink.write(line->data(), line->size());
      },
      [exchange](bool) { exchange->Leave(); });
}

// Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
void StreamEvents(const std::shared_ptr<ControlExchange>& exchange, httplib::Response& response) {
  auto quiet = std::make_shared<int>(0);
  response.set_chunked_content_provider(
      "text/event-stream",
      [exchange, quiet](size_t, httplib::DataSink& sink) {
        std::optional<std::string> line = exchange->NextLine(kLineWaitMs);
        if (!line || exchange->ended()) {
          sink.done();
          return true;
        }
        std::string text;
        if (*line != "\n") {
          text = "event: overview\ndata: " + *line + "\n";
          *quiet = 0;
        } else if (++*quiet >= kQuietLinesMax) {
          text = ": still there\n\n";
          *quiet = 0;
        }
        return text.empty() ? sink.is_writable() : sink.write(text.data(), text.size());
      },
      [exchange](bool) { exchange->Leave(); });
}

void PutRaw(const std::shared_ptr<RawReply>& raw, httplib::Response& response) {
  if (!raw->download_name.empty()) {
    response.set_header("Content-Disposition",
                        "attachment; filename=\"" + raw->download_name + "\"");
  }
  if (raw->untrusted) {
    response.set_header("Content-Security-Policy", "sandbox; default-src 'none'");
  }
  if (raw->file == nullptr || raw->size == 0) {
    response.set_content(raw->text, raw->media_type);
    return;
  }
  response.set_content_provider(
      raw->size, raw->media_type, [raw](size_t offset, size_t length, httplib::DataSink& sink) {
        Bytes buffer(std::min(length, kReadBytes));
        Result<size_t> got = raw->file->ReadAt(offset, buffer);
        if (!got.ok() || *got == 0) return false;  // it became shorter: the connection ends
        return sink.write(reinterpret_cast<const char*>(buffer.data()), *got);
      });
}

}  // namespace

void PutReply(const ControlReply& reply, httplib::Response& response) {
  response.status = reply.http_status;
  if (reply.raw != nullptr) return PutRaw(reply.raw, response);
  response.set_content(Dump(reply.body), "application/json");
}

std::shared_ptr<ControlExchange> ControlBridge::Begin(ControlRequest request) {
  auto exchange = std::make_shared<ControlExchange>();
  std::lock_guard lock(mutex_);
  if (closing_) {
    exchange->Close();
    return exchange;
  }
  std::erase_if(open_, [](const std::weak_ptr<ControlExchange>& open) { return open.expired(); });
  open_.push_back(exchange);
  request.reader = exchange;
  post_([handler = handler_, exchange, answer = Answerer(exchange),
         asked = std::move(request)]() mutable {
    handler->OnControl(
        std::move(asked), [exchange](Json line) { exchange->AddLine(std::move(line)); },
        std::move(answer));
  });
  return exchange;
}

void ControlBridge::Serve(const httplib::Request& request, httplib::Response& response) {
  ControlRequest asked{request.method, PathParts(request.path), Json::object()};
  if (!asked.path.empty() && asked.path.front() == "v1") asked.path.erase(asked.path.begin());
  if (!request.body.empty()) {
    std::optional<Json> body = ParseJson(request.body);
    if (!body || !body->is_object())
      return PutReply(ErrorReply(400, "not a JSON object"), response);
    asked.body = std::move(*body);
  }
  asked.download = request.has_param("download") || FlagAt(asked.body, "download");
  const Route* route = FindRoute(request.method, asked.path);
  const Route::Answer answer = route == nullptr ? Route::Answer::kOnce : route->answer;
  std::shared_ptr<ControlExchange> exchange = Begin(std::move(asked));
  if (answer == Route::Answer::kOnce) {
    return PutReply(exchange->WaitForReply(kAnswerWaitMs), response);
  }
  if (answer == Route::Answer::kEvents) {
    // A refusal has its status, not a stream that ends at once.
    if (std::optional<ControlReply> refused = exchange->WaitForLineOrReply(kAnswerWaitMs)) {
      return PutReply(*refused, response);
    }
    if (lines_ == Lines::kEvents) return StreamEvents(exchange, response);
  }
  StreamLines(exchange, response);
}

void ControlBridge::Close() {
  std::lock_guard lock(mutex_);
  closing_ = true;
  for (const std::weak_ptr<ControlExchange>& open : open_) {
    if (auto exchange = open.lock()) exchange->Close();
  }
}

}  // namespace atozsync
