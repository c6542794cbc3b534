// SPDX-License-Identifier: MIT
#include "agent/acp_cli.hpp"

#include <algorithm>
#include <array>

namespace konductor::agent {
namespace {

struct KnownAgent {
  std::string_view program;  // A part of a word of the command.
  std::array<std::string_view, 3> prefixes;
};

constexpr std::array<KnownAgent, 7> kKnownAgents = {{
    {"opencode", {"OPENCODE_", "", ""}},
    {"gemini", {"GEMINI_", "GOOGLE_", ""}},
    {"qwen", {"OPENAI_", "QWEN_", "DASHSCOPE_"}},
    {"kiro", {"KIRO_", "AWS_", ""}},
    {"claude-agent-acp", {"ANTHROPIC_", "CLAUDE_", ""}},
    {"claude-code-acp", {"ANTHROPIC_", "CLAUDE_", ""}},
    {"codex-acp", {"OPENAI_", "CODEX_", ""}},
}};

// Folders say nothing of a program, so that /home/gemini/bin/qwen is qwen. Packages have one in
// their name: @google/gemini-cli.
bool names_program(const std::vector<std::string>& command, std::string_view program) {
  return std::any_of(command.begin(), command.end(), [&](const std::string& word) {
    const std::size_t slash = word.rfind('/');
    return word.find(program, slash == std::string::npos ? 0 : slash + 1) != std::string::npos;
  });
}

const KnownAgent* known_agent(const config::RuntimeSettings& runtime) {
  for (const KnownAgent& agent : kKnownAgents)
    if (names_program(runtime.command, agent.program)) return &agent;
  return nullptr;
}

// opencode does everything unasked unless it is told not to, and ends its turn when it is refused
// something that it asked for.
std::string opencode_rules(const Permissions& may) {
  const std::string edit = may.write ? "ask" : "deny";
  const std::string shell = may.shell ? "ask" : "deny";
  return R"({"edit":")" + edit + R"(","bash":")" + shell + R"(","webfetch":")" + shell +
         R"(","external_directory":"ask"})";
}

}  // namespace

std::vector<std::string> acp_arguments(const config::RuntimeSettings& runtime,
                                       const CliRequest& request) {
  std::vector<std::string> words;
  if (request.permissions.write) words.emplace_back("--allow-write");
  if (request.permissions.shell) words.emplace_back("--allow-shell");
  const std::string model = told_model(config::RuntimeKind::acp, request.model);
  if (!model.empty()) {
    words.emplace_back("--model");
    words.push_back(model);
  }
  if (request.is_resumed) {
    words.insert(words.end(), {"--session", request.session_id});
    if (!request.whole_prompt.empty())
      words.insert(words.end(), {"--whole-prompt", request.whole_prompt});
  }
  if (request.permissions.write) {
    for (const std::string& path : runtime.write) {
      words.emplace_back("--writable");
      words.push_back(path);
    }
  }
  words.emplace_back("--");
  return words;
}

bool acp_agent_needs(const config::RuntimeSettings& runtime, std::string_view variable) {
  const KnownAgent* agent = known_agent(runtime);
  if (agent == nullptr) return false;
  return std::any_of(agent->prefixes.begin(), agent->prefixes.end(), [&](std::string_view prefix) {
    return !prefix.empty() && variable.substr(0, prefix.size()) == prefix;
  });
}

std::string_view acp_agent_name(const config::RuntimeSettings& runtime) {
  const KnownAgent* agent = known_agent(runtime);
  return agent == nullptr ? std::string_view() : agent->program;
}

std::map<std::string, std::string> acp_environment(const config::RuntimeSettings& runtime,
                                                   const Permissions& permissions) {
  const KnownAgent* agent = known_agent(runtime);
  const std::string_view name = agent == nullptr ? "" : agent->program;
  if (name == "opencode")
    return {{"OPENCODE_DISABLE_AUTOUPDATE", "1"},
            {"OPENCODE_PERMISSION", opencode_rules(permissions)}};
  // A worktree is a folder that it has never seen.
  if (name == "gemini") return {{"GEMINI_CLI_TRUST_WORKSPACE", "true"}};
  return {};
}

}  // namespace konductor::agent
