#include "agent/review/content.h"

#include "agent/media_type.h"

namespace atozsync {

namespace {

ContentFacts Open(FileSystem& files, const ContentRequest& request) {
  ContentFacts facts;
  facts.size = request.size;
  if (!request.place) return facts;
  Result<std::unique_ptr<File>> file = files.OpenRead(*request.place);
  if (!file.ok()) return facts;
  Result<FileStat> stat = (*file)->Stat();
  // Another length: somebody has saved it since, this is another content.
  if (!stat.ok() || stat->size != request.size) return facts;
  Bytes beginning(std::min<uint64_t>(request.size, kMediaTypeBytes));
  Result<size_t> got = (*file)->ReadAt(0, beginning);
  if (!got.ok()) return facts;
  beginning.resize(*got);
  facts.available = true;
  facts.media_type = MediaTypeOf(beginning);
  facts.file = std::move(*file);
  return facts;
}

}  // namespace

void OpenContents(Agent& agent, std::vector<ContentRequest> requests,
                  UniqueFunction<void(std::vector<ContentFacts>)> done) {
  auto facts = std::make_shared<std::vector<ContentFacts>>();
  agent.executor().Run(
      Lane::kWalk,
      [files = agent.files(), requests = std::move(requests), facts] {
        for (const ContentRequest& request : requests) facts->push_back(Open(*files, request));
      },
      [facts, done = std::move(done)]() mutable { done(std::move(*facts)); });
}

Json ContentJson(const ContentFacts& facts) {
  const bool previewable = facts.available && facts.size <= kContentBytesMax && facts.size > 0 &&
                           IsPreviewable(facts.media_type);
  return {{"available", facts.available},
          {"media_type", facts.available ? Json(facts.media_type) : Json()},
          {"size", facts.size},
          {"previewable", previewable}};
}

ControlReply ContentReply(ContentFacts facts, const std::string& name, bool download) {
  if (!facts.available) {
    return ErrorReply(404,
                      "this content is not here, or was changed meanwhile: look at it where it was "
                      "made, or when the replicas are connected");
  }
  if (facts.size > kContentBytesMax) {
    return ErrorReply(400, "more than 256 MiB: copy it with `atozsync restore --to`");
  }
  auto raw = std::make_shared<RawReply>();
  raw->untrusted = true;
  raw->media_type = facts.media_type;
  if (raw->media_type == "text/plain") raw->media_type += "; charset=utf-8";
  if (download || !IsPreviewable(facts.media_type)) {
    raw->download_name = name + std::string(ExtensionOf(facts.media_type));
  }
  raw->size = facts.size;
  raw->file = std::move(facts.file);
  return {200, {}, std::move(raw)};
}

}  // namespace atozsync
