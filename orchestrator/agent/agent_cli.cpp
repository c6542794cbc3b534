// SPDX-License-Identifier: MIT
#include "agent/agent_cli.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string_view>

namespace konductor::agent {
namespace {

using config::RuntimeKind;

using Words = std::vector<std::string>;

void add(Words& words, std::initializer_list<std::string_view> more) {
  words.insert(words.end(), more.begin(), more.end());
}

// Nobody is there to be asked: what a role may not do is refused.
void add_claude_permissions(Words& words, const Permissions& may) {
  if (may.write && may.shell)
    add(words, {"--dangerously-skip-permissions"});
  else if (may.write)
    add(words, {"--permission-mode", "acceptEdits", "--tools", "Read,Grep,Glob,Edit,Write"});
  else if (may.shell)
    add(words, {"--permission-mode", "dontAsk", "--tools", "Read,Grep,Glob,Bash", "--allowedTools",
                "Read,Grep,Glob,Bash"});
  else
    add(words, {"--permission-mode", "dontAsk", "--tools", "Read,Grep,Glob"});
}

Words claude_arguments(const CliRequest& request) {
  Words words = {"-p", "--output-format", "stream-json", "--verbose"};
  const std::string model = told_model(RuntimeKind::claude, request.model);
  if (!model.empty()) add(words, {"--model", model});
  add(words, {request.is_resumed ? "--resume" : "--session-id", request.session_id});
  add_claude_permissions(words, request.permissions);
  if (request.usd_max > 0) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.begin(), text.end(), request.usd_max).ptr;
    add(words, {"--max-budget-usd",
                std::string_view(text.data(), static_cast<std::size_t>(end - text.begin()))});
  }
  if (!request.schema.empty()) add(words, {"--json-schema", request.schema});
  return words;
}

Words codex_arguments(const CliRequest& request) {
  Words words = {"exec", "--json", "--skip-git-repo-check", "-C", request.workspace, "-s"};
  add(words, {request.is_confined         ? "danger-full-access"
              : request.permissions.write ? "workspace-write"
                                          : "read-only"});
  const std::string model = told_model(RuntimeKind::codex, request.model);
  if (!model.empty()) add(words, {"-m", model});
  add(words, {"-c", "analytics.enabled=false", "-c", "check_for_update_on_startup=false",
              "--disable", "plugins", "--disable", "apps", "--disable", "remote_plugin"});
  if (!request.schema.empty()) add(words, {"--output-schema", request.schema_file});
  return words;
}

// Programs that are given another one.
constexpr std::array<std::string_view, 15> kStarters = {
    "node", "nodejs", "bun",  "bunx", "deno",   "npx",     "npm", "exec",
    "run",  "env",    "nice", "sh",   "python", "python3", "uvx"};
// Files and folders that every package has.
constexpr std::array<std::string_view, 10> kPartNames = {
    "index", "main", "cli", "bin", "dist", "lib", "build", "bundle", "src", "cli-entry"};

template <std::size_t count>
bool is_one_of(std::string_view name, const std::array<std::string_view, count>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Without the ending of a script and the version of a package.
std::string_view stem(std::string_view name) {
  for (const std::string_view ending : {".js", ".mjs", ".cjs", ".ts", ".py"})
    if (name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending)
      name.remove_suffix(ending.size());
  return name.substr(0, name.find('@'));
}

}  // namespace

std::vector<std::string> cli_arguments(const config::RuntimeSettings& runtime,
                                       const CliRequest& request) {
  const bool is_claude = runtime.kind == RuntimeKind::claude;
  const bool is_codex = runtime.kind == RuntimeKind::codex;
  Words words = is_claude  ? claude_arguments(request)
                : is_codex ? codex_arguments(request)
                           : Words();
  if ((is_claude || is_codex) && request.permissions.write)
    for (const std::string& path : runtime.write)
      add(words, {"--add-dir", path});
  words.insert(words.end(), runtime.args.begin(), runtime.args.end());
  if (is_codex && request.is_resumed) add(words, {"resume", request.session_id});
  if (is_codex) add(words, {"-"});  // The prompt comes from stdin.
  return words;
}

std::string told_model(RuntimeKind kind, const std::string& model) {
  const bool is_default = model == config::GeneralSettings().default_model;
  if (!is_default || kind == RuntimeKind::command || kind == RuntimeKind::replay) return model;
  // A family's name, which Claude Code knows by its alias only, and others need not have at all.
  return kind == RuntimeKind::claude ? "sonnet" : "";
}

bool can_resume(RuntimeKind kind) {
  return kind == RuntimeKind::claude || kind == RuntimeKind::codex || kind == RuntimeKind::acp;
}

std::string program_name(const std::vector<std::string>& command) {
  for (const std::string& word : command) {
    if (word.empty() || word.front() == '-' || word.find('=') != std::string::npos) continue;
    if (is_one_of(file_name(word), kStarters)) continue;
    std::string_view path = word;
    std::string_view name = stem(file_name(path));
    // The folder says more than "index" or "cli" does.
    while (is_one_of(name, kPartNames) && path.find('/') != std::string_view::npos) {
      path = path.substr(0, path.rfind('/'));
      name = file_name(path);
    }
    if (!name.empty() && !is_one_of(name, kPartNames)) return std::string(name);
  }
  return command.empty() ? "" : std::string(file_name(command.front()));
}

std::map<std::string, std::string> cli_environment(RuntimeKind kind, bool is_root) {
  std::map<std::string, std::string> values;
  if (kind != RuntimeKind::claude) return values;
  values = {{"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"},
            {"DISABLE_AUTOUPDATER", "1"},
            {"CLAUDE_CODE_MAX_RETRIES", "3"}};
  // As root it refuses to work without asking, unless it is told that it cannot harm the machine.
  if (is_root) values["IS_SANDBOX"] = "1";
  return values;
}

}  // namespace konductor::agent
