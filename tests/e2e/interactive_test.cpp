// SPDX-License-Identifier: MIT
// A person at the terminal answers what tasks ask.
#include <catch2/catch.hpp>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Scenario;
using e2e::Words;

namespace {

// Runs the phase at a terminal, where somebody types.
Ended execute_at_terminal(Scenario& scenario, Words typed) {
  Words words = {KONDUCTOR_TYPIST};
  words.insert(words.end(), typed.begin(), typed.end());
  words.emplace_back("--");
  scenario.behind(words);
  Ended ended = scenario.execute({"--interactive"});
  scenario.behind({});
  return ended;
}

Scenario& prepared(Scenario& scenario) {
  return scenario.set("features.code_review", "false").set("execution.circuit_breaker", "9");
}

}  // namespace

TEST_CASE("a person answers missing context, and no researcher is asked") {
  Scenario scenario;
  prepared(scenario).plan(1, {"needs context once"});
  const Ended ended = execute_at_terminal(scenario, {"an agent): ", "Port 8080, please.\\n"});
  CHECK_THAT(ended.out, Contains("question-of-1-1: which port?"));
  CHECK_THAT(scenario.prompt("executor-1-1-2"), Contains("Port 8080, please."));
  CHECK(scenario.events("context_provided").at(0).at("source") == "person");
  CHECK(scenario.attempts("researcher").empty());
  CHECK(ended.exit == 0);
}

TEST_CASE("who needs to know more asks again") {
  Scenario scenario;
  prepared(scenario).plan(1, {"needs context twice"});
  const Ended ended = execute_at_terminal(
      scenario, {"an agent): ", "Port 8080.\\n", "an agent): ", "On all addresses.\\n"});
  CHECK(ended.exit == 0);
  CHECK_THAT(scenario.prompt("executor-1-1-3"), Contains("On all addresses."));
  CHECK(scenario.events("context_provided").size() == 2);
}

TEST_CASE("a person frees a task that is blocked while another plan works on") {
  Scenario scenario;
  prepared(scenario).plan(1, {"blocked until told"}).plan(2, {"ok", "ok"});
  const Ended ended = execute_at_terminal(scenario, {"an agent): ", "the key is 42\\n"});
  CHECK(ended.exit == 0);
  CHECK(scenario.attempts("assessor").empty());
  CHECK_THAT(ended.out, Contains("cannot go on:"));
}

TEST_CASE("without an answer it goes on as if nobody were there") {
  const char* const nothing = GENERATE("\\n", "^D", "hang up");
  CAPTURE(nothing);
  Scenario scenario;
  prepared(scenario).plan(1, {"blocked escalate"});
  const Ended ended = execute_at_terminal(scenario, {"an agent): ", nothing});
  CHECK(scenario.attempts("assessor").size() >= (std::string(nothing) == "hang up" ? 0U : 1U));
  CHECK(ended.exit != 0);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a person writes the answer in an editor") {
  Scenario scenario;
  prepared(scenario).plan(1, {"blocked until told"});
  scenario.write(scenario.home() / "editor", "#!/bin/sh\nprintf 'the key is 42\\n' >\"$1\"\n");
  std::filesystem::permissions(scenario.home() / "editor", std::filesystem::perms::owner_all);
  scenario.with_environment("VISUAL", scenario.home() / "editor");
  const Ended ended = execute_at_terminal(scenario, {"an agent): ", "e\\n"});
  CHECK(ended.exit == 0);
  CHECK_THAT(ended.out, Contains("e) write the answer in"));
}

TEST_CASE("Ctrl-C at a question stops the run") {
  Scenario scenario;
  prepared(scenario).plan(1, {"blocked escalate"});
  const Ended ended = execute_at_terminal(scenario, {"an agent): ", "^C"});
  CHECK(ended.exit == 130);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("nobody can be asked without a terminal, or in a pipeline") {
  Scenario scenario;
  prepared(scenario).plan(1, {"ok"});
  const Ended piped = scenario.run({"execute", "01", "--interactive"});
  CHECK(piped.exit == 2);
  CHECK_THAT(piped.err, Contains("--interactive asks at a terminal, and stdin is none"));
  scenario.with_environment("CI", "true");
  const Ended in_ci = scenario.run({"execute", "01", "--interactive", "--json"});
  CHECK(in_ci.exit == 2);
  CHECK_THAT(in_ci.document().at("message").get<std::string>(), Contains("CI=true"));
}
