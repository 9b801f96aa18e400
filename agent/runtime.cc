#include "agent/runtime.h"

#include <algorithm>

#include "agent/index_setup.h"
#include "agent/membership.h"
#include "database/mariadb_rows.h"
#include "sync/os/open_file_system.h"
#include "sync/os/volume.h"
#include "watcher/make_hint_source.h"

namespace atozsync {

const char* const kProgramVersion = ATOZSYNC_VERSION;

Runtime::~Runtime() {
  if (executor_ == nullptr) return;
  // Jobs on the lanes work on the folder: none may outlive it.
  replica_.reset();
  hints_.reset();
  rows_.reset();
  executor_->DropJobs();
}

Result<std::unique_ptr<Runtime>> Runtime::Start(const Surroundings& around, const Config& config) {
  std::unique_ptr<Runtime> runtime(new Runtime());
  runtime->executor_ = &around.executor;
  ASSIGN_OR_RETURN(runtime->files_, OpenFileSystem(config.root));
  TRY(runtime->Listen(around, config));
  int64_t wall_ms = around.executor.clock().WallMs();
  auto warn = [&](const std::string& text) { around.host.Log(LogLevel::kError, text); };
  ASSIGN_OR_RETURN(runtime->index_, OpenIndex(around.state, around.random, around.identity.id,
                                              !config.peers.empty(), wall_ms, warn));
  TRY(runtime->StartReplica(around, config));
  return runtime;
}

Status Runtime::Listen(const Surroundings& around, const Config& config) {
  protocol::UvTransportOptions options;
  options.allow_public = config.allow_public;
  transport_ = std::make_unique<protocol::UvTransport>(around.executor.raw(), around.executor,
                                                       around.identity, options);
  for (const std::string& address : config.listen) {
    Status listening = transport_->Listen(address);
    if (!listening.ok()) return listening.WithContext("listen on " + address);
  }
  return Status::Ok();
}

namespace {

// Null: no database is configured. One that does not answer is no error: it is asked again.
Result<std::unique_ptr<RowSource>> MakeRowSource(Executor& executor, const Config& config) {
  if (!config.database.configured()) return std::unique_ptr<RowSource>();
  MariaRowsOptions options;
  ASSIGN_OR_RETURN(options.settings, ParseDatabaseUrl(config.database.url));
  options.settings.password_file = config.database.password_file;
  return std::unique_ptr<RowSource>(std::make_unique<MariaRows>(executor, std::move(options)));
}

}  // namespace

Status Runtime::StartReplica(const Surroundings& around, const Config& config) {
  hints_ = MakeHintSource(around.executor.raw(), around.executor, config.root,
                          IsNetworkFileSystem(config.root), WatcherOptions{});
  ReplicaOptions options;
  // Two changes within one step of a coarse volume's times look the same.
  options.racy_window_ms =
      std::max(options.racy_window_ms, 2 * files_->TimeGranularityNs() / 1'000'000);
  options.id = around.identity.id;
  options.name = config.name;
  options.program_version = kProgramVersion;
  ASSIGN_OR_RETURN(options.cluster_secret, around.state.ReadClusterKey());
  options.listen_addresses = transport_->bound_addresses();
  options.ignore = config.ignore;
  options.rescan_interval_ms = config.rescan_interval_ms;
  options.settle_ms = config.settle_ms;
  options.brake = config.brake;
  options.keep_versions_ms = config.keep_versions_ms;
  options.gate_wait_ms = config.database.gate_wait_ms;
  options.gate_wait_of_ms = config.database.gate_wait_of_ms;
  options.letter_folders = true;
  options.vanish_wait_ms = config.database.vanish_wait_ms;
  ASSIGN_OR_RETURN(rows_, MakeRowSource(around.executor, config));
  ASSIGN_OR_RETURN(std::vector<protocol::MemberInfo> removed, LoadRemovedMembers(around.state));
  replica_ = std::make_unique<Replica>(
      Replica::Parts{around.executor.clock(), around.random, around.executor, *files_, *index_,
                     *transport_, *hints_, around.host, rows_.get()},
      std::move(options), config.peers, std::move(removed));
  return replica_->Start();
}

}  // namespace atozsync
