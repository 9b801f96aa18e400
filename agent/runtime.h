// Runtime: one running replica with all its real parts – transport, folder, index, watcher,
// database, engine – built from the configuration and the state directory. Thrown away and built
// anew when one of those changes; destroying it is, for the folder, like a crash. Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/state_dir.h"
#include "protocol/identity.h"
#include "protocol/uv_transport.h"
#include "sync/index/sqlite_index.h"
#include "sync/os/uv_executor.h"

namespace atozsync {

extern const char* const kProgramVersion;

class Runtime {
 public:
  // All outlive the runtime.
  struct Surroundings {
    UvExecutor& executor;
    Random& random;
    const StateDir& state;
    const protocol::Identity& identity;
    ReplicaHost& host;
  };

  // kNotFound: the folder (or the marker in it) is not there: try again later.
  static Result<std::unique_ptr<Runtime>> Start(const Surroundings& around, const Config& config);
  ~Runtime();

  Replica& replica() { return *replica_; }
  FileSystem& files() { return *files_; }
  Index& index() { return *index_; }
  std::vector<std::string> bound_addresses() const { return transport_->bound_addresses(); }

 private:
  Runtime() = default;
  Status Listen(const Surroundings& around, const Config& config);
  Status StartReplica(const Surroundings& around, const Config& config);

  UvExecutor* executor_ = nullptr;
  std::unique_ptr<protocol::UvTransport> transport_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<SqliteIndex> index_;
  std::unique_ptr<HintSource> hints_;
  std::unique_ptr<RowSource> rows_;  // null: no database is configured
  std::unique_ptr<Replica> replica_;
};

}  // namespace atozsync
