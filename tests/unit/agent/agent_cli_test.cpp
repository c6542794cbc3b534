// SPDX-License-Identifier: MIT
#include "agent/agent_cli.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace konductor;
using namespace konductor::agent;
using config::RuntimeKind;

namespace {

CliRequest request_of(bool may_write, bool may_shell) {
  CliRequest request;
  request.permissions.write = may_write;
  request.permissions.shell = may_shell;
  request.model = "claude-sonnet-4";
  request.workspace = "/home/ada/project";
  request.session_id = "5b2a";
  return request;
}

std::string line_of(RuntimeKind kind, const CliRequest& request) {
  config::RuntimeSettings runtime;
  runtime.kind = kind;
  return join(cli_arguments(runtime, request), " ");
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("claude is told its rights by what the role may do") {
  const auto [write, shell, words] = GENERATE(table<bool, bool, std::string>({
      {true, true, "--dangerously-skip-permissions"},
      {true, false, "--permission-mode acceptEdits --tools Read,Grep,Glob,Edit,Write"},
      {false, true,
       "--permission-mode dontAsk --tools Read,Grep,Glob,Bash --allowedTools Read,Grep,Glob,Bash"},
      {false, false, "--permission-mode dontAsk --tools Read,Grep,Glob"},
  }));
  CHECK(line_of(RuntimeKind::claude, request_of(write, shell)) ==
        "-p --output-format stream-json --verbose --model sonnet --session-id 5b2a " + words);
}

TEST_CASE("codex is confined by what the role may do and reads its prompt from stdin") {
  const std::string writer = line_of(RuntimeKind::codex, request_of(true, true));
  CHECK(writer.rfind("exec --json --skip-git-repo-check -C /home/ada/project -s workspace-write ",
                     0) == 0);
  CHECK(writer.substr(writer.size() - 2) == " -");
  CHECK(holds(line_of(RuntimeKind::codex, request_of(false, true)), " -s read-only "));
  agent::CliRequest confined = request_of(false, true);
  confined.is_confined = true;
  CHECK(holds(line_of(RuntimeKind::codex, confined), " -s danger-full-access "));
}

TEST_CASE("a model is named as the agent knows it") {
  CliRequest request = request_of(true, true);
  CHECK_FALSE(holds(line_of(RuntimeKind::codex, request), " -m "));
  request.model = "gpt-5.5";
  CHECK(holds(line_of(RuntimeKind::codex, request), " -m gpt-5.5 "));
  request.model = "claude-opus-4-1";
  CHECK(holds(line_of(RuntimeKind::claude, request), "--model claude-opus-4-1 "));
  request.model = "";
  CHECK_FALSE(holds(line_of(RuntimeKind::claude, request), "--model"));
  CHECK_FALSE(holds(line_of(RuntimeKind::codex, request), " -m "));
}

TEST_CASE("an answer is asked for by its schema: its text for claude, its file for codex") {
  CliRequest request = request_of(false, true);
  CHECK_FALSE(holds(line_of(RuntimeKind::claude, request), "schema"));
  CHECK_FALSE(holds(line_of(RuntimeKind::codex, request), "schema"));
  request.schema = R"({"type":"object"})";
  request.schema_file = "/runs/1/schema.json";
  request.is_resumed = true;
  CHECK(holds(line_of(RuntimeKind::claude, request), R"( --json-schema {"type":"object"})"));
  const std::string codex = line_of(RuntimeKind::codex, request);
  CHECK(holds(codex, " --output-schema /runs/1/schema.json "));
  CHECK(codex.find("--output-schema") < codex.find(" resume "));
}

TEST_CASE("the user's own arguments and folders come behind") {
  config::RuntimeSettings runtime;
  runtime.args = {"--max-turns", "50"};
  runtime.write = {"/var/cache/x"};
  runtime.kind = GENERATE(RuntimeKind::claude, RuntimeKind::codex);
  const std::string writer = join(cli_arguments(runtime, request_of(true, true)), " ");
  CHECK(holds(writer, " --add-dir /var/cache/x --max-turns 50"));
  const std::string reader = join(cli_arguments(runtime, request_of(false, true)), " ");
  CHECK_FALSE(holds(reader, "--add-dir"));
}

TEST_CASE("kinds whose command line is the user's get nothing but the user's arguments") {
  config::RuntimeSettings runtime;
  runtime.kind = GENERATE(RuntimeKind::command, RuntimeKind::replay);
  runtime.args = {"--fast"};
  runtime.write = {"/var/cache/x"};
  CHECK(cli_arguments(runtime, request_of(true, true)) == std::vector<std::string>{"--fast"});
  CHECK(cli_environment(runtime.kind, true).empty());
}

TEST_CASE("an agent is named by what people know it as") {
  using Words = std::vector<std::string>;
  const auto [command, name] = GENERATE(table<Words, std::string>({
      {{"claude"}, "claude"},
      {{"/opt/bin/codex", "exec"}, "codex"},
      {{"node", "--no-warnings", "/opt/tools/pi"}, "pi"},
      {{"node", "/x/claude-agent-acp/dist/index.js"}, "claude-agent-acp"},
      {{"npx", "-y", "@google/gemini-cli@0.61.0", "--acp"}, "gemini-cli"},
      {{"env", "A=b", "python3", "agent.py"}, "agent"},
      {{"node"}, "node"},
      {{"/x/dist/cli.js"}, "x"},
  }));
  CHECK(program_name(command) == name);
}

TEST_CASE("claude is kept from updates, statistics and long retries of its own") {
  const auto values = cli_environment(RuntimeKind::claude, false);
  CHECK(values.at("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") == "1");
  CHECK(values.at("DISABLE_AUTOUPDATER") == "1");
  CHECK(values.at("CLAUDE_CODE_MAX_RETRIES") == "3");
  CHECK(values.count("IS_SANDBOX") == 0);
  CHECK(cli_environment(RuntimeKind::claude, true).at("IS_SANDBOX") == "1");
  CHECK(cli_environment(RuntimeKind::codex, true).empty());
}
