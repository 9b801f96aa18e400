#include "agent/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>

#include "agent/service/journal.h"
#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: break;
  }
  return spdlog::level::err;
}

// "<6>": how the journal learns of the level (sd-daemon(3)).
class JournalLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& line, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const char level = line.level == spdlog::level::debug  ? '7'
                       : line.level == spdlog::level::info ? '6'
                       : line.level == spdlog::level::warn ? '4'
                                                           : '3';
    for (char c : {'<', level, '>'}) out.push_back(c);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalLevel>();
  }
};

spdlog::sink_ptr StderrSink(bool journal) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (journal) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<JournalLevel>('*').set_pattern("%*%v");
    sink->set_formatter(std::move(formatter));
  } else {
    sink->set_pattern("%H:%M:%S %l %v");
  }
  return sink;
}

spdlog::sink_ptr FileSink(const std::string& file) {
  spdlog::file_event_handlers handlers;
  // Also after a rotation, when the file is a new one.
  handlers.before_open = [](const spdlog::filename_t& name) {
    MakePrivateFile(name).IgnoreError();  // what cannot be made cannot be opened either
  };
  auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      file, Logger::kFileBytesMax, Logger::kFilesMax - 1, false, handlers);
  sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  return sink;
}

bool MayStay(std::string_view word) {
  while (!word.empty() && std::string_view(".,:;!?").find(word.back()) != word.npos) {
    word.remove_suffix(1);
  }
  return std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '(' || c == ')' ||
           c == '\'';
  });
}

}  // namespace

Logger::Logger(std::shared_ptr<spdlog::logger> logger, bool redact)
    : logger_(std::move(logger)), redact_(redact) {}

Result<std::unique_ptr<Logger>> Logger::Open(const LogConfig& config,
                                             const std::string& default_file) {
  const bool journal = StderrIsJournal();
  const std::string file = config.file.empty() && !journal ? default_file : config.file;
  if (file == default_file) TRY(MakePrivateDir(file.substr(0, file.rfind('/'))));
  // The library reports errors by exceptions: they end here.
  try {
    std::vector<spdlog::sink_ptr> sinks = {StderrSink(journal)};
    if (!file.empty()) sinks.push_back(FileSink(file));
    auto logger = std::make_shared<spdlog::logger>("atozsync", sinks.begin(), sinks.end());
    logger->set_level(LevelOf(config.level));
    logger->flush_on(spdlog::level::debug);
    return std::unique_ptr<Logger>(new Logger(std::move(logger), config.redact));
  } catch (const spdlog::spdlog_ex& error) {
    return Status(Errc::kIo, std::string("open the log: ") + error.what());
  }
}

void Logger::Log(LogLevel level, const std::string& text) {
  // One line each, whatever a file is called.
  logger_->log(LevelOf(level), "{}", Printable(redact_ ? Redacted(text) : text));
}

std::string Redacted(const std::string& text) {
  static constexpr const char* kHidden = "[…]";
  std::string out;
  bool hidden_before = false;
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find(' ', start), text.size());
    std::string_view word = std::string_view(text).substr(start, end - start);
    bool stays = MayStay(word);
    if (start == 0 && !word.empty()) {
      std::string lower(word);
      if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] + 32);
      stays = MayStay(lower);
    }
    if (stays || !hidden_before) {
      if (!out.empty()) out += ' ';
      out += stays ? std::string(word) : kHidden;
    }
    hidden_before = !stays;
    start = end + 1;
  }
  return out;
}

}  // namespace atozsync
