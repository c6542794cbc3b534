// SPDX-License-Identifier: MIT
#include "config/config.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace std::chrono_literals;
using namespace konductor;
using namespace konductor::config;

namespace {

ConfigSources project(const std::string& text) {
  ConfigSources sources;
  sources.project_file = ConfigFile{"config.toml", text};
  return sources;
}

Config must_load(const ConfigSources& sources) {
  Result<Config> config = load_config(sources);
  if (config.has_error()) FAIL(config.error().message);
  return std::move(config).value();
}

// The whole message, so that no other complaint hides behind the one that is looked for.
std::string problem(const ConfigSources& sources) {
  const Result<Config> config = load_config(sources);
  REQUIRE(config.has_error());
  CHECK(config.error().code == ErrorCode::invalid_input);
  return config.error().message;
}

std::string problem(const std::string& text) {
  return problem(project(text));
}

}  // namespace

TEST_CASE("without any source every key has its default") {
  const Config config = must_load({});
  CHECK(config == Config{});
  CHECK(config.general.default_runtime == "auto");
  CHECK(config.general.default_model == "claude-sonnet-4");
  CHECK(config.execution.max_wave_parallelism == 4);
  CHECK(config.execution.schedule == Schedule::waves);
  CHECK(config.execution.max_crash_retries == 1);
  CHECK(config.execution.circuit_breaker == 3);
  CHECK(config.execution.grace_period == 10s);
  CHECK(config.git.auto_commit);
  CHECK_FALSE(config.git.sign);
  CHECK(config.git.hooks == GitHooks::none);
  CHECK(config.git.branching_strategy == BranchingStrategy::none);
  CHECK(config.git.isolation == Isolation::automatic);
  CHECK(config.git.worktree_dir.empty());
  CHECK_FALSE(config.git.overlay);
  CHECK(config.features.research);
  CHECK(config.features.plan_checker);
  CHECK(config.features.design_review);
  CHECK(config.features.code_review);
  CHECK(config.features.verifier);
  CHECK(config.gates.changed);
  CHECK(config.gates.declared_files);
  CHECK(config.gates.verify);
  CHECK(config.gates.protected_files);
  CHECK(config.gates.tests);
  CHECK(config.gates.secrets);
  CHECK_FALSE(config.gates.baseline);
  CHECK(config.gates.verify_timeout == 10min);
  CHECK(config.limits.document_max == 1048576U);
  CHECK(config.limits.output_max == 1073741824U);
  CHECK(config.limits.timeout == 1h);
  CHECK(config.limits.silence == 0s);
  CHECK(config.limits.max_wait == 0s);
  CHECK(config.workspace.setup.empty());
  CHECK(config.workspace.copy.empty());
  CHECK(config.hooks.test_patterns.size() == 19);
  CHECK(config.role(RoleName::executor) == RoleSettings{});
}

TEST_CASE("a file may set every key") {
  const Config config = must_load(project(R"(
[general]
default_runtime = "codex"
default_model = "m"
[execution]
max_wave_parallelism = 1
schedule = "dependencies"
max_crash_retries = 0
circuit_breaker = 5
grace_period = "500ms"
[git]
auto_commit = false
sign = true
hooks = "final"
branching_strategy = "plan"
isolation = "none"
worktree_dir = "../trees"
overlay = true
[features]
research = false
plan_checker = false
design_review = false
code_review = false
verifier = false
[gates]
changed = false
declared_files = false
verify = false
protected_files = false
tests = false
secrets = false
baseline = true
verify_timeout = "0s"
[limits]
document_max = 4096
output_max = "64KiB"
timeout = "1h30m"
silence = "5m"
[workspace]
setup = ["npm ci"]
copy = [".env"]
[hooks]
test_patterns = []
[roles.spec-reviewer]
runtime = "claude"
model = "big"
timeout = "10m"
enabled = false
[roles.executor]
runtime = ["claude", "codex"]
)"));
  CHECK(config.general.default_runtime == "codex");
  CHECK(config.execution.max_wave_parallelism == 1);
  CHECK(config.execution.schedule == Schedule::dependencies);
  CHECK(config.execution.max_crash_retries == 0);
  CHECK(config.execution.circuit_breaker == 5);
  CHECK(config.execution.grace_period == 500ms);
  CHECK_FALSE(config.git.auto_commit);
  CHECK(config.git.sign);
  CHECK(config.git.hooks == GitHooks::at_the_end);
  CHECK(config.git.branching_strategy == BranchingStrategy::plan);
  CHECK(config.git.isolation == Isolation::none);
  CHECK(config.git.worktree_dir == "../trees");
  CHECK(config.git.overlay);
  FeatureSettings no_features;
  no_features.research = no_features.plan_checker = no_features.design_review = false;
  no_features.code_review = no_features.verifier = false;
  CHECK(config.features == no_features);
  CHECK_FALSE(config.gates.protected_files);
  CHECK_FALSE(config.gates.tests);
  CHECK_FALSE(config.gates.secrets);
  CHECK(config.gates.baseline);
  CHECK(config.gates.verify_timeout == 0s);
  CHECK(config.limits.document_max == 4096U);
  CHECK(config.limits.output_max == 65536U);
  CHECK(config.limits.timeout == 90min);
  CHECK(config.limits.silence == 5min);
  CHECK(config.workspace.setup == std::vector<std::string>{"npm ci"});
  CHECK(config.workspace.copy == std::vector<std::string>{".env"});
  CHECK(config.hooks.test_patterns.empty());
  const RoleSettings& reviewer = config.role(RoleName::spec_reviewer);
  CHECK(reviewer.runtime == std::vector<std::string>{"claude"});
  CHECK(reviewer.model == "big");
  CHECK(reviewer.timeout == 10min);
  CHECK(reviewer.enabled == false);
  CHECK(config.role(RoleName::executor).runtime == std::vector<std::string>{"claude", "codex"});
}

TEST_CASE("later sources win key by key") {
  ConfigSources sources = project("[execution]\ncircuit_breaker = 6\nmax_crash_retries = 6\n");
  sources.user_file =
      ConfigFile{"user.toml",
                 "[execution]\ncircuit_breaker = 5\nmax_wave_parallelism = 5\n[git]\n"
                 "auto_commit = false\n"};
  sources.environment = {"KONDUCTOR_EXECUTION_MAX_CRASH_RETRIES=7",
                         "KONDUCTOR_EXECUTION_SCHEDULE=dependencies"};
  sources.sets = {"execution.schedule=waves", "limits.timeout=5m", "limits.timeout=6m"};
  const Config config = must_load(sources);
  CHECK(config.execution.max_wave_parallelism == 5);
  CHECK(config.execution.circuit_breaker == 6);
  CHECK(config.execution.max_crash_retries == 7);
  CHECK(config.execution.schedule == Schedule::waves);
  CHECK(config.limits.timeout == 6min);
  CHECK_FALSE(config.git.auto_commit);
}

TEST_CASE("the environment sets known keys only, with dashes and dots as underscores") {
  ConfigSources sources;
  sources.environment = {"KONDUCTOR_FEATURES_CODE_REVIEW=false",
                         "KONDUCTOR_ROLES_SPEC_REVIEWER_MODEL=m",
                         "KONDUCTOR_ROLES_EXECUTOR_RUNTIME=[\"codex\", \"claude\"]",
                         "KONDUCTOR_WORKSPACE_SETUP=npm ci",
                         "KONDUCTOR_LIMITS_DOCUMENT_MAX=2048",
                         "KONDUCTOR_ROLE=executor",
                         "KONDUCTOR_EXECUTION_MAX_WAVE_PARALELISM=nonsense",
                         "KONDUCTOR_",
                         "KONDUCTOR_GENERAL_DEFAULT_MODEL",
                         "konductor_execution_circuit_breaker=9",
                         "PATH=/bin"};
  const Config config = must_load(sources);
  CHECK_FALSE(config.features.code_review);
  CHECK(config.role(RoleName::spec_reviewer).model == "m");
  CHECK(config.role(RoleName::executor).runtime == std::vector<std::string>{"codex", "claude"});
  CHECK(config.workspace.setup == std::vector<std::string>{"npm ci"});
  CHECK(config.limits.document_max == 2048U);
  CHECK(config.execution.circuit_breaker == 3);
  CHECK(config.general.default_model == "claude-sonnet-4");
}

TEST_CASE("a wrong value in the environment is an error that names the variable") {
  ConfigSources sources;
  sources.environment = {"KONDUCTOR_EXECUTION_CIRCUIT_BREAKER=many", "KONDUCTOR_LIMITS_TIMEOUT=90",
                         "KONDUCTOR_GIT_AUTO_COMMIT=", "KONDUCTOR_GENERAL_DEFAULT_MODEL=\xFF"};
  CHECK(problem(sources) ==
        "KONDUCTOR_EXECUTION_CIRCUIT_BREAKER: \"execution.circuit_breaker\" must be an integer of "
        "at least 1, not \"many\"\n"
        "KONDUCTOR_LIMITS_TIMEOUT: \"limits.timeout\" must be a duration such as \"90s\", \"30m\" "
        "or \"2h\", not \"90\"\n"
        "KONDUCTOR_GIT_AUTO_COMMIT: \"git.auto_commit\" must be true or false, not \"\"\n"
        "KONDUCTOR_GENERAL_DEFAULT_MODEL: \"general.default_model\" must be UTF-8 text");
}

TEST_CASE("the option --set takes bare and quoted text, lists, tables and new runtimes") {
  ConfigSources sources;
  sources.sets = {"general.default_model=a model = b",
                  "roles.assessor.model=\"quoted\"",
                  "roles.assessor.enabled=false",
                  "roles.assessor.timeout=30s",
                  "limits.output_max=1MiB",
                  "hooks.test_patterns=[\"a\", \"b\"]",
                  "workspace.copy=",
                  "runtimes.fake.kind=command",
                  "runtimes.fake.command=./agent.sh",
                  "runtimes.fake.env={ A = \"1\", B = \"2\" }",
                  "runtimes.fake.env.B=say \"3\"",
                  "general.default_runtime=fake"};
  const Config config = must_load(sources);
  CHECK(config.general.default_model == "a model = b");
  CHECK(config.role(RoleName::assessor).model == "quoted");
  CHECK(config.role(RoleName::assessor).enabled == false);
  CHECK(config.role(RoleName::assessor).timeout == 30s);
  CHECK(config.limits.output_max == 1048576U);
  CHECK(config.hooks.test_patterns == std::vector<std::string>{"a", "b"});
  CHECK(config.workspace.copy.empty());
  const RuntimeSettings& fake = config.runtimes.at("fake");
  CHECK(fake.command == std::vector<std::string>{"./agent.sh"});
  CHECK(fake.env == std::map<std::string, std::string>{{"A", "1"}, {"B", "say \"3\""}});
}

TEST_CASE("the option --set refuses what is no assignment and what is no key") {
  ConfigSources sources;
  sources.sets = {"execution.schedule",          "=3",
                  "execution.shedule=waves",     "nonsense=1",
                  "execution.circuit_breaker=0", "execution.circuit_breaker=1\n2",
                  "features.research=1, x"};
  CHECK(problem(sources) ==
        "--set \"execution.schedule\": write section.key=value\n"
        "--set \"=3\": write section.key=value\n"
        "--set execution.shedule: unknown key; did you mean \"execution.schedule\"?\n"
        "--set nonsense: unknown key\n"
        "--set execution.circuit_breaker: \"execution.circuit_breaker\" must be an integer of at "
        "least 1, not 0\n"
        "--set execution.circuit_breaker: \"execution.circuit_breaker\" must be an integer of at "
        "least 1, not \"1\\n2\"\n"
        "--set features.research: \"features.research\" must be true or false, not \"1, x\"");
}

TEST_CASE("unknown keys and sections are errors with their place and a suggestion") {
  CHECK(problem("[execution]\n  max_wave_paralelism = 4\n") ==
        "config.toml:2:3: unknown key \"max_wave_paralelism\" in [execution]; did you mean "
        "\"max_wave_parallelism\"?");
  CHECK(problem("[executoin]\n") ==
        "config.toml:1:2: unknown section or key \"executoin\"; did you mean \"execution\"?");
  CHECK(problem("[roles.excutor]\nmodel = \"m\"\n") ==
        "config.toml:1:8: unknown key \"excutor\" in [roles]; did you mean \"executor\"?");
  CHECK(problem("[roles.executor]\nretries = 1\n") ==
        "config.toml:2:1: unknown key \"retries\" in [roles.executor]");
  CHECK(problem("circuit_breaker = 3\n") ==
        "config.toml:1:1: unknown section or key \"circuit_breaker\"; it belongs in [execution]");
  CHECK(problem("git = 3\n") == "config.toml:1:1: \"git\" is a section: write [git]");
  CHECK(problem("[[git]]\nauto_commit = true\n").find("write [git]") != std::string::npos);
}

TEST_CASE("every mistake of every file is told at once, line by line") {
  ConfigSources sources = project(
      "[limits]\r\ntimeout = 90\r\n[general]\r\nmodel = 1\r\n[execution]\r\nschedule = "
      "\"wave\"\r\n");
  sources.user_file = ConfigFile{"user.toml", "[git]\nauto_commit = \"yes\"\nisolation = 7\n"};
  CHECK(
      problem(sources) ==
      "user.toml:2:15: \"git.auto_commit\" must be true or false, not \"yes\"\n"
      "user.toml:3:13: \"git.isolation\" must be \"auto\", \"worktree\" or \"none\", not 7\n"
      "config.toml:2:11: \"limits.timeout\" must be a duration such as \"90s\", \"30m\" or \"2h\", "
      "not 90\n"
      "config.toml:4:1: unknown key \"model\" in [general]\n"
      "config.toml:6:12: \"execution.schedule\" must be \"waves\" or \"dependencies\", not "
      "\"wave\"");
}

TEST_CASE("sizes that mean none where they are zero may be zero") {
  const Config config =
      must_load(project("[limits]\nmemory = \"0\"\n[execution]\nmemory_per_attempt = 0\n"));
  CHECK(config.limits.memory == 0);
  CHECK(config.execution.memory_per_attempt == 0);
  CHECK(problem("[limits]\noutput_max = \"0\"\n").find("at least one byte") != std::string::npos);
}

TEST_CASE("values of the wrong type say what is wanted") {
  CHECK(problem("[execution]\nmax_wave_parallelism = 0\n")
            .find("must be an integer of at least 1, not 0") != std::string::npos);
  CHECK(problem("[execution]\nmax_wave_parallelism = 99999999999\n")
            .find("must be an integer of at least 1") != std::string::npos);
  CHECK(problem("[execution]\nmax_wave_parallelism = 4.0\n").find("not a fraction") !=
        std::string::npos);
  CHECK(problem("[execution]\nmax_crash_retries = -1\n").find("at least 0, not -1") !=
        std::string::npos);
  CHECK(problem("[limits]\ndocument_max = -1\n").find("must be a size") != std::string::npos);
  CHECK(problem("[limits]\ndocument_max = 0\n").find("at least one byte") != std::string::npos);
  CHECK(problem("[limits]\ndocument_max = \"1MB\"\n").find("must be a size") != std::string::npos);
  CHECK(problem("[workspace]\nsetup = [\"a\", 1]\n").find("but holds 1") != std::string::npos);
  CHECK(problem("[workspace]\nsetup = 1979-05-27\n").find("not a date or time") !=
        std::string::npos);
  CHECK(problem("[general]\ndefault_model = { a = 1 }\n").find("not a table") != std::string::npos);
  CHECK(problem("[general]\ndefault_model = \"a\\u0000b\"\n").find("NUL") != std::string::npos);
}

TEST_CASE("text that is not TOML is one error with its place") {
  CHECK(problem("[general\n").rfind("config.toml:1:9: not valid TOML: ", 0) == 0);
  CHECK(problem("[general]\ndefault_model = \"\xFF\"\n").rfind("config.toml:2:", 0) == 0);
  CHECK(problem(std::string("a\0b = 1", 7)).rfind("config.toml:1:", 0) == 0);
  CHECK(problem("[git]\nauto_commit = true\nauto_commit = true\n").rfind("config.toml:3:", 0) == 0);
  // Pasted at the end from some page.
  CHECK(problem("[git]\nauto_commit = true\n[git]\nhooks = \"final\"\n")
            .find("put these keys below the one that is there") != std::string::npos);
  // Only the readable file's other mistakes can be known.
  ConfigSources sources = project("[general]\ndefault_runtime = \"mine\"\nx = 1\n");
  sources.user_file = ConfigFile{"user.toml", "["};
  const std::vector<std::string_view> lines = split_lines(problem(sources));
  REQUIRE(problem(sources).find("\nconfig.toml:3:1: unknown key \"x\"") != std::string::npos);
  CHECK(lines.size() == 2);
}

TEST_CASE("a byte order mark and Windows line ends are accepted") {
  const Config config = must_load(project("\xEF\xBB\xBF[execution]\r\ncircuit_breaker = 9\r\n"));
  CHECK(config.execution.circuit_breaker == 9);
}

TEST_CASE("hostile nesting ends with an error") {
  const std::string deep(20000, '[');
  CHECK(problem("x = " + deep).rfind("config.toml:1:", 0) == 0);
  ConfigSources sources;
  sources.sets = {"hooks.test_patterns=" + deep};
  CHECK(problem(sources).find("hooks.test_patterns") != std::string::npos);
}
