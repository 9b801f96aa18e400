#include "agent/review/conflict_review.h"

#include <algorithm>

#include "agent/conflict_export.h"
#include "agent/format.h"
#include "agent/review/content.h"
#include "agent/review/questions.h"

namespace atozsync {

namespace {

ControlReply NoSuchConflict(const ContentHash& id) {
  return ErrorReply(404, "there is no conflict " + id.ToHex() + ": it may be decided already");
}

// Answers when the last of several has come.
struct Gathering {
  size_t waiting = 0;
  Json results = Json::array();
  std::vector<ContentHash> done_ids;
  UniqueFunction<void(Gathering&)> done;
  void Note(size_t number, const ContentHash& id, const Status& status) {
    results[number]["ok"] = status.ok();
    if (status.ok()) done_ids.push_back(id);
    if (!status.ok()) results[number]["error"] = status.error().context;
    Arrived();
  }
  void Arrived() {
    if (--waiting == 0) done(*this);
  }
};

constexpr size_t kPerTurn = 10;

using One = std::function<void(Replica&, size_t)>;

// Calls one(…, i) for each i from `next` on, a few in a turn of the loop: each may wait for the
// disk. REQUIRES: all->waiting counts one for this, beside those to come.
void InTurns(Agent& agent, const std::shared_ptr<Gathering>& all, const One& one, size_t next) {
  const size_t count = all->results.size();
  Replica* replica = agent.replica();
  if (replica == nullptr) return;  // whoever asked hears that the agent starts over
  const size_t end = std::min(next + kPerTurn, count);
  for (; next < end; ++next) one(*replica, next);
  if (next == count) return all->Arrived();
  agent.executor().Post([&agent, all, one, next] { InTurns(agent, all, one, next); });
}

}  // namespace

bool ConflictReview::Serve(Replica& replica, const ControlRequest& request,
                           ControlHandler::Done& done) {
  const std::string what = request.Word(0);
  if (what == "export") {
    Export(replica, request.Word(1), std::move(done));
  } else if (what == "undo") {
    Undo(replica, TextAt(request.body, "undo"), std::move(done));
  } else if (what != "conflicts") {
    return false;
  } else if (request.path.size() == 1) {
    done({200, List(replica)});
  } else if (request.path.size() == 2 && request.method == "POST") {
    if (request.Word(1) == "query")
      done(Query(replica, request.body));
    else if (request.Word(1) == "preview")
      done(Preview(replica, request.body));
    else
      Resolve(request.body, std::move(done));
  } else {
    return ServeOne(replica, request, done);
  }
  return true;
}

bool ConflictReview::ServeOne(Replica& replica, const ControlRequest& request,
                              ControlHandler::Done& done) {
  Result<ContentHash> id = ContentHash::Parse(request.Word(1));
  if (!id.ok()) {
    done(ReplyOf(id.status()));
    return true;
  }
  if (request.Word(2) == "resolve") {
    Result<Keep> keep = ParseKeep(TextAt(request.body, "keep"));
    if (!keep.ok()) {
      done(ReplyOf(keep.status()));
      return true;
    }
    replica.ResolveConflict(*id, *keep, [done = std::move(done)](const Status& status) mutable {
      done(ReplyOf(status));
    });
    return true;
  }
  std::optional<ConflictRecord> record = replica.Conflict(*id);
  if (!record) {
    done(NoSuchConflict(*id));
  } else if (request.Word(2) == "content") {
    Content(replica, *record, request.Word(3), request.download, std::move(done));
  } else {
    Show(replica, *record, std::move(done));
  }
  return true;
}

Json ConflictReview::List(Replica& replica) {
  Json list = Json::array();
  const ReplicaNames names = agent_.names();
  for (const ConflictRecord& record : replica.Conflicts()) {
    list.push_back(ConflictJson(record, replica.ConflictKeptAt(record), names));
  }
  return list;
}

ControlReply ConflictReview::Query(Replica& replica, const Json& body) {
  const ReplicaNames names = agent_.names();
  Result<ConflictFilter> filter = ParseConflictFilter(body, names);
  if (!filter.ok()) return ReplyOf(filter.status());
  filter->limit = std::min(filter->limit, kPageMax);
  const ConflictPage page = replica.FindConflicts(*filter);
  Json list = Json::array();
  for (const ConflictRecord& record : page.records) {
    list.push_back(ConflictJson(record, replica.ConflictKeptAt(record), names));
  }
  Json offices = Json::array();
  for (const auto& [prefix, name] : names) offices.push_back(name);
  std::sort(offices.begin(), offices.end());
  Json kinds = Json::array();
  for (ConflictKind kind : kConflictKinds) kinds.push_back(ConflictKindName(kind));
  return {200,
          {{"total", page.total},
           {"offset", filter->offset},
           {"conflicts", std::move(list)},
           {"offices", std::move(offices)},
           {"kinds", std::move(kinds)}}};
}

void ConflictReview::Show(Replica& replica, const ConflictRecord& record,
                          ControlHandler::Done done) {
  Json reply = {{"conflict", ConflictJson(record, replica.ConflictKeptAt(record), agent_.names())},
                {"undo", replica.CheckUndo(record).ok() ? Json(record.id.ToHex()) : Json()}};
  std::vector<ContentRequest> sides;
  for (const FileVersion* side : {&record.winner, &record.loser}) {
    sides.push_back({replica.ContentPlace(record.path, *side), side->size});
  }
  OpenContents(agent_, std::move(sides),
               [this, path = record.path, reply = std::move(reply),
                done = std::move(done)](const std::vector<ContentFacts>& facts) mutable {
                 reply["winner"] = ContentJson(facts[0]);
                 reply["loser"] = ContentJson(facts[1]);
                 documents_.Ask(path, [reply = std::move(reply), done = std::move(done)](
                                          const std::optional<DocumentFact>& fact) mutable {
                   reply["document"] = DocumentJson(fact);
                   done({200, std::move(reply)});
                 });
               });
}

void ConflictReview::Content(Replica& replica, const ConflictRecord& record,
                             const std::string& side, bool download, ControlHandler::Done done) {
  if (side != "winner" && side != "loser") return done(ErrorReply(404, "winner or loser"));
  const FileVersion& version = side == "winner" ? record.winner : record.loser;
  OpenContents(agent_, {{replica.ContentPlace(record.path, version), version.size}},
               [name = record.id.ToHex().substr(0, 12) + "-" + side, download,
                done = std::move(done)](std::vector<ContentFacts> facts) mutable {
                 done(ContentReply(std::move(facts[0]), name, download));
               });
}

ControlReply ConflictReview::Preview(Replica& replica, const Json& body) {
  Result<Keep> keep = ParseKeep(TextAt(body, "keep"));
  if (!keep.ok()) return ReplyOf(keep.status());
  const Json ids = ListAt(body, "ids");
  if (ids.size() > kIdsMax) return ErrorReply(400, "more than 1000 ids");
  Json items = Json::array();
  for (const Json& entry : ids) {
    Result<ContentHash> id = ContentHash::Parse(entry.is_string() ? entry.get<std::string>() : "");
    if (!id.ok()) return ReplyOf(id.status());
    items.push_back(PreviewJson(*id, *keep, replica.PreviewDecision(*id, *keep)));
  }
  return {200, {{"items", std::move(items)}}};
}

void ConflictReview::Resolve(const Json& body, ControlHandler::Done done) {
  Result<std::vector<ReviewDecision>> decisions =
      ParseDecisions(ListAt(body, "decisions"), kIdsMax);
  if (!decisions.ok()) return done(ReplyOf(decisions.status()));
  auto gathering = std::make_shared<Gathering>();
  gathering->waiting = decisions->size() + 1;  // InTurns() itself
  for (const ReviewDecision& decision : *decisions) {
    gathering->results.push_back({{"id", decision.id.ToHex()}, {"ok", false}, {"error", nullptr}});
  }
  gathering->done = [this, done = std::move(done)](Gathering& all) mutable {
    Json undo;
    if (!all.done_ids.empty()) {
      undo = "decision-" + std::to_string(++last_undo_);
      decided_.push_back({undo.get<std::string>(), all.done_ids});
      if (decided_.size() > kUndosMax) decided_.pop_front();
      agent_.Log(LogLevel::kInfo, Count(all.done_ids.size(), "conflict was", "conflicts were") +
                                      " decided by a person");
    }
    done({200, {{"results", std::move(all.results)}, {"undo", std::move(undo)}}});
  };
  One one = [gathering, list = std::move(*decisions)](Replica& replica, size_t i) {
    replica.ResolveConflict(
        list[i].id, list[i].keep,
        [gathering, i, id = list[i].id](const Status& status) { gathering->Note(i, id, status); });
  };
  InTurns(agent_, gathering, one, 0);
}

// `undo`: of a decision about many, or a conflict's id.
void ConflictReview::Undo(Replica& replica, const std::string& undo, ControlHandler::Done done) {
  std::vector<ContentHash> ids;
  auto many = std::find_if(decided_.begin(), decided_.end(),
                           [&](const Decided& decided) { return decided.undo == undo; });
  if (many != decided_.end()) {
    ids = many->ids;
  } else if (Result<ContentHash> id = ContentHash::Parse(undo); id.ok()) {
    ids = {*id};
  } else {
    return done(ErrorReply(404,
                           "that decision is not remembered any more: take it back conflict by "
                           "conflict"));
  }
  auto gathering = std::make_shared<Gathering>();
  gathering->waiting = ids.size() + 1;  // InTurns() itself
  for (const ContentHash& id : ids) {
    std::optional<ConflictRecord> record = replica.Conflict(id);
    Json result = {{"id", id.ToHex()}, {"path", nullptr}, {"ok", false}, {"error", nullptr}};
    if (record) PutPath(result, record->path);
    gathering->results.push_back(std::move(result));
  }
  gathering->done = [done = std::move(done)](Gathering& all) mutable {
    done({200, {{"results", std::move(all.results)}}});
  };
  One one = [gathering, list = std::move(ids)](Replica& now, size_t i) {
    now.UndoDecision(list[i], [gathering, i, id = list[i]](const Status& status) {
      gathering->Note(i, id, status);
    });
  };
  InTurns(agent_, gathering, one, 0);
}

void ConflictReview::Export(Replica& replica, const std::string& name, ControlHandler::Done done) {
  struct Work {
    Json list;
    ExportFacts facts;
    std::string text;
  };
  const bool csv = name == "conflicts.csv";
  auto work = std::make_shared<Work>();
  work->list = List(replica);
  work->facts = {agent_.config().name, UtcTime(agent_.executor().clock().WallMs())};
  agent_.executor().Run(
      Lane::kHash,
      [work, csv] {
        work->text = csv ? ConflictsCsv(work->list) : ConflictsHtml(work->list, work->facts);
      },
      [work, csv, name, done = std::move(done)]() mutable {
        auto raw = std::make_shared<RawReply>();
        raw->media_type = csv ? "text/csv; charset=utf-8" : "text/html; charset=utf-8";
        raw->download_name = name;
        raw->untrusted = true;
        raw->text = std::move(work->text);
        done({200, {}, std::move(raw)});
      });
}

}  // namespace atozsync
