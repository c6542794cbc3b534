// SPDX-License-Identifier: MIT
#include "driver/attempt_environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <map>

#include "agent/acp_cli.hpp"
#include "agent/agent_cli.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"

namespace konductor::driver {
namespace {

constexpr std::array<std::string_view, 27> kPassedNames = {"PATH",
                                                           "HOME",
                                                           "USER",
                                                           "LOGNAME",
                                                           "SHELL",
                                                           "LANG",
                                                           "LANGUAGE",
                                                           "TERM",
                                                           "TZ",
                                                           "TMPDIR",
                                                           "HTTP_PROXY",
                                                           "HTTPS_PROXY",
                                                           "NO_PROXY",
                                                           "ALL_PROXY",
                                                           "http_proxy",
                                                           "https_proxy",
                                                           "no_proxy",
                                                           "all_proxy",
                                                           "SSL_CERT_FILE",
                                                           "SSL_CERT_DIR",
                                                           "CURL_CA_BUNDLE",
                                                           "REQUESTS_CA_BUNDLE",
                                                           "NODE_EXTRA_CA_CERTS",
                                                           "GIT_SSL_CAINFO",
                                                           "SSH_AUTH_SOCK",
                                                           "CARGO_HTTP_CAINFO",
                                                           "PIP_CERT"};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// What the agents of a runtime read of their own.
bool is_of_agent(std::string_view name, const config::RuntimeSettings& runtime) {
  const config::RuntimeKind kind = runtime.kind;
  if (kind == config::RuntimeKind::acp) return agent::acp_agent_needs(runtime, name);
  if (kind == config::RuntimeKind::claude)
    return starts_with(name, "ANTHROPIC_") || starts_with(name, "CLAUDE_");
  if (kind == config::RuntimeKind::codex)
    return starts_with(name, "OPENAI_") || starts_with(name, "CODEX_");
  return false;
}

bool is_passed(std::string_view name, const config::RuntimeSettings& runtime) {
  if (std::find(kPassedNames.begin(), kPassedNames.end(), name) != kPassedNames.end()) return true;
  return starts_with(name, "LC_") || starts_with(name, "XDG_") || is_of_agent(name, runtime);
}

bool is_listed(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void substitute(std::string& text, std::string_view hole, std::string_view value) {
  for (auto at = text.find(hole); at != std::string::npos; at = text.find(hole, at + value.size()))
    text.replace(at, hole.size(), value);
}

// What this kind of agent is told in any case.
std::map<std::string, std::string> own_environment(const config::RuntimeSettings& runtime,
                                                   const agent::Permissions& may) {
  if (runtime.kind == config::RuntimeKind::acp) return agent::acp_environment(runtime, may);
  return agent::cli_environment(runtime.kind, ::geteuid() == 0);
}

}  // namespace

std::string attempt_token(const std::filesystem::path& prompt) {
  return "KONDUCTOR_PROMPT_FILE=" + prompt.string();
}

std::string environment_value(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment)
    if (starts_with(entry, name) && entry.size() > name.size() && entry[name.size()] == '=')
      return entry.substr(name.size() + 1);
  return {};
}

std::string provider_account(const config::RuntimeSettings& runtime,
                             const std::vector<std::string>& environment) {
  std::string text(config::to_string(runtime.kind));
  // All of it: the program may be one that starts others.
  for (const std::string& word : runtime.command)
    text += '\n' + word.substr(word.rfind('/') + 1);
  std::map<std::string, std::string> values;
  for (const std::string& entry : environment) {
    const std::string name = entry.substr(0, entry.find('='));
    if (name == "HOME" || is_of_agent(name, runtime) || is_listed(runtime.pass_env, name))
      values[name] = entry;
  }
  for (const auto& [name, value] : runtime.env)
    values[name] = name + "=" + value;
  for (const auto& [name, entry] : values)
    text += '\n' + entry;
  return fingerprint(text);
}

std::vector<std::string> attempt_environment(const RunFacts& facts, const RoleRuntime& runtime,
                                             const engine::command::start_attempt& command,
                                             const AttemptPaths& paths) {
  std::map<std::string, std::string> values;
  for (const std::string& entry : facts.environment) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = entry.substr(0, equals);
    const bool is_named = is_listed(runtime.settings.pass_env, name);
    if (is_named || is_passed(name, runtime.settings)) values[name] = entry.substr(equals + 1);
  }
  const agent::Permissions& may = facts.roles.at(command.role).role.permissions;
  for (const auto& [name, value] : own_environment(runtime.settings, may))
    values.emplace(name, value);
  for (const auto& [name, value] : runtime.settings.env)
    values[name] = value;
  values["KONDUCTOR_ROLE"] = to_string(command.role);
  values["KONDUCTOR_RUN"] = facts.run;
  values["KONDUCTOR_PHASE"] = facts.phase.id;
  if (!command.address.is_phase()) {
    values["KONDUCTOR_PLAN"] = std::to_string(command.address.plan);
    if (!command.address.is_merge())
      values["KONDUCTOR_TASK"] = std::to_string(command.address.task);
  }
  values["KONDUCTOR_ATTEMPT"] = std::to_string(command.attempt);
  values["KONDUCTOR_SLOT"] = std::to_string(command.slot);
  values["KONDUCTOR_REASON"] = command.reason;
  if (!paths.plan.empty()) values["KONDUCTOR_PLAN_FILE"] = paths.plan.string();
  values["KONDUCTOR_PROMPT_FILE"] = paths.prompt.string();
  values["KONDUCTOR_OUTPUT"] = paths.output.string();
  std::vector<std::string> environment;
  environment.reserve(values.size());
  for (const auto& [name, value] : values)
    environment.push_back(name + "=" + value);
  return environment;
}

std::filesystem::path whole_prompt_path(const AttemptPaths& paths) {
  return paths.directory / "prompt-whole.md";
}

bool resumes_session(const RoleRuntime& runtime, const engine::command::start_attempt& command) {
  return !command.session.empty() && command.session_runtime == runtime.name &&
         agent::can_resume(runtime.settings.kind);
}

std::vector<std::string> attempt_arguments(const RunFacts& facts, const RoleRuntime& runtime,
                                           const engine::command::start_attempt& command,
                                           const AttemptPaths& paths) {
  std::vector<std::string> arguments = runtime.settings.command;
  agent::CliRequest request;
  request.permissions = facts.roles.at(command.role).role.permissions;
  request.model = runtime.model;
  request.workspace = paths.workspace.string();
  request.is_resumed = resumes_session(runtime, command);
  request.usd_max = facts.config.budget.attempt_usd;
  // It counts over the whole session.
  if (request.is_resumed && request.usd_max > 0) request.usd_max += command.session_usd;
  request.schema = agent::schema_for_agent(agent::typed_document(runtime.settings, command.action));
  request.schema_file = paths.schema.string();
  request.is_confined = facts.sandbox.is_confining();
  // Of the attempt's run directory, which no other attempt has.
  request.session_id = request.is_resumed
                           ? command.session
                           : boost::uuids::to_string(boost::uuids::name_generator_sha1(
                                 boost::uuids::ns::url())(paths.prompt.string()));
  for (std::string& argument : agent::cli_arguments(runtime.settings, request))
    arguments.push_back(std::move(argument));
  for (std::string& argument : arguments) {
    substitute(argument, "{role}", to_string(command.role));
    substitute(argument, "{model}", runtime.model);
    substitute(argument, "{workspace}", paths.workspace.string());
    substitute(argument, "{prompt_file}", paths.prompt.string());
    substitute(argument, "{output_file}", paths.output.string());
  }
  if (runtime.settings.kind == config::RuntimeKind::acp) {
    if (request.is_resumed) request.whole_prompt = whole_prompt_path(paths).string();
    std::vector<std::string> client = agent::acp_arguments(runtime.settings, request);
    client.insert(client.begin(), runtime.client);
    arguments.insert(arguments.begin(), client.begin(), client.end());
  }
  if (runtime.settings.kind == config::RuntimeKind::replay) {
    arguments.emplace_back("--cassette");
    arguments.push_back(
        (facts.layout.root / runtime.settings.cassette).lexically_normal().string());
    arguments.emplace_back("--take");
    arguments.push_back(std::to_string(command.take));
  }
  return arguments;
}

}  // namespace konductor::driver
