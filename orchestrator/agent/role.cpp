// SPDX-License-Identifier: MIT
#include "agent/role.hpp"

#include "agent/shipped_files.hpp"
#include "base/text.hpp"
#include "config/document_reader.hpp"
#include "config/key_schema.hpp"
#include "config/slot.hpp"

namespace konductor::agent {
namespace {

using config::ListSlot;
using config::Slot;

constexpr std::string_view kPrefix = "konductor-";
constexpr std::string_view kExtension = ".toml";

constexpr config::Key<Role> kRoleFileKeys[] = {
    {"", "description", [](Role& r) -> Slot { return &r.description; }, "What the role does."},
    {"", "runtime", [](Role& r) -> Slot { return ListSlot{&r.runtimes}; },
     "A runtime's name, or names that are tried in turn."},
    {"", "model", [](Role& r) -> Slot { return &r.model; }, "Model to use."},
    {"", "prompt", [](Role& r) -> Slot { return &r.prompt; }, "Name of the prompt template."},
    {"", "enabled", [](Role& r) -> Slot { return &r.is_enabled; }, "Whether the role is used."},
    {"permissions", "write", [](Role& r) -> Slot { return &r.permissions.write; },
     "Whether it may change the workspace."},
    {"permissions", "shell", [](Role& r) -> Slot { return &r.permissions.shell; },
     "Whether it may run commands."},
    {"permissions", "deny_read", [](Role& r) -> Slot { return &r.permissions.deny_read; },
     "What it may not read when it is confined."},
    {"limits", "timeout", [](Role& r) -> Slot { return &r.timeout; }, "Wall time of an attempt."},
};

// The role that a file is about, by its name.
std::optional<RoleName> role_of_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  if (path.size() < kPrefix.size() + kExtension.size()) return std::nullopt;
  if (path.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  if (path.substr(path.size() - kExtension.size()) != kExtension) return std::nullopt;
  path.remove_suffix(kExtension.size());
  return parse_role_name(path);
}

// A template's name becomes part of a path.
bool is_prompt_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Error unknown_role_file(const std::string& path) {
  std::vector<std::string> names;
  names.reserve(kAllRoles.size());
  for (const RoleName role : kAllRoles)
    names.emplace_back(to_string(role));
  return Error{ErrorCode::invalid_input, quote(path) +
                                             " is no role's file: name it konductor-<role>.toml, "
                                             "where <role> is one of " +
                                             join(names, ", ")};
}

void apply_settings(Role& role, const config::RoleSettings& settings) {
  if (!settings.runtime.empty()) role.runtimes = settings.runtime;
  if (!settings.model.empty()) role.model = settings.model;
  if (settings.timeout) role.timeout = settings.timeout;
  if (settings.enabled) role.is_enabled = *settings.enabled;
  if (settings.deny_read) role.permissions.deny_read = settings.deny_read;
}

void fill_open(Role& role, const config::Config& config) {
  if (role.runtimes.empty()) role.runtimes = {config.general.default_runtime};
  if (role.prompt.empty()) role.prompt = to_string(role.name);
  if (!role.timeout) role.timeout = config.limits.timeout;
  if (!role.permissions.deny_read) role.permissions.deny_read = config.sandbox.deny_read;
}

}  // namespace

nlohmann::ordered_json role_schema() {
  nlohmann::ordered_json schema =
      config::make_object_schema("konductor role",
                                 "agents/konductor-<role>.toml, as shipped, and .konductor/agents/ "
                                 "of a project, whose keys go "
                                 "before the shipped ones.");
  config::add_key_schemas(schema, std::span<const config::Key<Role>>(kRoleFileKeys), false);
  return schema;
}

std::string role_file_name(RoleName name) {
  return std::string(kPrefix).append(to_string(name)).append(kExtension);
}

Result<Role> parse_role(const std::string& path, std::string_view text, const Role& base) {
  const std::optional<RoleName> name = role_of_path(path);
  if (!name) return unknown_role_file(path);
  Role role = base;
  role.name = *name;
  KON_TRY(const config::TomlDocument document, config::TomlDocument::parse(path, text));
  config::Schema schema;
  config::add_keys(schema, kRoleFileKeys, "", role);
  config::ReadReport report;
  document.read(schema, report);
  const std::string prompt_place = report.origin("prompt");
  if (!prompt_place.empty() && report.rejected.count("prompt") == 0 && !is_prompt_name(role.prompt))
    report.problems.push_back(prompt_place +
                              ": \"prompt\" is the name of a template without its "
                              "folder and \".md\": letters, digits, - and _ only");
  if (!report.problems.empty()) return Error{ErrorCode::invalid_input, join(report.problems, "\n")};
  return role;
}

Result<Role> resolve_role(RoleName name, const std::optional<TextFile>& project_file,
                          const config::Config& config) {
  const std::string file = role_file_name(name);
  const std::optional<std::string_view> shipped = shipped_role(to_string(name));
  if (!shipped && !project_file)
    return Error{ErrorCode::not_found, "the role " + quote(to_string(name)) +
                                           " has no file: write .konductor/agents/" + file};
  Role role;
  role.name = name;
  if (shipped) {
    KON_TRY(role, parse_role("agents/" + file, *shipped));
  }
  if (project_file) {
    KON_TRY(role, parse_role(project_file->path, project_file->text, role));
  }
  if (role.name != name)
    return Error{ErrorCode::invalid_input, quote(project_file->path) + " is not the file of " +
                                               quote(to_string(name)) + ": name it " + file};
  apply_settings(role, config.role(name));
  fill_open(role, config);
  for (const std::string& runtime : role.runtimes)
    if (runtime != config::kAutoRuntime && config.runtimes.count(runtime) == 0)
      return Error{ErrorCode::invalid_input,
                   "the role " + quote(to_string(name)) + " names the runtime " + quote(runtime) +
                       ", which is not configured: add [runtimes." + runtime + "] to config.toml"};
  return role;
}

}  // namespace konductor::agent
