#include "agent/commands/command.h"

#include <fmt/core.h>

#include <cstdio>

#include "sync/base/rel_path.h"
#include "sync/os/process.h"
#include "sync/os/system_files.h"

namespace atozsync {

CLI::App* AddCommand(CLI::App& parent, const std::string& name, const std::string& what) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->fallthrough();
  return command;
}

int Fail(const Status& status) {
  switch (status.code()) {
    case Errc::kPeerGone: return Fail(status.error().context, kNotRunning);
    case Errc::kInvalid:
    case Errc::kUnsupported:
    case Errc::kNotFound: return Fail(status.error().context, kUsage);
    case Errc::kTimeout: return Fail(status.error().context, kTimeUp);
    default: return Fail(status.error().context, kFailed);
  }
}

int Fail(const std::string& text, ExitCode code) {
  std::fflush(stdout);
  fmt::print(stderr, "atozsync: {}\n", text);
  return code;
}

Status CheckInitialized(const StateDir& state) {
  if (state.initialized()) return Status::Ok();
  return {Errc::kInvalid, "there is no replica in " + Printable(state.path()) +
                              ": make one with `atozsync init --root FOLDER`, or name its state "
                              "directory with --state"};
}

std::string HostName() {
  std::string name = MachineName();
  return name.empty() ? "replica" : name;
}

Json PathArgument(const std::string& typed) {
  const std::string text = CleanName(typed);
  if (Printable(text) == text) return {{"path", text}};
  return {{"path_raw", ToHex(AsBytes(text))}};
}

void PrintJson(const Json& json) {
  fmt::print("{}\n", Dump(json, 2));
}

ProgressLine::ProgressLine() : terminal_(IsTerminal(Stream::kError)) {}

void ProgressLine::Show(const std::string& text) {
  if (text == last_) return;
  last_ = text;
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", text);
    std::fflush(stderr);
    shown_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

void ProgressLine::Clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace atozsync
