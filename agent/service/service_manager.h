// ServiceManager: what keeps the agent running in the background on this system. One implementation
// is built for each (systemd_manager.*), chosen in agent/CMakeLists.txt.
//
// Blocking; not thread-safe. Errors: kUnsupported where this machine is not run by that manager;
// kPermission where more rights are needed; kIo with what the manager said. Each says what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sync/base/status.h"

namespace atozsync {

// All paths are absolute and without links.
struct ServiceSetup {
  std::string program;  // empty: the one that runs
  std::string state;
  std::string root;             // the folder
  std::string password_file;    // of the database; may be empty
  bool public_network = false;  // it may exchange with addresses outside private networks
};

struct ServiceState {
  bool installed = false;
  bool enabled = false;  // begins with the machine
  bool running = false;
  int64_t pid = 0;
  std::string word;    // the manager's own: "active (running)", "failed (exit-code)"
  std::string status;  // what the agent said of itself last
};

class ServiceManager {
 public:
  static std::unique_ptr<ServiceManager> OfThisSystem();
  virtual ~ServiceManager() = default;

  // Registers it, to begin with the machine, or changes what was registered; does not start it.
  // Lists the files that it wrote.
  virtual Result<std::vector<std::string>> Install(const ServiceSetup& setup) = 0;
  // Stops it and takes back what Install() did. State and folder stay.
  virtual Status Uninstall() = 0;
  virtual Status Start() = 0;
  virtual Status Stop() = 0;
  virtual Result<ServiceState> State() = 0;
  // Which of these directories the service as it is registered cannot write to. Empty: none, or
  // nothing is registered.
  virtual std::vector<std::string> OutOfReach(const std::vector<std::string>& dirs) = 0;

  // For messages: how a person gives `command` with the rights that it needs here, and how what the
  // service said last is read.
  virtual std::string HowTo(const std::string& command) const = 0;
  virtual std::string HowToReadLog() const = 0;
};

}  // namespace atozsync
