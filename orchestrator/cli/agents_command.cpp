// SPDX-License-Identifier: MIT
#include "cli/agents_command.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "cli/agent_trial.hpp"
#include "cli/config_sources.hpp"
#include "cli/listed_agents.hpp"
#include "cli/text_table.hpp"
#include "driver/project.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_list(Surroundings& around, const std::vector<ListedAgent>& agents) {
  TextTable table;
  bool is_any_installed = false;
  for (const ListedAgent& listed : agents) {
    is_any_installed = is_any_installed || !listed.program.empty();
    table.add({listed.is_default ? "*" : " ", listed.name, listed.kind,
               listed.version.empty() ? "-" : listed.version,
               listed.program.empty() ? "not installed" : listed.program, remark(listed)});
  }
  for (const std::string& line : table.lines(""))
    around.out << line << "\n";
  if (is_any_installed)
    around.out << "\n* runs every role that names no other. Try one: konductor agents test NAME\n";
  else
    around.out << "\nInstall one of them, or name your own in .konductor/config.toml "
                  "([runtimes.NAME])\n";
}

Json agents_json(const std::vector<ListedAgent>& agents) {
  constexpr std::array<const char*, 4> kVerdicts = {"unknown", "verified", "other", "bad"};
  Json json = {{"schema_version", 1}, {"command", "agents list"}, {"exit", 0}};
  json["agents"] = Json::array();
  for (const ListedAgent& listed : agents)
    json["agents"].push_back(
        {{"name", listed.name},
         {"kind", listed.kind},
         {"program", listed.program},
         {"version", listed.version},
         {"verdict", kVerdicts.at(static_cast<std::size_t>(listed.verdict.kind))},
         {"remark", remark(listed)},
         {"default", listed.is_default}});
  return json;
}

}  // namespace

int run_agents_command(const AgentsOptions& options, const CommonOptions& common,
                       Surroundings& around) {
  const bool is_list = options.verb == AgentsOptions::Verb::list;
  const std::string name = is_list ? "agents list" : "agents test";
  const platform::PosixFileStore files;
  const driver::ProjectLayout layout = settings_layout(common.directory);
  const Result<config::Config> config =
      load_configuration(files, layout, common, around.environment);
  if (config.has_error()) return fail(around, common, name, config.error());
  if (!is_list) return run_agent_trial(options, common, layout, config.value(), around);
  const std::vector<ListedAgent> agents = list_agents(config.value(), around.environment);
  if (common.is_json)
    print_json(around.out, agents_json(agents));
  else
    print_list(around, agents);
  return 0;
}

}  // namespace konductor::cli
