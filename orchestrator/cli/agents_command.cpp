// SPDX-License-Identifier: MIT
#include "cli/agents_command.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/agent_stream.hpp"
#include "agent/known_versions.hpp"
#include "base/text.hpp"
#include "cli/agent_trial.hpp"
#include "cli/config_sources.hpp"
#include "cli/run_program.hpp"
#include "cli/temporary_folder.hpp"
#include "cli/text_table.hpp"
#include "driver/project.hpp"
#include "driver/role_resolution.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct ListedAgent {
  std::string name;
  std::string kind;
  std::string program;  // "": not installed.
  std::string version;
  agent::VersionVerdict verdict;
  bool is_default = false;
};

// Only agents that are known to answer; other programs may take the word for work.
bool tells_version(const config::RuntimeSettings& runtime) {
  return runtime.kind == config::RuntimeKind::acp || agent::dialect_of(runtime) != "text";
}

std::string installed_version(const std::string& program,
                              const std::vector<std::string>& environment) {
  const Result<TemporaryFolder> folder = TemporaryFolder::make();
  if (folder.has_error()) return {};
  driver::AttemptLimits limits;
  limits.timeout = std::chrono::seconds(20);
  const Result<ProgramEnd> end =
      run_program({program, "--version"}, environment, folder.value().path().string(), limits);
  if (end.has_error() || end.value().cause != "done") return {};
  return agent::version_in(end.value().out);
}

std::vector<ListedAgent> list_agents(const config::Config& config,
                                     const std::vector<std::string>& environment) {
  std::vector<ListedAgent> agents;
  for (const auto& [name, runtime] : config.runtimes) {
    ListedAgent listed;
    listed.name = name;
    listed.kind = config::to_string(runtime.kind);
    if (!runtime.command.empty())
      listed.program = driver::find_program(runtime.command.front(), environment);
    if (!listed.program.empty() && tells_version(runtime)) {
      listed.version = installed_version(listed.program, environment);
      listed.verdict =
          agent::judge_version(fs::path(listed.program).filename().string(), listed.version);
    }
    agents.push_back(std::move(listed));
  }
  const std::string& chosen = config.general.default_runtime;
  std::vector<std::string> candidates = {chosen};
  if (chosen == config::kAutoRuntime)
    candidates.assign(config::kBuiltInRuntimes.begin(), config::kBuiltInRuntimes.end());
  for (const std::string& name : candidates)
    for (ListedAgent& listed : agents)
      if (listed.name == name && !listed.program.empty()) {
        listed.is_default = true;
        return agents;
      }
  return agents;
}

std::string remark(const ListedAgent& listed) {
  using Kind = agent::VersionVerdict::Kind;
  switch (listed.verdict.kind) {
    case Kind::verified:
      return "verified";
    case Kind::other:
      return "verified is " + listed.verdict.text;
    case Kind::bad:
      return "known not to work: " + listed.verdict.text;
    case Kind::unknown:
      break;
  }
  return {};
}

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
