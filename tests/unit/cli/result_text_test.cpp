// SPDX-License-Identifier: MIT
#include "cli/result_text.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "unit/cli/samples.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

namespace {

ResultDocument document_of(const engine::RunState& state, const std::string& outcome) {
  ResultDocument document;
  document.phase = "01";
  document.run = "r1";
  document.outcome = outcome;
  document.state = &state;
  return document;
}

std::string text_of(const ResultDocument& document, bool is_quiet = false) {
  std::ostringstream stream;
  print_result(stream, Paint(false), document, "/project/.konductor/runs/r1", is_quiet);
  return stream.str();
}

}  // namespace

TEST_CASE("the sentence names what the run was narrowed to") {
  const engine::RunState state = samples::fresh_state();
  ResultDocument document = document_of(state, "complete");
  CHECK(result_message(document) == "phase 01 is complete");
  document.scope.until_wave = 2;
  CHECK(result_message(document) == "phase 01 is complete up to wave 2");
  document.scope = {};
  document.scope.plan = 2;
  CHECK(result_message(document) == "plan 01/002 is complete");
  document.scope.only = TaskAddress{2, 1};
  CHECK(result_message(document) == "task 01/002/1 is complete");
}

TEST_CASE("every outcome has a sentence") {
  const engine::RunState state = samples::mixed_state();
  for (const char* outcome : {"complete", "incomplete", "blocked", "circuit_breaker", "failures",
                              "interrupted", "failed", "limit", "dry_run"}) {
    CAPTURE(outcome);
    CHECK_FALSE(result_message(document_of(state, outcome)).empty());
  }
  CHECK(result_message(document_of(state, "incomplete")) ==
        "phase 01 is not complete: 1 blocked, 1 needs manual review, 1 skipped");
  CHECK(result_message(document_of(state, "blocked")) == "phase 01 is blocked: 1 blocker");
}

TEST_CASE("everything that needs a person is printed with its reason and its command") {
  const engine::RunState state = samples::mixed_state();
  const std::string text = text_of(document_of(state, "blocked"));
  CHECK_THAT(text, Contains("01/002/2  the staging database is unknown"));
  CHECK_THAT(text, Contains("konductor unblock 01/002/2 --context \"…\""));
  CHECK_THAT(text, Contains("konductor execute 01 --retry 01/002/1"));
  CHECK_THAT(text, Contains("01/003  depends on plan 002"));
  CHECK_THAT(text, Contains("/project/.konductor/runs/r1"));
  CHECK_THAT(text, Contains("`konductor execute 01`"));
  CHECK_THAT(text, !Contains("\x1b["));
}

TEST_CASE("quiet leaves out where things are, not what is wrong") {
  const engine::RunState state = samples::mixed_state();
  const std::string text = text_of(document_of(state, "blocked"), true);
  CHECK_THAT(text, Contains("01/002/2") && !Contains("runs/r1"));
}

TEST_CASE("a complete phase says where its result is") {
  const engine::RunState state = samples::fresh_state();
  ResultDocument document = document_of(state, "complete");
  document.delivery_state = "kept";
  document.delivery = {false, "its tree is not clean", "git merge konductor/01/main"};
  CHECK_THAT(text_of(document), Contains("git merge konductor/01/main") &&
                                    Contains("its tree is not clean") && !Contains("go on with"));
  document.delivery.behind = {
      {"b2", {"b1", "b3"}, "git switch b2 && git merge b1 && git merge b3"}};
  CHECK_THAT(text_of(document), Contains("b2 is behind b1 and b3") &&
                                    Contains("\n      git switch b2 && git merge b1 && "));
  document.delivery.behind.clear();
  document.delivery_state = "in_place";
  CHECK_THAT(text_of(document), Contains("working directory"));
  document.delivery_state = "fast_forwarded";
  document.delivery = {true, "\"main\" holds the result, commit abc", ""};
  CHECK_THAT(text_of(document), Contains("\"main\" holds the result"));
}

TEST_CASE("an agent's reason cannot write to the terminal") {
  engine::RunState state = samples::fresh_state();
  samples::apply(state, {engine::event::holistic_finished{"fail", "a\x1b]0;title\x07\nb"}});
  const std::string text = text_of(document_of(state, "blocked"));
  CHECK_THAT(text, !Contains("\x1b") && !Contains("\x07"));
  CHECK(result_message(document_of(state, "blocked")) ==
        "phase 01 is blocked: its holistic review does not pass");
}
