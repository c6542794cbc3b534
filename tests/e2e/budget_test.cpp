// SPDX-License-Identifier: MIT
// Budgets, with a shell script that prints what an agent with a cost would.
#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;

namespace {

constexpr const char* kAnyTask = R"(
echo work >"p${KONDUCTOR_PLAN}t${KONDUCTOR_TASK}.txt"
printf '## Status: DONE\n\n## Files Created\n\n- `p%st%s.txt`\n' "$KONDUCTOR_PLAN" "$KONDUCTOR_TASK" >"$KONDUCTOR_OUTPUT"
)";

}  // namespace

TEST_CASE("a phase's budget ends the run with 7, and the next run goes on") {
  CliScenario scenario("claude");
  scenario.plan(1, {"a", "b", "c"}).set("budget.phase_usd", "0.6");
  scenario.turn(1, std::string(kAnyTask) + e2e::kClaudeSuccess);
  const Ended ended = scenario.execute({"--json"});
  CHECK(ended.exit == 7);
  CHECK(ended.document().at("outcome") == "limit");
  CHECK_THAT(ended.err, Contains("the budget of the phase has no room for another attempt "
                                 "($0.50 of $0.60 used, see [budget]); run again to go on"));
  const std::vector<json> reached = scenario.events("budget_reached");
  REQUIRE(reached.size() == 1);
  CHECK(reached.at(0).at("scope") == "phase");
  CHECK(reached.at(0).at("used") == 0.5);
  CHECK(scenario.execute().exit == 0);
  // Only what was left.
  CHECK(scenario.events("attempt_started").size() == 1);
  CHECK(scenario.tree().count("p1t3.txt") == 1);
}

TEST_CASE("an attempt's budget is given to an agent that knows how to keep it") {
  CliScenario scenario("claude");
  scenario.plan(1, {"a"}).set("budget.attempt_usd", "1.5");
  scenario.turn(1, R"(echo '{"type":"result","subtype":"error_max_budget_usd","is_error":true}')"
                   "\nexit 1\n");
  CHECK(scenario.execute().exit == 1);
  CHECK_THAT(scenario.given("args", 1), Contains("--max-budget-usd\n1.5\n"));
  CHECK(scenario.causes() == e2e::Words{"over_budget"});
}

TEST_CASE("what an agent costs that tells tokens only follows from its runtime's prices") {
  CliScenario scenario("codex");
  scenario.plan(1, {"a"}).set("runtimes.codex.price_input", "2");
  scenario.set("runtimes.codex.price_output", "10.0");
  scenario.set("runtimes.codex.price_cache_read", "0.5");
  scenario.turn(1, std::string(kAnyTask) + R"(
echo '{"type":"turn.started"}'
echo '{"type":"turn.completed","usage":{"input_tokens":3000000,"cached_input_tokens":2000000,"output_tokens":100000}}'
)");
  REQUIRE(scenario.execute().exit == 0);
  const json usage = scenario.events("attempt_finished").at(0).at("usage");
  CHECK(usage.at("cost_usd") == 4.0);
}
