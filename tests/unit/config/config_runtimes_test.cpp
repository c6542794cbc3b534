// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "config/config.hpp"

using namespace konductor;
using namespace konductor::config;

namespace {

Result<Config> load(const std::string& text, std::vector<std::string> environment = {}) {
  ConfigSources sources;
  sources.project_file = ConfigFile{"config.toml", text};
  sources.environment = std::move(environment);
  return load_config(sources);
}

std::string problem(const std::string& text) {
  const Result<Config> config = load(text);
  REQUIRE(config.has_error());
  return config.error().message;
}

RuntimeSettings runtime(const std::string& name, const std::string& text) {
  const Result<Config> config = load(text);
  if (config.has_error()) FAIL(config.error().message);
  return config.value().runtimes.at(name);
}

}  // namespace

TEST_CASE("the known agents need no configuration") {
  const Result<Config> config = load("");
  REQUIRE(config.has_value());
  REQUIRE(config.value().runtimes.size() == kBuiltInRuntimes.size());
  for (const std::string_view name : kBuiltInRuntimes) {
    INFO(name);
    const RuntimeSettings& one = config.value().runtimes.at(std::string(name));
    CHECK(one.command.front() == name);
  }
  CHECK(config.value().runtimes.at("claude").kind == RuntimeKind::claude);
  CHECK(config.value().runtimes.at("codex").kind == RuntimeKind::codex);
  CHECK(config.value().runtimes.at("gemini").kind == RuntimeKind::acp);
}

TEST_CASE("a runtime takes every key") {
  const RuntimeSettings mine = runtime("mine", R"(
[runtimes.mine]
kind = "command"
command = ["my-agent", "--prompt", "{prompt_file}"]
args = ["-v"]
env = { A = "b" }
pass_env = ["SECRET"]
write = ["~/.cache/mine"]
dialect = "opencode"
cassette = "tape"
)");
  CHECK(mine.kind == RuntimeKind::command);
  CHECK(mine.command == std::vector<std::string>{"my-agent", "--prompt", "{prompt_file}"});
  CHECK(mine.args == std::vector<std::string>{"-v"});
  CHECK(mine.env == std::map<std::string, std::string>{{"A", "b"}});
  CHECK(mine.pass_env == std::vector<std::string>{"SECRET"});
  CHECK(mine.write == std::vector<std::string>{"~/.cache/mine"});
  CHECK(mine.dialect == "opencode");
  CHECK(mine.cassette == "tape");
}

TEST_CASE("a dialect is one that is known, and for kind command") {
  const auto problem_of = [](const std::string& kind, const std::string& dialect) {
    const Result<Config> config = load("[runtimes.mine]\nkind = \"" + kind +
                                       "\"\ncommand = [\"a\"]\ndialect = \"" + dialect + "\"\n");
    return config.has_value() ? std::string() : config.error().message;
  };
  for (const std::string_view dialect : kDialects)
    CHECK(problem_of("command", std::string(dialect)).empty());
  CHECK(problem_of("command", "").empty());
  CHECK(problem_of("claude", "").empty());
  CHECK_THAT(problem_of("command", "opncode"), Catch::Contains("did you mean \"opencode\"?"));
  CHECK_THAT(problem_of("command", "klingon"), Catch::Contains("text, claude, codex, opencode"));
  CHECK_THAT(problem_of("claude", "claude"), Catch::Contains("only kind \"command\""));
}

TEST_CASE("the environment reaches known runtimes and no others") {
  const Result<Config> config =
      load("[runtimes.my-agent]\nkind = \"command\"\ncommand = [\"a\"]\n",
           {"KONDUCTOR_RUNTIMES_MY_AGENT_COMMAND=[\"b\", \"c\"]",
            "KONDUCTOR_RUNTIMES_CLAUDE_ARGS=[\"--x\"]", "KONDUCTOR_RUNTIMES_OTHER_KIND=command"});
  REQUIRE(config.has_value());
  CHECK(config.value().runtimes.at("my-agent").command == std::vector<std::string>{"b", "c"});
  CHECK(config.value().runtimes.at("claude").args == std::vector<std::string>{"--x"});
  CHECK(config.value().runtimes.count("other") == 0);
}

TEST_CASE("a kind brings its command where none is written") {
  CHECK(runtime("second", "[runtimes.second]\nkind = \"claude\"\n").command ==
        std::vector<std::string>{"claude"});
  CHECK(runtime("second", "[runtimes.second]\nkind = \"codex\"\nargs = [\"-q\"]\n").command ==
        std::vector<std::string>{"codex"});
  CHECK(runtime("gemini", "[runtimes.gemini]\npass_env = [\"GEMINI_API_KEY\"]\n").command ==
        std::vector<std::string>{"gemini", "--acp"});
  CHECK(runtime("tape", "[runtimes.tape]\nkind = \"replay\"\ncassette = \"c\"\n").command.empty());
}

TEST_CASE("a runtime without kind, command or recording is an error") {
  CHECK(problem("[runtimes.mine]\ncommand = [\"x\"]\n") ==
        "config.toml:1:11: runtime \"mine\" has no kind: write kind = \"command\", \"replay\", "
        "\"acp\", \"claude\" or \"codex\"");
  CHECK(problem("[runtimes.mine]\nkind = \"command\"\n") ==
        "config.toml:2:1: runtime \"mine\" is of kind \"command\" and needs a command: write "
        "command = [\"program\", \"argument\"]");
  CHECK(problem("[runtimes.mine]\nkind = \"acp\"\ncommand = []\n").find("needs a command") !=
        std::string::npos);
  CHECK(problem("[runtimes.mine]\nkind = \"command\"\ncommand = [\"\", \"x\"]\n")
            .find("program is empty") != std::string::npos);
  CHECK(problem("[runtimes.tape]\nkind = \"replay\"\nargs = [\"c\"]\n")
            .find("needs a recorded run") != std::string::npos);
  // A known agent that becomes something else has lost the command it was known with.
  CHECK(problem("[runtimes.claude]\nkind = \"command\"\n").find("needs a command") !=
        std::string::npos);
}

TEST_CASE("wrong parts of a runtime are named once") {
  CHECK(problem("[runtimes.mine]\nkind = \"shell\"\n") ==
        "config.toml:2:8: \"runtimes.mine.kind\" must be \"command\", \"replay\", \"acp\", "
        "\"claude\" or \"codex\", not \"shell\"");
  CHECK(problem("[runtimes.mine]\nkind = \"command\"\ncommand = \"agent -p\"\n") ==
        "config.toml:3:11: \"runtimes.mine.command\" must be a list of arguments such as "
        "[\"agent\", \"--quiet\"], not \"agent -p\"");
  CHECK(problem("[runtimes.claude]\nenv = { \"A=B\" = \"x\" }\n")
            .find("cannot be the name of a variable") != std::string::npos);
  CHECK(problem("[runtimes.claude]\nenv = { A = 1 }\n").find("must hold strings, but \"A\" is 1") !=
        std::string::npos);
  CHECK(problem("[runtimes.claude]\npass_env = [\"A=B\"]\n")
            .find("config.toml:2:1: runtime \"claude\" passes \"A=B\"") == 0);
  CHECK(problem("[runtimes.claude]\ncomand = [\"x\"]\n").find("did you mean \"command\"?") !=
        std::string::npos);
  CHECK(problem("[runtimes.\"a b\"]\nkind = \"claude\"\n").find("letters, digits, - and _ only") !=
        std::string::npos);
  CHECK(problem("[runtimes]\nmine = \"claude\"\n").find("unknown key \"mine\" in [runtimes]") !=
        std::string::npos);
}

TEST_CASE("a runtime that nobody configured cannot be named") {
  CHECK(problem("[general]\ndefault_runtime = \"clade\"\n") ==
        "config.toml:2:1: \"general.default_runtime\" names the runtime \"clade\", which is not "
        "configured; did you mean \"claude\"?");
  CHECK(problem("[roles.executor]\nruntime = [\"claude\", \"private\"]\n") ==
        "config.toml:2:1: \"roles.executor.runtime\" names the runtime \"private\", which is not "
        "configured: add [runtimes.private] or name one of auto, claude, codex, gemini, opencode, "
        "qwen");
  CHECK(load("[roles.executor]\nruntime = \"auto\"\n").has_value());
  CHECK(load("[general]\ndefault_runtime = \"p\"\n[runtimes.p]\nkind = \"claude\"\n").has_value());
}
