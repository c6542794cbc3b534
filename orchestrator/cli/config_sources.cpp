// SPDX-License-Identifier: MIT
#include "cli/config_sources.hpp"

#include <nlohmann/json.hpp>

#include "driver/attempt_environment.hpp"
#include "records/state_file.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

// Nobody has to have the file; one that is there has to be readable.
Result<std::optional<config::ConfigFile>> read_config(const ports::FileStore& files,
                                                      const fs::path& path,
                                                      const std::string& shown) {
  if (path.empty()) return std::optional<config::ConfigFile>();
  Result<std::string> text = files.read(path);
  if (text.has_value()) return std::optional<config::ConfigFile>({shown, std::move(text).value()});
  if (text.error().code == ErrorCode::not_found) return std::optional<config::ConfigFile>();
  return text.error().with_context("cannot read the configuration");
}

bool is_path(const std::string& program) {
  return program.find('/') != std::string::npos;
}

// Whoever writes "tools/agent.sh" means the project's, not that of the folder that a terminal is
// in.
void anchor_programs(config::Config& config, const fs::path& root) {
  for (auto& [name, runtime] : config.runtimes)
    if (!runtime.command.empty() && is_path(runtime.command.front()))
      runtime.command.front() = (root / runtime.command.front()).lexically_normal().string();
}

}  // namespace

fs::path user_config_path(const std::vector<std::string>& environment) {
  const fs::path configured = driver::environment_value(environment, "XDG_CONFIG_HOME");
  // A relative one is to be ignored, says the specification of these variables.
  if (configured.is_absolute()) return configured / "konductor" / "config.toml";
  const fs::path home = driver::environment_value(environment, "HOME");
  if (home.empty()) return {};
  return home / ".config" / "konductor" / "config.toml";
}

driver::ProjectLayout settings_layout(const std::string& directory) {
  Result<driver::ProjectLayout> found = driver::find_project(directory);
  if (found.has_value()) return std::move(found).value();
  std::error_code error;
  return driver::ProjectLayout{std::filesystem::absolute(directory, error)};
}

Result<config::Config> load_configuration(const ports::FileStore& files,
                                          const driver::ProjectLayout& layout,
                                          const CommonOptions& common,
                                          const std::vector<std::string>& environment) {
  const fs::path user_path = user_config_path(environment);
  config::ConfigSources sources;
  KON_TRY(sources.user_file, read_config(files, user_path, user_path.string()));
  KON_TRY(sources.project_file, read_config(files, layout.config(), ".konductor/config.toml"));
  sources.environment = environment;
  sources.sets = common.sets;
  KON_TRY(config::Config config, config::load_config(sources));
  anchor_programs(config, layout.root);
  return config;
}

std::string program_setting(const std::string& runtime_name,
                            const config::RuntimeSettings& runtime) {
  if (runtime.command.empty() || !is_path(runtime.command.front())) return {};
  // What JSON calls a list of strings is one in TOML, too.
  return "runtimes." + runtime_name + ".command=" + nlohmann::json(runtime.command).dump();
}

std::string current_phase(const ports::FileStore& files, const driver::ProjectLayout& layout) {
  const Result<std::string> text = files.read(layout.state());
  if (text.has_error()) return {};
  const Result<records::StateFile> state = records::parse_state(text.value());
  return state.has_value() ? state.value().current.phase : std::string();
}

}  // namespace konductor::cli
