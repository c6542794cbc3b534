// SPDX-License-Identifier: MIT
#include "agent/role.hpp"

#include <catch2/catch.hpp>

#include "agent/shipped_files.hpp"

using namespace std::chrono_literals;
using namespace konductor;
using namespace konductor::agent;

namespace {

const std::string kPath = "agents/konductor-executor.toml";

std::string problem(const std::string& text, const std::string& path = kPath) {
  const Result<Role> role = parse_role(path, text);
  REQUIRE(role.has_error());
  CHECK(role.error().code == ErrorCode::invalid_input);
  return role.error().message;
}

config::Config settings(std::vector<std::string> sets) {
  config::ConfigSources sources;
  sources.sets = std::move(sets);
  Result<config::Config> config = config::load_config(sources);
  if (config.has_error()) FAIL(config.error().message);
  return std::move(config).value();
}

Role must_resolve(RoleName name, const std::optional<TextFile>& file,
                  const config::Config& config) {
  Result<Role> role = resolve_role(name, file, config);
  if (role.has_error()) FAIL(role.error().message);
  return std::move(role).value();
}

}  // namespace

TEST_CASE("a role file may set every key") {
  const Result<Role> parsed = parse_role(kPath, R"(
description = "d"
runtime = ["claude", "codex"]
model = "m"
prompt = "mine"
enabled = false
[permissions]
write = true
shell = true
deny_read = ["~/.ssh"]
[limits]
timeout = "5m"
)");
  REQUIRE(parsed.has_value());
  Role expected;
  expected.description = "d";
  expected.runtimes = {"claude", "codex"};
  expected.model = "m";
  expected.prompt = "mine";
  expected.permissions = Permissions{true, true, std::vector<std::string>{"~/.ssh"}};
  expected.timeout = 5min;
  expected.is_enabled = false;
  CHECK(parsed.value() == expected);
}

TEST_CASE("a role that says nothing may do nothing") {
  const Result<Role> role = parse_role("konductor-spec-reviewer.toml", "");
  REQUIRE(role.has_value());
  CHECK(role.value().name == RoleName::spec_reviewer);
  CHECK(role.value().permissions == Permissions{});
  CHECK(role.value().is_enabled);
}

TEST_CASE("mistakes in a role file are told with their place") {
  CHECK(problem("descripton = \"x\"\n[permissions]\nwrit = true\nshell = 1\n") ==
        "agents/konductor-executor.toml:1:1: unknown section or key \"descripton\"; did you mean "
        "\"description\"?\n"
        "agents/konductor-executor.toml:3:1: unknown key \"writ\" in [permissions]; did you mean "
        "\"write\"?\n"
        "agents/konductor-executor.toml:4:9: \"permissions.shell\" must be true or false, not 1");
  CHECK(problem("prompt = \"../../secret\"\n").find(":1:1: \"prompt\" is the name") !=
        std::string::npos);
  CHECK(problem("prompt = \"\"\n").find("\"prompt\" is the name") != std::string::npos);
  CHECK(problem("timeout = \"5m\"\n").find("it belongs in [limits]") != std::string::npos);
  CHECK(problem("= 1").find("agents/konductor-executor.toml:1:1: not valid TOML") == 0);
  CHECK(problem("model = \"\xFF\"").find("not valid TOML") != std::string::npos);
}

TEST_CASE("a role file is known by its name") {
  for (const char* path :
       {"executor.toml", "konductor-executor", "konductor-.toml", "konductor-excutor.toml",
        "konductor-executor.toml.bak", "", "agents/", "konductor-executor.toml/x"}) {
    INFO(path);
    CHECK(problem("", path).find("konductor-<role>.toml") != std::string::npos);
  }
  CHECK(role_file_name(RoleName::code_reviewer) == "konductor-code-reviewer.toml");
}

TEST_CASE("the shipped roles are complete, and only the executor may write") {
  for (const RoleName name : {RoleName::executor, RoleName::spec_reviewer, RoleName::code_reviewer,
                              RoleName::researcher, RoleName::assessor}) {
    INFO(to_string(name));
    const Role role = must_resolve(name, std::nullopt, settings({}));
    CHECK(role.name == name);
    CHECK_FALSE(role.description.empty());
    CHECK(role.prompt == to_string(name));
    CHECK(shipped_prompt(role.prompt).has_value());
    CHECK(role.permissions.write == (name == RoleName::executor));
    CHECK(role.runtimes == std::vector<std::string>{"auto"});
    CHECK(role.model.empty());
    CHECK(role.timeout == 1h);
    CHECK(role.is_enabled);
  }
}

TEST_CASE("a role that is not shipped needs a file of the project") {
  const Result<Role> missing = resolve_role(RoleName::designer, std::nullopt, settings({}));
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == ErrorCode::not_found);
  CHECK(missing.error().message.find(".konductor/agents/konductor-designer.toml") !=
        std::string::npos);
  const TextFile file{"konductor-designer.toml", "[permissions]\nwrite = true\n"};
  CHECK(must_resolve(RoleName::designer, file, settings({})).prompt == "designer");
}

TEST_CASE("the project's file goes before the shipped one, and the configuration before both") {
  const TextFile file{".konductor/agents/konductor-executor.toml",
                      "model = \"file\"\nruntime = \"codex\"\n[limits]\ntimeout = \"5m\"\n"
                      "[permissions]\nshell = false\n"};
  const Role from_file = must_resolve(RoleName::executor, file, settings({}));
  CHECK(from_file.model == "file");
  CHECK(from_file.runtimes == std::vector<std::string>{"codex"});
  CHECK(from_file.timeout == 5min);
  CHECK(from_file.permissions.write);
  CHECK_FALSE(from_file.permissions.shell);
  CHECK_FALSE(from_file.description.empty());
  const Role from_config = must_resolve(
      RoleName::executor, file,
      settings({"roles.executor.model=config", "roles.executor.runtime=[\"qwen\", \"claude\"]",
                "roles.executor.timeout=0s", "roles.executor.enabled=false",
                "general.default_model=general"}));
  CHECK(from_config.model == "config");
  CHECK(from_config.runtimes == std::vector<std::string>{"qwen", "claude"});
  CHECK(from_config.timeout == 0ms);
  CHECK_FALSE(from_config.is_enabled);
}

TEST_CASE("what no role says comes from the general settings") {
  const Role role = must_resolve(
      RoleName::assessor, std::nullopt,
      settings({"general.default_runtime=gemini", "general.default_model=g", "limits.timeout=7m"}));
  CHECK(role.runtimes == std::vector<std::string>{"gemini"});
  CHECK(role.model.empty());
  CHECK(role.timeout == 7min);
}

TEST_CASE("a role file cannot name a runtime that nobody configured, or another role") {
  const TextFile file{"konductor-executor.toml", "runtime = \"mine\"\n"};
  const Result<Role> role = resolve_role(RoleName::executor, file, settings({}));
  REQUIRE(role.has_error());
  CHECK(role.error().message.find("add [runtimes.mine]") != std::string::npos);
  const TextFile other{"konductor-assessor.toml", ""};
  CHECK(resolve_role(RoleName::executor, other, settings({})).has_error());
  const TextFile broken{"konductor-executor.toml", "mode = 1\n"};
  CHECK(resolve_role(RoleName::executor, broken, settings({})).has_error());
}

TEST_CASE("what a role may not read is its own to say, else the configuration's") {
  const TextFile silent{kPath, "model = \"m\"\n"};
  const TextFile mine{kPath, "[permissions]\ndeny_read = [\"~/.mine\"]\n"};
  using Places = std::vector<std::string>;
  const auto denied = [](const TextFile& file, std::vector<std::string> sets) {
    return must_resolve(RoleName::executor, file, settings(std::move(sets))).permissions.deny_read;
  };
  CHECK(denied(silent, {}) == config::Config().sandbox.deny_read);
  CHECK(denied(silent, {"sandbox.deny_read=[\"/x\"]"}) == Places{"/x"});
  CHECK(denied(mine, {"sandbox.deny_read=[\"/x\"]"}) == Places{"~/.mine"});
  CHECK(denied(mine, {"roles.executor.deny_read=[\"/y\"]"}) == Places{"/y"});
  CHECK(denied(mine, {"roles.executor.deny_read=/y"}) == Places{"/y"});
  CHECK(denied(mine, {"roles.executor.deny_read=[]"}) == Places());
  CHECK(denied(mine, {"roles.executor.deny_read="}) == Places());
  CHECK(denied(mine, {"roles.assessor.deny_read=[\"/y\"]"}) == Places{"~/.mine"});
}
