// SPDX-License-Identifier: MIT
// `konductor agents`, with a shell script that prints what an agent would.
#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;

namespace {

constexpr const char* kCopy = R"(
cat word.txt >copy.txt
cat word.txt >shell.txt
printf '## Status: DONE\n\n## Files Created\n\n- `copy.txt`\n- `shell.txt`\n' >"$KONDUCTOR_OUTPUT"
)";
constexpr const char* kPass = R"(
printf '## Verdict: pass\n\n## Findings\n\nNone.\n' >"$KONDUCTOR_OUTPUT"
)";
constexpr const char* kWait = "sleep 240 &\nwait\n";

json check_of(const json& document, std::size_t number) {
  return document.at("checks").at(number);
}

}  // namespace

TEST_CASE("agents list tells what is installed, in which version, and who works by default") {
  CliScenario scenario("claude");
  scenario.write(scenario.folder() / "claude", "#!/bin/sh\necho '2.0.1 (Claude Code)'\n");
  const Ended text = scenario.run({"agents", "list"});
  CHECK(text.exit == 0);
  CHECK_THAT(text.out, Contains("* ") && Contains("2.0.1") && Contains("verified is ") &&
                           Contains("not installed") && Contains("agents test NAME"));
  const json document = scenario.run({"agents", "list", "--json"}).document();
  for (const json& agent : document.at("agents")) {
    const bool is_claude = agent.at("name") == "claude";
    CHECK(agent.at("default") == is_claude);
    if (is_claude) CHECK(agent.at("version") == "2.0.1");
  }
}

TEST_CASE("agents test has an agent show what it can do, and leaves nothing behind") {
  CliScenario scenario("claude");
  scenario.turn(1, std::string(kCopy) + e2e::kClaudeSuccess);
  for (int reviewer = 2; reviewer <= 4; ++reviewer)
    scenario.turn(reviewer, std::string(kPass) + e2e::kClaudeSuccess);
  scenario.turn(5, kWait);
  const Ended ended =
      scenario.run({"agents", "test", "claude", "--interrupt-after", "3s", "--json"});
  INFO(ended.err);
  CHECK(ended.exit == 0);
  const json document = ended.document();
  REQUIRE(document.at("checks").size() == 4);
  for (std::size_t n = 0; n < 4; ++n) {
    INFO(check_of(document, n).dump());
    CHECK(check_of(document, n).at("shown") == true);
  }
  CHECK(document.at("cost_usd") == 1.0);
  CHECK(document.at("folder") == "");
}

TEST_CASE("agents test tells what an agent cannot do, and keeps what it said") {
  CliScenario scenario("claude");
  scenario.turn(1,
                "cat word.txt >copy.txt\n"
                "printf '## Status: DONE\\n' >\"$KONDUCTOR_OUTPUT\"\n" +
                    std::string(e2e::kClaudeSuccess));
  const Ended ended = scenario.run({"agents", "test", "claude", "--interrupt-after", "2s"});
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.out, Contains("yes  reads and writes files") &&
                            Contains("no   uses the shell") &&
                            Contains("What it was told and said: "));
}

TEST_CASE("agents test of an agent that is not there says so") {
  CliScenario scenario("claude");
  const Ended unknown = scenario.run({"agents", "test", "cluade"});
  CHECK(unknown.exit == 2);
  CHECK_THAT(unknown.err, Contains("did you mean \"claude\"?"));
  scenario.set("runtimes.claude.command", R"(["/nowhere/claude"])");
  const Ended missing = scenario.run({"agents", "test", "claude"});
  CHECK(missing.exit == 6);
  CHECK_THAT(missing.err, Contains("is not installed"));
}
