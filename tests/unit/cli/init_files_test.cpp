// SPDX-License-Identifier: MIT
#include "cli/init_files.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "config/config.hpp"
#include "plan/plan_check.hpp"
#include "plan/plan_loader.hpp"
#include "records/state_file.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

namespace {

ProjectFacts facts(std::vector<std::string> agents = {}) {
  ProjectFacts found;
  found.name = "calculator";
  found.kind.languages = {"C++"};
  found.kind.test_commands = {"make test"};
  found.kind.setup_commands = {"echo \"ready\""};
  found.agents = std::move(agents);
  found.now = "2026-01-31T12:00:00.000Z";
  return found;
}

Result<config::Config> load(const std::string& text) {
  config::ConfigSources sources;
  sources.project_file = config::ConfigFile{"config.toml", text};
  return config::load_config(sources);
}

// The same with its commented settings switched on.
std::string uncommented(const std::string& text) {
  std::string all;
  for (const std::string_view line : split_lines(text)) {
    const bool is_setting = line.rfind("# ", 0) == 0 &&
                            (line.find(" = ") != std::string_view::npos || line[2] == '[') &&
                            line.find(": ") == std::string_view::npos;
    all += std::string(is_setting ? line.substr(2) : line) + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("the first configuration changes nothing but the runtime") {
  const auto alone = load(initial_config(facts()));
  REQUIRE(alone.has_value());
  CHECK(alone.value() == config::Config{});
  const auto with_agent = load(initial_config(facts({"codex", "gemini"})));
  REQUIRE(with_agent.has_value());
  config::Config expected;
  expected.general.default_runtime = "codex";
  CHECK(with_agent.value() == expected);
  CHECK_THAT(initial_config(facts({"codex", "gemini"})), Contains("codex, gemini"));
}

TEST_CASE("what the first configuration shows in comments can be switched on") {
  const auto config = load(uncommented(initial_config(facts())));
  INFO((config.has_error() ? config.error().message : ""));
  REQUIRE(config.has_value());
  CHECK(config.value().runtimes.count("my-agent") == 1);
  CHECK(config.value().workspace.setup == std::vector<std::string>{"echo \"ready\""});
  config::Config defaults;
  CHECK(config.value().execution == defaults.execution);
  CHECK(config.value().gates == defaults.gates);
  CHECK(config.value().limits == defaults.limits);
}

TEST_CASE("the example plan has neither error nor warning") {
  for (const char* command : {"", "cargo test", "cmake -S . -B build && ctest --test-dir build"}) {
    const std::string text = example_plan("01", command);
    CAPTURE(text);
    const auto diagnostics = plan::check_plans("01", {plan::load_plan("001.md", text)});
    for (const plan::Diagnostic& found : diagnostics)
      UNSCOPED_INFO(plan::format_diagnostic(found));
    CHECK(diagnostics.empty());
  }
}

TEST_CASE("the guide beside the plans is no plan itself") {
  CHECK_FALSE(plan::is_plan_file_name("README.md"));
  CHECK_THAT(plan_guide(facts()), Contains("`make test` passes") && Contains("```markdown\n+++"));
}

TEST_CASE("the first state is one that is read again") {
  for (const NewFile& file : initial_files(facts())) {
    CHECK_FALSE(file.text.empty());
    if (file.path != "state.toml") continue;
    const auto state = records::parse_state(file.text);
    REQUIRE(state.has_value());
    CHECK(state.value().project.name == "calculator");
    CHECK(state.value().current.phase == "01");
    CHECK(state.value().current.step == "specced");
  }
}

TEST_CASE("agents are told language and tests of the project") {
  const std::string text = initial_project(facts());
  CHECK_THAT(text, Contains("# calculator\n") && Contains("C++") && Contains("`make test`"));
}
