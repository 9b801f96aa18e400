// SystemdManager: the service atozsync.service under systemd, through systemctl.
//
// The unit comes with the package. Where there is none (a program that was built and copied),
// Install() writes the same unit. What it adds in every case is a drop-in: which folder and which
// state the service may see, as whom it runs, and what the rights of new files are
// (docs/packaging.md).
#pragma once

#include <string>
#include <vector>

#include "agent/service/service_manager.h"

namespace atozsync {

class SystemdManager final : public ServiceManager {
 public:
  struct Places {
    std::string own = "/etc/systemd/system";  // the machine's own units and drop-ins
    std::vector<std::string> packaged = {"/lib/systemd/system", "/usr/lib/systemd/system"};
  };

  SystemdManager() = default;
  explicit SystemdManager(Places places) : places_(std::move(places)) {}

  Result<std::vector<std::string>> Install(const ServiceSetup& setup) override;
  Status Uninstall() override;
  Status Start() override;
  Status Stop() override;
  Result<ServiceState> State() override;
  std::vector<std::string> OutOfReach(const std::vector<std::string>& dirs) override;
  std::string HowTo(const std::string& command) const override { return "sudo " + command; }
  std::string HowToReadLog() const override { return "journalctl -u atozsync -n 20"; }

  std::string DropInFile() const;

 private:
  std::string OwnUnitFile() const;
  bool IsPackaged() const;

  const Places places_;
};

// As whom the service runs, and what new files in the folder are to everybody else.
struct ServiceRights {
  std::string user;   // whom the state belongs to
  std::string group;  // of the folder
  unsigned umask = 0007;
};
// The text of the drop-in.
std::string DropInText(const ServiceSetup& setup, const ServiceRights& rights);
// `path` as a value in a unit file: quoted, and '%' is no specifier. Without quotes, colons and
// backslashes: Install() refuses those.
std::string UnitPath(const std::string& path);
// As the package brings it.
extern const char* const kPackagedUnit;

}  // namespace atozsync
