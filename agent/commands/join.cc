#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/invitation.h"
#include "agent/join_adopt.h"
#include "agent/join_client.h"
#include "agent/membership.h"
#include "agent/own_addresses.h"
#include "agent/preview.h"
#include "protocol/uv_transport.h"
#include "sync/os/open_file_system.h"
#include "sync/os/os_random.h"
#include "sync/os/process.h"

namespace atozsync {

namespace {

constexpr size_t kListedMax = 100;  // names per group in the text of a preview

struct JoinOptions {
  std::string token;
  std::string authority = "newest";
  bool preview = false;
  bool json = false;
};

// Everything that was read before the first byte goes out.
struct Joining {
  Config config;
  protocol::Identity identity;
  Invitation invitation;
  Authority authority = Authority::kNewest;
};

Result<Joining> Prepare(const StateDir& state, const JoinOptions& options, int64_t wall_ms) {
  TRY(CheckInitialized(state));
  Joining joining;
  ASSIGN_OR_RETURN(joining.config, LoadConfig(state.ConfigFile()));
  ASSIGN_OR_RETURN(joining.identity, protocol::LoadIdentity(state.path()));
  ASSIGN_OR_RETURN(joining.invitation, ParseInvitation(options.token));
  ASSIGN_OR_RETURN(joining.authority, ParseAuthority(options.authority));
  TRY(CheckNotExpired(joining.invitation, wall_ms));
  TRY(CheckMayJoin(joining.config));
  if (joining.invitation.inviter == joining.identity.id) {
    return Status(Errc::kInvalid,
                  "this invitation was made by this very replica: use it on the "
                  "other one");
  }
  return joining;
}

Result<JoinAnswer> Ask(UvExecutor& executor, const StateDir& state, const Joining& joining,
                       bool preview) {
  protocol::UvTransport transport(executor.raw(), executor, joining.identity);
  protocol::JoinRequest request;
  request.secret.assign(joining.invitation.secret.begin(), joining.invitation.secret.end());
  request.name = joining.config.name;
  request.addresses = OwnAddresses(state, joining.config);
  request.preview = preview;
  JoinClient client(executor, transport, joining.invitation, std::move(request));
  return client.Run();
}

// The running agent takes over by itself; without one this process does it.
Status Adopt(UvExecutor& executor, const StateDir& state, const Joining& joining,
             const protocol::JoinReply& reply) {
  ControlClient agent(state);
  if (agent.AgentIsRunning()) {
    Json members = Json::array();
    for (const protocol::MemberInfo& member : reply.members) members.push_back(MemberJson(member));
    return agent
        .Call("POST", "/v1/join",
              {{"secret", ToHex(reply.cluster_secret)},
               {"authority", AuthorityName(joining.authority)},
               {"members", std::move(members)}})
        .status();
  }
  ASSIGN_OR_RETURN(StateLock lock, StateLock::Acquire(state));
  OsRandom random;
  return AdoptCluster(state, random, joining.identity.id,
                      {reply.cluster_secret, reply.members, joining.authority},
                      executor.clock().WallMs());
}

void PrintGroup(const char* title, const std::vector<RelPath>& paths) {
  fmt::print("{}: {}\n", title, paths.size());
  for (size_t i = 0; i < paths.size() && i < kListedMax; ++i) {
    fmt::print("  {}\n", Printable(paths[i]));
  }
  if (paths.size() > kListedMax) {
    fmt::print("  … and {} more (--json lists all)\n", paths.size() - kListedMax);
  }
}

Json PathsJson(const std::vector<RelPath>& paths) {
  Json list = Json::array();
  for (const RelPath& path : paths) {
    Json entry;
    PutPath(entry, path);
    list.push_back(std::move(entry));
  }
  return list;
}

void PrintPreview(const PreviewReport& report, const std::string& inviter, bool json) {
  if (json) {
    PrintJson({{"inviter", inviter},
               {"equal", report.equal},
               {"only_here", PathsJson(report.only_here)},
               {"only_there", PathsJson(report.only_there)},
               {"different", PathsJson(report.different)},
               {"unreadable", report.unreadable}});
    return;
  }
  fmt::print("Compared with {}. Nothing was changed, and the invitation can still be used.\n",
             Printable(inviter));
  fmt::print("Equal files: {}\n", report.equal);
  PrintGroup("Only here (will be sent)", report.only_here);
  PrintGroup("Only there (will be fetched)", report.only_there);
  PrintGroup("Different (--authority decides, every loser is kept)", report.different);
  for (const std::string& text : report.unreadable) {
    fmt::print("Could not be read: {}\n", Printable(text));
  }
}

int Preview(const Joining& joining, const JoinAnswer& answer, bool json) {
  Result<std::unique_ptr<FileSystem>> files = OpenFileSystem(joining.config.root);
  if (!files.ok()) return Fail(files.status());
  ProgressLine progress;
  Result<PreviewReport> report = ComparePreview(
      **files, joining.config.ignore, answer.reply.cluster_secret, answer.rows,
      [&](uint64_t looked_at) { progress.Show(fmt::format("compared {} files", looked_at)); });
  progress.Clear();
  if (!report.ok()) return Fail(report.status());
  PrintPreview(*report, answer.reply.name, json);
  return report->different.empty() && report->unreadable.empty() ? kDone : kNeedsPerson;
}

int Join(const StateDir& state, const JoinOptions& options) {
  IgnoreBrokenPipes();
  UvExecutor executor(1);
  Result<Joining> joining = Prepare(state, options, executor.clock().WallMs());
  if (!joining.ok()) return Fail(joining.status());
  Result<JoinAnswer> answer = Ask(executor, state, *joining, options.preview);
  // An inviter that cannot be reached is not the same as an agent that is not running here.
  if (!answer.ok()) return Fail(answer.error().context, kFailed);
  if (answer->reply.cluster_secret.size() != StateDir::kClusterKeyBytes) {
    return Fail("the inviting replica sent no usable cluster secret: are both of the same version?",
                kFailed);
  }
  if (options.preview) return Preview(*joining, *answer, options.json);
  Status adopted = Adopt(executor, state, *joining, answer->reply);
  if (!adopted.ok()) {
    return Fail(adopted.error().context + " (the invitation is used up: make a new one)", kFailed);
  }
  if (options.json) {
    Json members = Json::array();
    for (const protocol::MemberInfo& member : answer->reply.members) {
      if (!member.removed) members.push_back(MemberJson(member));
    }
    PrintJson({{"inviter", answer->reply.name}, {"members", std::move(members)}});
  } else {
    fmt::print(
        "Joined the cluster of {}. `atozsync status --watch` shows how the first "
        "comparison goes.\n",
        Printable(answer->reply.name));
  }
  return kDone;
}

}  // namespace

void AddJoin(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<JoinOptions>();
  CLI::App* command = AddCommand(app, "join", "Pair with the replica that made the invitation");
  command->add_option("token", options->token, "The word that `invite` printed")->required();
  command->add_flag("--preview", options->preview,
                    "Only show what is equal, only here, only there or different");
  command
      ->add_option("--authority", options->authority,
                   "Who wins where files differ: inviter, mine or newest (default)")
      ->check(CLI::IsMember({"inviter", "mine", "newest"}));
  command->add_flag("--json", options->json, "As JSON");
  command->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Join(state, *options); };
  });
}

}  // namespace atozsync
