// The commands and options of this very program as JSON. Manual pages and completions are made from
// it when the package is built (packaging/manual), so that they cannot fall behind.
#include "agent/commands/command.h"

namespace atozsync {

namespace {

// "{winner,loser,both}" is how the library writes a choice.
Json ChoicesOf(const std::string& type) {
  Json choices = Json::array();
  if (type.size() < 2 || type.front() != '{' || type.find('}') == type.npos) return choices;
  const std::string inside = type.substr(1, type.find('}') - 1);
  for (size_t start = 0; start <= inside.size();) {
    const size_t end = std::min(inside.find(',', start), inside.size());
    choices.push_back(inside.substr(start, end - start));
    start = end + 1;
  }
  return choices;
}

Json OptionJson(const CLI::Option& option) {
  Json names = Json::array();
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  const std::string type = option.get_type_name().substr(option.get_type_name().rfind(':') + 1);
  return {{"names", std::move(names)},
          {"argument", option.get_positional() ? Json(option.get_single_name()) : Json()},
          {"about", option.get_description()},
          {"takes_value", option.get_items_expected_max() > 0},
          {"many", option.get_items_expected_max() > 1},
          {"required", option.get_required()},
          {"choices", ChoicesOf(type)}};
}

Json TreeOf(const CLI::App& app) {
  Json options = Json::array();
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) options.push_back(OptionJson(*option));
  }
  Json commands = Json::array();
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) commands.push_back(TreeOf(*command));
  }
  return {{"name", app.get_name()},
          {"about", app.get_description()},
          {"options", std::move(options)},
          {"commands", std::move(commands)}};
}

}  // namespace

void AddCommandTree(CLI::App& app, CommandLine& line) {
  CLI::App* command = AddCommand(app, "command-tree", "Print commands and options as JSON");
  command->group("");  // hidden
  command->callback([&line, &app] {
    line.run = [&app](const StateDir&) -> int {
      PrintJson(TreeOf(app));
      return kDone;
    };
    line.as_owner = false;
  });
}

}  // namespace atozsync
