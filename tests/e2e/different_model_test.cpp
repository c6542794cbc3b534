// SPDX-License-Identifier: MIT
// Reviews by another model than the author's.
#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;
using e2e::Words;

namespace {

// Two runtimes of kind claude, "claude" and "second", each role with both of them.
class TwoModels : public CliScenario {
 public:
  TwoModels() : CliScenario("claude") {
    set("features.code_review", "true").set("review.different_model", "true");
    set("runtimes.second.kind", "\"claude\"");
    set("runtimes.second.command", "[\"" + program("second") + "\"]");
    set("runtimes.second.pass_env", R"(["FAKE_CLI_DIR"])");
    set("runtimes.claude.model", "\"opus\"").set("runtimes.second.model", "\"haiku\"");
    set("runtimes.second.env", "{ ANTHROPIC_API_KEY = \"of-its-own\" }");
    for (const char* role : {"executor", "spec-reviewer", "code-reviewer"})
      set(std::string("roles.") + role + ".runtime", R"(["claude", "second"])");
  }
  void work(int number) const {
    turn(number, std::string("echo work >p1t1.txt\nprintf '## Status: DONE\\n' "
                             ">\"$KONDUCTOR_OUTPUT\"\n") +
                     e2e::kClaudeSuccess);
  }
  void review(int number) const {
    turn(number, std::string("printf '## Verdict: pass\\n' >\"$KONDUCTOR_OUTPUT\"\n") +
                     e2e::kClaudeSuccess);
  }
  Words runtimes() const {
    Words names;
    for (const json& event : events("attempt_finished"))
      names.push_back(event.at("runtime"));
    return names;
  }
};

// An hour from now.
constexpr const char* kLimit =
    "cat <<END\n"
    R"({"type":"result","subtype":"success","is_error":true,)"
    R"("api_error_status":429,"result":"usage limit reached|)"
    "$(($(date +%s) + 3600))\"}\nEND\nexit 1\n";

}  // namespace

TEST_CASE("a reviewer passes over the author's model") {
  TwoModels scenario;
  scenario.work(1);
  scenario.review(2);
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.runtimes() == Words{"claude", "second", "second", "second"});
  CHECK(scenario.events("attempt_started").at(1).at("runtime") == "second");
  CHECK(scenario.events("attempt_finished").at(1).at("model") == "haiku");
}

TEST_CASE("who reviews follows who really did the work") {
  TwoModels scenario;
  scenario.turn(1, kLimit);
  scenario.work(2);
  scenario.review(3);
  // Only the author's model is at hand, and it may not review.
  const Ended ended = scenario.execute({"--max-wait", "10m"});
  INFO(ended.err);
  CHECK(ended.exit == 7);
  CHECK(scenario.runtimes() == Words{"claude", "second"});
  SECTION("when the limit is over the other one does") {
    std::filesystem::remove_all(scenario.home() / ".local");
    CHECK(scenario.execute().exit == 0);
    // Behind the attempt that had waited.
    CHECK(scenario.runtimes() == Words{"", "claude", "claude", "claude"});
  }
  SECTION("a reviewer whom the configuration left without another model needs a person") {
    std::filesystem::remove_all(scenario.home() / ".local");
    scenario.set("runtimes.claude.model", "\"sonnet\"")
        .set("roles.executor.runtime", R"(["claude"])");
    for (const char* role : {"spec-reviewer", "code-reviewer"})
      scenario.set(std::string("roles.") + role + ".runtime", R"(["second"])");
    CHECK(scenario.execute().exit == 1);
    const auto manual = scenario.events("task_needs_manual");
    REQUIRE(manual.size() == 1);
    CHECK_THAT(manual.at(0).at("reason").get<std::string>(),
               Contains("not_started") && Contains("\"second\" (haiku)"));
  }
}

TEST_CASE("execute refuses a configuration in which a model would review its own work") {
  TwoModels scenario;
  scenario.set("roles.code-reviewer.runtime", "\"claude\"");
  scenario.work(1);
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("review.different_model is true") && Contains("code-reviewer") &&
                            Contains("\"claude\" (opus)"));
  CHECK(scenario.events().empty());
}
