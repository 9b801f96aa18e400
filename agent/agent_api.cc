#include "agent/agent_api.h"

#include <algorithm>
#include <charconv>

#include "agent/control_routes.h"
#include "agent/membership.h"
#include "agent/review/content.h"
#include "protocol/address.h"

namespace atozsync {

namespace {

constexpr size_t kPathsMax = 1000;   // of one resync
constexpr size_t kHeldMax = 10'000;  // entries of one answer

}  // namespace

void AgentApi::OnControl(ControlRequest request, Line line, Done done) {
  if (FindRoute(request.method, request.path) == nullptr) {
    const bool other_method = IsRoutePath(request.path);
    return done(ErrorReply(
        other_method ? 405 : 404,
        other_method ? "not with this method" : "there is no such request in this version"));
  }
  if (ServeHealth(request, line, done) || ServeProgram(request, done)) return;
  Replica* replica = agent_.replica();
  if (replica == nullptr) {
    return done(
        ErrorReply(503, "the agent cannot work at the moment: " + agent_.report().last_error));
  }
  if (ServeReplica(*replica, request, line, done) || ServeHeld(*replica, request, done) ||
      ServePath(*replica, request, done)) {
    return;
  }
  done(ErrorReply(404, "there is no such request in this version"));
}

// What is looked at all the time.
bool AgentApi::ServeHealth(ControlRequest& request, Line& line, Done& done) {
  const std::string what = request.Word(0);
  if (what == "status") {
    done({200, health_.StatusNow()});
  } else if (what == "overview") {
    done({200, health_.Overview()});
  } else if (what == "traffic") {
    done({200, health_.Traffic()});
  } else if (what == "metrics") {
    auto raw = std::make_shared<RawReply>();
    raw->media_type = "text/plain; version=0.0.4; charset=utf-8";
    raw->text = health_.Metrics();
    done({200, {}, std::move(raw)});
  } else if (what == "events") {
    health_.Watch(std::move(request.reader), std::move(line), std::move(done));
  } else {
    return false;
  }
  return true;
}

// What works without a folder too.
bool AgentApi::ServeProgram(const ControlRequest& request, Done& done) {
  const std::string what = request.Word(0);
  if (what == "settled" && agent_.replica() == nullptr) {
    done({200, {{"settled", false}}});
  } else if (what == "pause" || what == "resume") {
    done(ReplyOf(agent_.SetPaused(what == "pause")));
  } else if (what == "reload") {
    done(ReplyOf(agent_.Reload()));
  } else if (what == "join") {
    done(Join(request.body));
  } else if (what == "ui-token") {
    done(UiToken());
  } else if (what == "peers") {
    done(ServePeers(request));
  } else {
    return false;
  }
  return true;
}

bool AgentApi::ServeReplica(Replica& replica, const ControlRequest& request, const Line& line,
                            Done& done) {
  const std::string what = request.Word(0);
  if (what == "settled") {
    replica.CheckSettled([done = std::move(done)](bool settled) mutable {
      done({200, {{"settled", settled}}});
    });
  } else if (what == "resync") {
    Resync(replica, request.body, line, std::move(done));
  } else if (what == "verify-db") {
    VerifyDatabase(request, line, std::move(done));
  } else if (what == "search") {
    search_.Serve(request.body, std::move(done));
  } else {
    return review_.Serve(replica, request, done);
  }
  return true;
}

// GET held[/AT MOST SO MANY], POST held/release, POST held/revert.
bool AgentApi::ServeHeld(Replica& replica, const ControlRequest& request, Done& done) {
  if (request.Word(0) != "held") return false;
  const std::string what = request.Word(1);
  if (request.method == "GET") {
    size_t limit = kHeldMax;
    auto [end, error] = std::from_chars(what.data(), what.data() + what.size(), limit);
    if (!what.empty() && (error != std::errc() || end != what.data() + what.size())) return false;
    Json list = Json::array();
    for (const HeldFile& held : replica.Held(std::min(limit, kHeldMax))) {
      list.push_back(HeldJson(held));
    }
    done({200, std::move(list)});
    return true;
  }
  if (what != "release" && what != "revert") return false;
  Result<RelPath> path = PathFrom(request.body, agent_.config().root);
  if (!path.ok()) {
    done(ReplyOf(path.status()));
    return true;
  }
  Status decided = what == "release" ? replica.ReleaseHeld(*path) : replica.RevertHeld(*path);
  if (decided.ok()) {
    agent_.Log(LogLevel::kInfo, "held " + Printable(*path) +
                                    (what == "release" ? ": released" : ": reverted") +
                                    " by a person");
  }
  done(ReplyOf(decided));
  return true;
}

// Requests about one path.
bool AgentApi::ServePath(Replica& replica, const ControlRequest& request, Done& done) {
  const std::string what = request.Word(0);
  if (what != "history" && what != "restore" && what != "explain" && what != "version-file" &&
      what != "version-content") {
    return false;
  }
  Result<RelPath> path = PathFrom(request.body, agent_.config().root);
  if (!path.ok()) {
    done(ReplyOf(path.status()));
    return true;
  }
  const std::string version = TextAt(request.body, "version");
  if (what == "version-content") {
    VersionContent(replica, *path, request, std::move(done));
  } else if (what == "history") {
    done({200, HistoryJson(*path, replica.History(*path))});
  } else if (what == "restore") {
    replica.Restore(*path, version,
                    [done = std::move(done)](Status status) mutable { done(ReplyOf(status)); });
  } else if (what == "version-file") {
    Result<RelPath> file = replica.VersionFile(*path, version);
    if (!file.ok()) {
      done(ReplyOf(file.status()));
    } else {
      Json reply;
      PutPath(reply, *file);
      done({200, std::move(reply)});
    }
  } else {
    replica.Explain(*path,
                    [done = std::move(done), names = agent_.names()](ExplainReport report) mutable {
                      done({200, ExplainJson(report, names)});
                    });
  }
  return true;
}

ControlReply AgentApi::ServePeers(const ControlRequest& request) {
  if (request.method == "GET") {
    return {200, StatusJson(agent_.facts(), agent_.report())["peers"]};
  }
  if (request.Word(1) == "remove") {
    return ReplyOf(agent_.RemovePeer(TextAt(request.body, "peer")));
  }
  Result<protocol::MemberInfo> member = MemberFrom(request.body);
  if (!member.ok()) return ReplyOf(member.status());
  for (const std::string& address : member->addresses) {
    Result<protocol::HostPort> parsed = protocol::ParseHostPort(address);
    if (!parsed.ok()) return ReplyOf(parsed.status());
  }
  return ReplyOf(agent_.AddPeer({member->id, member->name, member->addresses}));
}

ControlReply AgentApi::Join(const Json& body) {
  ClusterToJoin cluster;
  cluster.secret = FromHex(TextAt(body, "secret"));
  Result<Authority> authority = ParseAuthority(TextAt(body, "authority"));
  if (!authority.ok()) return ReplyOf(authority.status());
  cluster.authority = *authority;
  for (const Json& entry : ListAt(body, "members")) {
    Result<protocol::MemberInfo> member = MemberFrom(entry);
    if (!member.ok()) return ReplyOf(member.status());
    cluster.members.push_back(std::move(*member));
  }
  return ReplyOf(agent_.Join(cluster));
}

// One at a time: two would double the load on the practice's server.
void AgentApi::VerifyDatabase(const ControlRequest& request, const Line& line, Done done) {
  const DatabaseConfig& database = agent_.config().database;
  if (!database.configured()) {
    return done(ErrorReply(400,
                           "no [database] is configured: add it to the configuration, then run "
                           "`atozsync verify-db` again"));
  }
  if (verify_ != nullptr) {
    return done(ErrorReply(503, "such a report is being made already: wait for it to end"));
  }
  VerifyRequest wanted;
  Result<DatabaseSettings> settings = ParseDatabaseUrl(database.url);
  if (!settings.ok()) return done(ReplyOf(settings.status()));
  wanted.settings = std::move(*settings);
  wanted.settings.password_file = database.password_file;
  wanted.cluster = FlagAt(request.body, "cluster");
  wanted.limit = NumberAt(request.body, "limit");
  verify_ = std::make_unique<VerifyRun>(agent_, std::move(wanted), line, request.reader,
                                        [this, done = std::move(done)](ControlReply reply) mutable {
                                          std::unique_ptr<VerifyRun> ended = std::move(verify_);
                                          done(std::move(reply));
                                        });
}

void AgentApi::Resync(Replica& replica, const Json& body, const Line& line, Done done) {
  ResyncOptions options;
  options.verify = FlagAt(body, "verify");
  options.dry_run = FlagAt(body, "dry_run");
  const Json paths = ListAt(body, "paths");
  if (paths.size() > kPathsMax) return done(ErrorReply(400, "more than 1000 paths"));
  for (const Json& entry : paths) {
    Result<RelPath> path = PathFrom(entry, agent_.config().root);
    if (!path.ok()) return done(ReplyOf(path.status()));
    options.paths.push_back(std::move(*path));
  }
  if (std::string wanted = TextAt(body, "peer"); !wanted.empty()) {
    for (const PeerConfig& peer : agent_.config().peers) {
      if (peer.name == wanted || peer.id.ToString() == wanted) options.peer = peer.id;
    }
    if (!options.peer) {
      return done(ErrorReply(404, "there is no peer called '" + Printable(wanted) +
                                      "': `atozsync peers list` shows them"));
    }
  }
  replica.Resync(
      std::move(options),
      [line](const std::string& text) {
        line({{"progress", text}});
      },
      [done = std::move(done)](ResyncReport report) mutable {
        done({200, ResyncJson(report)});
      });
}

void AgentApi::VersionContent(Replica& replica, const RelPath& path, const ControlRequest& request,
                              Done done) {
  const std::string version = TextAt(request.body, "version");
  for (const HistoryEntry& entry : replica.History(path)) {
    if (entry.id != version || entry.version.kind != VersionKind::kFile) continue;
    Result<RelPath> place = replica.VersionFile(path, version);
    if (!place.ok()) return done(ReplyOf(place.status()));
    return OpenContents(agent_, {{*place, entry.version.size}},
                        [download = request.download,
                         done = std::move(done)](std::vector<ContentFacts> facts) mutable {
                          done(ContentReply(std::move(facts[0]), "version", download));
                        });
  }
  done(ErrorReply(404, Printable(path) + ": has no version '" + Printable(version) +
                           "' with content: see `atozsync history`"));
}

ControlReply AgentApi::UiToken() {
  const Json dashboard = health_.dashboard_state ? health_.dashboard_state() : Json();
  if (!dashboard.is_object()) {
    return ErrorReply(400,
                      "no dashboard is configured: add [dashboard] with listen = "
                      "\"127.0.0.1:22068\" to the configuration, then restart the agent or send it "
                      "SIGHUP");
  }
  const std::string address = TextAt(dashboard, "address");
  if (address.empty()) return ErrorReply(503, TextAt(dashboard, "problem"));
  return {200,
          {{"url", "http://" + address},
           {"token", sessions_.MintToken()},
           {"expires_s", Sessions::kTokenMs / 1000}}};
}

}  // namespace atozsync
