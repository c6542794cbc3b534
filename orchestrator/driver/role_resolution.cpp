// SPDX-License-Identifier: MIT
#include "driver/role_resolution.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"
#include "driver/review_models.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

bool is_executable_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

// " (\"tools/agent.sh\", which is not executable: `chmod +x tools/agent.sh`)"
std::string what_is_missing(const config::RuntimeSettings& runtime) {
  if (runtime.command.empty()) return {};
  const std::string& program = runtime.command.front();
  if (program.find('/') == std::string::npos) return " (" + quote(program) + ")";
  std::error_code error;
  return " (" + quote(program) +
         (fs::is_regular_file(program, error)
              ? ", which is not executable: `chmod +x " + program + "`)"
              : ", which is not there)");
}

class Resolver {
 public:
  Resolver(const ports::FileStore& files, const ProjectLayout& layout, const config::Config& config,
           std::string_view phase, const std::vector<std::string>& environment,
           const ShippedPrograms& shipped)
      : files_(files),
        layout_(layout),
        config_(config),
        phase_(phase),
        environment_(environment),
        shipped_(shipped) {}

  Result<std::map<RoleName, ResolvedRole>> resolve_all() {
    KON_TRY(prompts_, load_project_prompts(files_, layout_));
    std::map<RoleName, ResolvedRole> roles;
    for (const RoleName name : kExecutionRoles) {
      if (!is_wanted(name)) continue;
      const std::string role_name(to_string(name));
      KON_TRY(const std::optional<agent::TextFile> file, role_file(name));
      KON_TRY(agent::Role role, agent::resolve_role(name, file, config_));
      if (!role.is_enabled && name == RoleName::executor)
        return Error{ErrorCode::invalid_input,
                     "roles.executor.enabled is false, but nothing works without an executor"};
      if (!role.is_enabled) continue;
      Result<ResolvedRole> resolved = resolve(std::move(role));
      if (resolved.has_error()) return resolved.error().with_context("role " + role_name);
      roles[name] = std::move(resolved).value();
    }
    KON_TRY_VOID(check_review_models(config_, roles));
    return roles;
  }

 private:
  bool is_wanted(RoleName name) const {
    const bool is_reviewer = name == RoleName::spec_reviewer || name == RoleName::code_reviewer;
    return !is_reviewer || config_.features.code_review;
  }

  Result<std::optional<agent::TextFile>> role_file(RoleName name) const {
    const fs::path path = layout_.home() / "agents" / agent::role_file_name(name);
    if (!files_.exists(path)) return std::optional<agent::TextFile>();
    KON_TRY(std::string text, files_.read(path));
    return std::optional<agent::TextFile>(
        agent::TextFile{".konductor/agents/" + agent::role_file_name(name), std::move(text)});
  }

  Result<ResolvedRole> resolve(agent::Role role) const {
    ResolvedRole resolved;
    resolved.timeout = role.timeout.value_or(config_.limits.timeout);
    KON_TRY(resolved.runtimes, find_runtimes(role));
    for (const char* reason : {"work", "holistic", "merge_fix"}) {
      for (const bool is_about_concerns : {false, true}) {
        const std::string_view word = reason;
        if (word == "holistic" && role.name != RoleName::code_reviewer) continue;
        if (word == "merge_fix" && role.name != RoleName::executor) continue;
        if (is_about_concerns && role.name != RoleName::assessor) continue;
        const std::string name = agent::template_name(role, reason, is_about_concerns);
        KON_TRY(resolved.instructions[name],
                agent::role_instructions(name, role.name, phase_, prompts_));
      }
    }
    resolved.role = std::move(role);
    return resolved;
  }

  // The role's runtimes whose programs are there, in the order in which they are tried. "auto"
  // stands for one.
  Result<std::vector<RoleRuntime>> find_runtimes(const agent::Role& role) const {
    std::vector<RoleRuntime> found;
    std::vector<std::string> missing;
    for (const std::string& name : role.runtimes) {
      if (name != config::kAutoRuntime) {
        KON_TRY_VOID(add_runtime(name, role, found, missing));
        continue;
      }
      const std::size_t count = found.size();
      for (const std::string_view built_in : config::kBuiltInRuntimes)
        if (found.size() == count)
          KON_TRY_VOID(add_runtime(std::string(built_in), role, found, missing));
    }
    if (!found.empty()) return found;
    // Who named an agent wants that one; to all others any will do.
    const bool is_named = std::find(role.runtimes.begin(), role.runtimes.end(),
                                    config::kAutoRuntime) == role.runtimes.end();
    return Error{ErrorCode::environment,
                 "no agent found for it: looked for " + join(missing, ", ") +
                     (is_named ? "; install it, or mend `command` in [runtimes.NAME] of "
                                 ".konductor/config.toml"
                               : "; install one, or configure [runtimes.NAME] and "
                                 "general.default_runtime in .konductor/config.toml")};
  }

  Result<void> add_runtime(const std::string& name, const agent::Role& role,
                           std::vector<RoleRuntime>& found,
                           std::vector<std::string>& missing) const {
    const auto configured = config_.runtimes.find(name);
    const auto is_same = [&name](const RoleRuntime& runtime) { return runtime.name == name; };
    if (configured == config_.runtimes.end() || std::any_of(found.begin(), found.end(), is_same))
      return {};
    config::RuntimeSettings runtime = configured->second;
    if (runtime.kind == config::RuntimeKind::replay && runtime.command.empty())
      runtime.command = {shipped_.replay.string()};
    const std::string program =
        runtime.command.empty() ? "" : find_program(runtime.command.front(), environment_);
    if (program.empty()) {
      missing.push_back(name + what_is_missing(runtime));
      return {};
    }
    if (runtime.kind == config::RuntimeKind::acp && !is_executable_file(shipped_.acp))
      return Error{ErrorCode::environment, "runtime " + quote(name) + " is of kind \"acp\", but " +
                                               quote(shipped_.acp.string()) +
                                               " is missing: install konductor anew"};
    if (runtime.kind == config::RuntimeKind::replay && !runtime.args.empty())
      return Error{ErrorCode::invalid_input, "runtime " + quote(name) +
                                                 ": kind \"replay\" takes no args; name its "
                                                 "recording with `cassette`"};
    runtime.command.front() = program;
    RoleRuntime resolved;
    resolved.name = name;
    resolved.model = model_for(runtime, role, found);
    resolved.account = provider_account(runtime, environment_);
    if (runtime.kind == config::RuntimeKind::acp) resolved.client = shipped_.acp.string();
    resolved.settings = std::move(runtime);
    found.push_back(std::move(resolved));
    return {};
  }

  // A role's model is named for the first of its runtimes. One of another kind that steps in has
  // its own.
  std::string model_for(const config::RuntimeSettings& runtime, const agent::Role& role,
                        const std::vector<RoleRuntime>& before) const {
    const bool steps_in = !before.empty();
    if (!role.model.empty() && !steps_in) return role.model;
    if (!runtime.model.empty()) return runtime.model;
    if (steps_in && before.front().settings.kind != runtime.kind) return {};
    if (!role.model.empty()) return role.model;
    // Which one works then is known to the command alone.
    return takes_model(runtime) ? config_.general.default_model : std::string();
  }

  const ports::FileStore& files_;
  const ProjectLayout& layout_;
  const config::Config& config_;
  std::string phase_;
  agent::ProjectPrompts prompts_;
  const std::vector<std::string>& environment_;
  const ShippedPrograms& shipped_;
};

}  // namespace

std::string find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.empty()) return {};
  if (name.find('/') != std::string::npos) {
    std::error_code error;
    const fs::path path = fs::absolute(name, error);
    return is_executable_file(path) ? path.string() : std::string();
  }
  const std::string folders = environment_value(environment, "PATH");
  for (const std::string_view folder : split(folders, ':')) {
    const fs::path path = fs::path(folder.empty() ? "." : std::string(folder)) / name;
    std::error_code error;
    if (is_executable_file(path)) return fs::absolute(path, error).string();
  }
  return {};
}

Result<agent::ProjectPrompts> load_project_prompts(const ports::FileStore& files,
                                                   const ProjectLayout& layout) {
  const fs::path folder = layout.home() / "prompts";
  KON_TRY(const std::vector<std::string> names, files.list(folder));
  agent::ProjectPrompts prompts;
  for (const std::string& name : names) {
    if (fs::path(name).extension() != ".md") continue;
    KON_TRY(std::string text, files.read(folder / name));
    prompts[fs::path(name).stem().string()] = {".konductor/prompts/" + name, std::move(text)};
  }
  return prompts;
}

Result<std::map<RoleName, ResolvedRole>> resolve_roles(const ports::FileStore& files,
                                                       const ProjectLayout& layout,
                                                       const config::Config& config,
                                                       std::string_view phase,
                                                       const std::vector<std::string>& environment,
                                                       const ShippedPrograms& shipped) {
  return Resolver(files, layout, config, phase, environment, shipped).resolve_all();
}

}  // namespace konductor::driver
