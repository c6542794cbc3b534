// SPDX-License-Identifier: MIT
#include "agent/acp_cli.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::agent;

namespace {

using Words = std::vector<std::string>;

config::RuntimeSettings runtime_of(Words command) {
  config::RuntimeSettings runtime;
  runtime.kind = config::RuntimeKind::acp;
  runtime.command = std::move(command);
  return runtime;
}

CliRequest request_of(bool may_write, bool may_shell) {
  CliRequest request;
  request.permissions.write = may_write;
  request.permissions.shell = may_shell;
  request.model = config::GeneralSettings().default_model;
  return request;
}

}  // namespace

TEST_CASE("the client is told what the role may do") {
  config::RuntimeSettings runtime = runtime_of({"gemini", "--acp"});
  runtime.write = {"/var/cache/x"};
  CHECK(acp_arguments(runtime, request_of(true, true)) ==
        Words{"--allow-write", "--allow-shell", "--writable", "/var/cache/x", "--"});
  CHECK(acp_arguments(runtime, request_of(false, true)) == Words{"--allow-shell", "--"});
  CHECK(acp_arguments(runtime, request_of(false, false)) == Words{"--"});
}

TEST_CASE("a model that was chosen is passed on, the general default is not") {
  CliRequest request = request_of(false, false);
  request.model = "gemini-2.5-pro";
  CHECK(acp_arguments(runtime_of({"gemini"}), request) == Words{"--model", "gemini-2.5-pro", "--"});
}

TEST_CASE("an agent gets the variables of its own provider") {
  const auto [command, variable, is_needed] = GENERATE(table<Words, std::string, bool>({
      {{"opencode", "acp"}, "OPENCODE_CONFIG", true},
      {{"/usr/bin/gemini", "--acp"}, "GEMINI_API_KEY", true},
      {{"npx", "-y", "@google/gemini-cli", "--acp"}, "GOOGLE_API_KEY", true},
      {{"gemini", "--acp"}, "OPENAI_API_KEY", false},
      {{"/home/gemini/qwen", "--acp"}, "DASHSCOPE_API_KEY", true},
      {{"/home/gemini/qwen", "--acp"}, "GEMINI_API_KEY", false},
      {{"kiro-cli", "acp"}, "AWS_PROFILE", true},
      {{"claude-agent-acp"}, "ANTHROPIC_API_KEY", true},
      {{"node", "/opt/codex-acp"}, "CODEX_CONFIG", true},
      {{"mine"}, "OPENAI_API_KEY", false},
      {{"mine"}, "", false},
  }));
  INFO(command.front() << " " << variable);
  CHECK(acp_agent_needs(runtime_of(command), variable) == is_needed);
}

TEST_CASE("opencode is told to ask") {
  const auto rules = [](bool may_write, bool may_shell) {
    return acp_environment(runtime_of({"opencode", "acp"}),
                           request_of(may_write, may_shell).permissions)
        .at("OPENCODE_PERMISSION");
  };
  CHECK(rules(true, true) ==
        R"({"edit":"ask","bash":"ask","webfetch":"ask","external_directory":"ask"})");
  CHECK(rules(false, true).rfind(R"({"edit":"deny","bash":"ask")", 0) == 0);
  CHECK(rules(false, false).rfind(R"({"edit":"deny","bash":"deny")", 0) == 0);
  CHECK(acp_environment(runtime_of({"mine"}), Permissions()).empty());
}
