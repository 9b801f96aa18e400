// Logger: the agent's log file (mode 0600, rotated: 5 files of 10 MB) and stderr. Where stderr is
// the system's journal, which keeps order itself, there is no file but one that is configured. Loop
// thread only.
//
// Names of files can be names of patients: the log is for the practice's own administrator. With
// `redact`, whatever could be a name is replaced (Redacted()); what is left can be shown to others
// after a look at it.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "agent/config.h"
#include "sync/base/status.h"

namespace atozsync {

class Logger {
 public:
  static constexpr size_t kFileBytesMax = 10u << 20;
  static constexpr size_t kFilesMax = 5;

  // `default_file` is used when `config` names none and no journal takes the lines; its directory
  // is made.
  static Result<std::unique_ptr<Logger>> Open(const LogConfig& config,
                                              const std::string& default_file);
  void Log(LogLevel level, const std::string& text);

 private:
  Logger(std::shared_ptr<spdlog::logger> logger, bool redact);

  std::shared_ptr<spdlog::logger> logger_;
  bool redact_;
};

// Keeps words of small letters and plain numbers, and the first word; everything else – anything
// with a capital, a slash, a dot inside, or letters beyond ASCII – becomes "[…]". Cautious, not
// perfect: a name in small letters only stays.
std::string Redacted(const std::string& text);

}  // namespace atozsync
