#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/service/open_browser.h"

namespace atozsync {

namespace {

int Ui(const StateDir& state, bool print) {
  if (Status ready = CheckInitialized(state); !ready.ok()) return Fail(ready);
  Result<Config> config = LoadConfig(state.ConfigFile());
  if (!config.ok()) return Fail(config.status());
  if (config->dashboard.listen.empty()) {
    return Fail("no dashboard is configured: add these lines to " + Printable(state.ConfigFile()) +
                    ", then restart the agent or send it SIGHUP:\n\n[dashboard]\nlisten = "
                    "\"127.0.0.1:22068\"\n",
                kUsage);
  }
  Result<Json> answer = ControlClient(state).Call("POST", "/v1/ui-token");
  if (!answer.ok()) return Fail(answer.status());
  const std::string address = TextAt(*answer, "url") + "/#token=" + TextAt(*answer, "token");
  if (!print) {
    Status opened = OpenInBrowser(address);
    if (opened.ok()) {
      fmt::print("Opened the dashboard at {} in the browser.\n", TextAt(*answer, "url"));
      return kDone;
    }
    fmt::print(stderr, "{}: open this address in a browser of this machine, within {} minutes.\n",
               opened.error().context, NumberAt(*answer, "expires_s") / 60);
  }
  fmt::print("{}\n", address);
  return kDone;
}

}  // namespace

void AddUi(CLI::App& app, CommandLine& line) {
  auto print = std::make_shared<bool>(false);
  CLI::App* command =
      AddCommand(app, "ui", "Open the dashboard in the browser: health, conflicts, history");
  command->add_flag("--print", *print, "Print its address, which works once, instead");
  command->callback(
      [&line, print] { line.run = [print](const StateDir& state) { return Ui(state, *print); }; });
}

}  // namespace atozsync
