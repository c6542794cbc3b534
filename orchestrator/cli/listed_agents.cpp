// SPDX-License-Identifier: MIT
#include "cli/listed_agents.hpp"

#include <filesystem>

#include "agent/agent_stream.hpp"
#include "cli/run_program.hpp"
#include "cli/temporary_folder.hpp"
#include "driver/role_resolution.hpp"

namespace konductor::cli {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

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

}  // namespace konductor::cli
