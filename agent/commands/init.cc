#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/index_setup.h"
#include "agent/service/owner.h"
#include "agent/setup/from_open_dental.h"
#include "protocol/identity.h"
#include "sync/os/open_file_system.h"
#include "sync/os/os_random.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr const char* kDefaultListen = "127.0.0.1:22067";

struct InitOptions {
  std::string root;
  std::string name;
  std::vector<std::string> listen;
  bool allow_public = false;
  std::string dashboard;
  std::string from_open_dental;  // FreeDentalConfig.xml
  std::string database_user = "atozsync";
  std::string password_file;
  DatabaseConfig database;  // as found out
};

bool IsWithin(const std::string& path, const std::string& dir) {
  return path == dir || path.starts_with(dir.ends_with('/') ? dir : dir + "/");
}

Status CheckRoot(const std::string& root, const std::string& state) {
  if (root == "/") {
    return {Errc::kInvalid, "/ cannot be synchronized: give the A to Z folder itself"};
  }
  if (IsWithin(root, state)) {
    return {Errc::kInvalid, "the folder " + Printable(root) + " lies inside the state directory " +
                                Printable(state) + ": choose another --state"};
  }
  if (IsWithin(state, root)) {
    return {Errc::kInvalid, "the state directory " + Printable(state) + " lies inside the folder " +
                                Printable(root) +
                                ", and would be synchronized with it: choose another --state"};
  }
  return Status::Ok();
}

// An init that was stopped half way left an identity behind: it goes on with that.
Result<protocol::Identity> MakeOrLoadIdentity(const StateDir& state) {
  Result<protocol::Identity> made = protocol::CreateIdentity(state.path());
  return made.Is(Errc::kExists) ? protocol::LoadIdentity(state.path()) : made;
}

Status MakeReplica(const StateDir& state, const InitOptions& options, const std::string& root,
                   ReplicaId* id) {
  OsRandom random;
  ASSIGN_OR_RETURN(StateLock lock, StateLock::Acquire(state));
  ASSIGN_OR_RETURN(protocol::Identity identity, MakeOrLoadIdentity(state));
  Bytes key(StateDir::kClusterKeyBytes);
  random.Fill(key);
  TRY(state.WriteClusterKey(key));
  Result<std::string> aside = state.SetIndexAside("unfinished-init", 0);
  if (!aside.ok()) return aside.status();
  TRY(CreateIndex(state, random, {identity.id, 1, true, Authority::kNewest}));
  ASSIGN_OR_RETURN(auto files, OpenFileSystem(root));
  TRY(Replica::InitRoot(*files, identity.id.ToString() + "\n"));
  // Last: a state directory with a configuration is a finished one.
  TRY(WriteSmallFile(state.ConfigFile(),
                     NewConfigText(options.name, root, options.listen, options.allow_public,
                                   options.dashboard, options.database)));
  *id = identity.id;
  // Where the state has a user of its own, and an administrator made the replica for it.
  TRY(GiveToOwnerOf(state.path(), state.path()));
  return GiveToOwnerOf(state.path(), root + "/" + Replica::MarkerPath().parent().str());
}

// Looks before it touches: a directory that is somebody else's keeps its rights.
Result<std::string> PrepareState(const StateDir& state, const std::string& root) {
  bool was_there = PathExists(state.path());
  if (!was_there) TRY(MakePrivateDir(state.path()));
  ASSIGN_OR_RETURN(std::string real, RealPath(state.path()));
  Status fits = CheckRoot(root, real);
  std::error_code unreadable;
  bool ours =
      PathExists(state.LockFile()) || std::filesystem::is_empty(NativePath(real), unreadable);
  if (fits.ok() && !ours) {
    fits = {Errc::kInvalid, "the state directory " + Printable(real) +
                                " holds something else already: choose a new one with --state"};
  }
  if (!fits.ok()) {
    if (!was_there) RemoveDirIfEmpty(real);
    return fits;
  }
  TRY(StateDir(real).Create());
  return real;
}

// What the practice's own settings say, for what was not given.
Status AskOpenDental(InitOptions* options) {
  OpenDentalRequest request;
  request.file = options->from_open_dental;
  request.user = options->database_user;
  request.root = options->root;
  request.machine.names = {HostName()};
  if (!options->password_file.empty()) {
    ASSIGN_OR_RETURN(request.password_file, RealPath(options->password_file));
  }
  ASSIGN_OR_RETURN(OpenDentalSetup setup, SetUpFromOpenDental(request));
  options->root = setup.root;
  if (options->name.empty()) options->name = setup.name;
  options->database = setup.database;
  fmt::print(stderr, "{}", setup.notes);
  return Status::Ok();
}

int Init(const StateDir& state, InitOptions options) {
  if (state.initialized()) {
    return Fail("there is a replica in " + Printable(state.path()) +
                    " already: use it, or give another --state",
                kUsage);
  }
  if (!options.from_open_dental.empty()) {
    Status asked = AskOpenDental(&options);
    if (!asked.ok()) return Fail(asked.error().context, kUsage);
  } else if (options.root.empty()) {
    return Fail(
        "--root is required: give the A to Z folder (or --from-open-dental FreeDentalConfig.xml, "
        "which finds it)",
        kUsage);
  }
  if (!IsDirectory(options.root)) {
    return Fail(
        Printable(options.root) + (PathExists(options.root)
                                       ? ": not a directory: give the A to Z folder"
                                       : ": no such folder: make it first, or correct --root"),
        kUsage);
  }
  if (options.name.empty()) options.name = HostName();
  if (Status name = CheckReplicaName(options.name); !name.ok()) return Fail(name);
  bool default_listen = options.listen.empty();
  if (default_listen) options.listen.push_back(kDefaultListen);
  for (const std::string& address : options.listen) {
    Status usable = CheckListenAddress(address, options.allow_public);
    if (!usable.ok()) return Fail(usable.WithContext("--listen " + address));
  }
  if (!options.dashboard.empty()) {
    Status usable = CheckDashboardAddress(options.dashboard);
    if (!usable.ok()) return Fail(usable.WithContext("--dashboard"));
  }
  Result<std::string> root = RealPath(options.root);
  if (!root.ok()) return Fail(root.status());
  Result<std::string> real_state = PrepareState(state, *root);
  if (!real_state.ok()) return Fail(real_state.status());
  ReplicaId id;
  Status made = MakeReplica(StateDir(*real_state), options, *root, &id);
  if (!made.ok()) return Fail(made);
  fmt::print("{}\n", id.ToString());
  if (default_listen) {
    fmt::print(stderr,
               "Note: this replica listens on {} only, where no other machine reaches it. Set "
               "[network] listen in {} to this machine's address inside the VPN.\n",
               kDefaultListen, state.ConfigFile());
  }
  return kDone;
}

}  // namespace

void AddInit(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* command =
      AddCommand(app, "init", "Make a replica: its state, identity and configuration");
  command->add_option("--root", options->root, "The A to Z folder to keep the same");
  command->add_option("--name", options->name, "Name of this site (default: the machine's name)");
  command->add_option("--listen", options->listen,
                      "HOST:PORT inside the VPN; may be given several times");
  command->add_option("--dashboard", options->dashboard,
                      "HOST:PORT on loopback where browsers of this machine find the dashboard");
  CLI::Option* from =
      command->add_option("--from-open-dental", options->from_open_dental,
                          "FreeDentalConfig.xml of this site's server: finds folder, name and "
                          "database");
  command
      ->add_option("--db-user", options->database_user,
                   "With --from-open-dental: the database user (default: atozsync)")
      ->needs(from);
  command
      ->add_option("--password-file", options->password_file,
                   "With --from-open-dental: the file that holds the user's password")
      ->needs(from);
  command->add_flag("--allow-public", options->allow_public,
                    "Accept a public or wildcard address for --listen");
  command->callback([&line, options] {
    line.run = [options](const StateDir& state) { return Init(state, *options); };
    line.as_owner = false;  // it writes into the folder, too
  });
}

void AddId(CLI::App& app, CommandLine& line) {
  AddCommand(app, "id", "Print this replica's id")->callback([&line] {
    line.run = [](const StateDir& state) -> int {
      if (Status ready = CheckInitialized(state); !ready.ok()) return Fail(ready);
      Result<protocol::Identity> identity = protocol::LoadIdentity(state.path());
      if (!identity.ok()) return Fail(identity.status());
      fmt::print("{}\n", identity->id.ToString());
      return kDone;
    };
  });
}

}  // namespace atozsync
