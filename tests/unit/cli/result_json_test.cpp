// SPDX-License-Identifier: MIT
#include "cli/result_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/schema_checker.hpp"
#include "unit/cli/samples.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using nlohmann::json;

namespace {

json checked(const ResultDocument& document) {
  const std::string text = result_json(document);
  json value = json::parse(text);
  test::SchemaChecker("result.schema.json").check(value);
  return value;
}

ResultDocument document_of(const engine::RunState& state) {
  ResultDocument document;
  document.phase = "01";
  document.run = "r1";
  document.exit = 4;
  document.outcome = "blocked";
  document.message = "phase 01 is blocked";
  document.state = &state;
  document.delivery_state = "none";
  document.seconds = 1.5;
  return document;
}

}  // namespace

TEST_CASE("the result of a run keeps to its schema and tells of every plan and task") {
  const engine::RunState state = samples::mixed_state();
  const json value = checked(document_of(state));
  REQUIRE(value["plans"].size() == 3);
  CHECK(value["plans"][0]["status"] == "completed");
  CHECK(value["plans"][1]["tasks"][1]["status"] == "blocked");
  CHECK(value["plans"][1]["tasks"][1]["attempts"] == 1);
  CHECK(value["plans"][1]["tasks"][1]["reason"] == "the staging database is unknown");
  CHECK(value["plans"][2]["status"] == "skipped");
  CHECK(value["blockers"] ==
        json::parse(R"([{"task":"01/002/2","reason":"the staging database is unknown"}])"));
  CHECK(value["skipped"][0]["plan"] == "01/003");
  // Plan 2 needs a person only because its task does.
  CHECK(value["needs_manual"] ==
        json::parse(R"([{"task":"01/002/1","reason":"two reviews failed"}])"));
  CHECK(value["holistic"]["state"] == "not_reached");
  CHECK(value["usage"]["attempts"] == 3);
  CHECK(value["usage"]["input_tokens"] == 300);
  CHECK(value["usage"]["cost_usd"] == 0.75);
}

TEST_CASE("a plan that needs a person for a reason of its own is told") {
  engine::RunState state = samples::fresh_state();
  samples::apply(state, {engine::event::plan_needs_manual{2, "missing: \"a.txt\""}});
  const json value = checked(document_of(state));
  CHECK(value["needs_manual"] ==
        json::parse(R"([{"task":"01/002","reason":"missing: \"a.txt\""}])"));
}

TEST_CASE("usage is that of the run, not of the runs before it") {
  namespace event = engine::event;
  engine::RunState state = samples::mixed_state();
  samples::apply(state, {event::run_started{"01", "0.1.0", "box", 1, 1, 4, "waves", "worktree"}});
  CHECK(checked(document_of(state))["usage"]["attempts"] == 0);
  CHECK(checked(document_of(state))["usage"]["input_tokens"] == 0);
  samples::apply(state,
                 {event::plan_started{3, 2, 0, "Plan 3"}, event::task_started{3, 1, "Task 1", "c0"},
                  samples::started(3, 1), samples::finished(3, 1)});
  const json value = checked(document_of(state));
  CHECK(value["usage"]["attempts"] == 1);
  CHECK(value["usage"]["input_tokens"] == 100);
  CHECK(value["plans"][1]["tasks"][1]["attempts"] == 1);
  ResultDocument nothing_started = document_of(state);
  nothing_started.run.reset();
  CHECK(checked(nothing_started)["usage"]["attempts"] == 0);
}

TEST_CASE("a result that is kept says how it is brought home") {
  const engine::RunState state = samples::fresh_state();
  ResultDocument document = document_of(state);
  document.exit = 0;
  document.outcome = "complete";
  document.delivery_state = "kept";
  document.delivery.command = "git merge konductor/01/main";
  document.delivery.detail = "the tree is not clean";
  document.is_review_enabled = false;
  const json value = checked(document);
  CHECK(value["delivery"]["command"] == "git merge konductor/01/main");
  CHECK_FALSE(value["delivery"].contains("branches"));
  document.delivery.branches = {"konductor/01/plan-001/work"};
  CHECK(checked(document)["delivery"]["branches"].size() == 1);
  CHECK_FALSE(checked(document)["delivery"].contains("behind"));
  document.delivery.behind = {
      {"konductor/01/plan-002/work", {"konductor/01/plan-001/work"}, "git merge x"}};
  CHECK(checked(document)["delivery"]["behind"][0]["of"][0] == "konductor/01/plan-001/work");
  CHECK(value["holistic"]["state"] == "off");
}

TEST_CASE("the holistic review is a blocker when it does not pass") {
  engine::RunState state = samples::fresh_state();
  samples::apply(state, {engine::event::holistic_finished{"fail", "rounds used up"}});
  const json value = checked(document_of(state));
  CHECK(value["holistic"] == json::parse(R"({"state":"fail","reason":"rounds used up"})"));
  CHECK(value["blockers"][0]["task"] == "01/holistic");
}

TEST_CASE("an error before a run is a document too") {
  ResultDocument document;
  document.phase = "77";
  document.exit = 2;
  document.outcome = "invalid";
  document.message = "no phase \"77\"";
  document.errors.push_back(result_error(Error{ErrorCode::invalid_input, "no phase \"77\""}));
  document.errors.push_back(result_error(plan::Diagnostic{"001.md",
                                                          {3, 8},
                                                          plan::Severity::error,
                                                          plan::Rule::field_type,
                                                          "bad wave",
                                                          "give a number"}));
  const json value = checked(document);
  CHECK(value["run"].is_null());
  CHECK(value["plans"].empty());
  CHECK_FALSE(value["errors"][0].contains("path"));
  CHECK(value["errors"][1]["line"] == 3);
  CHECK(value["errors"][1]["column"] == 8);
  CHECK(value["errors"][1]["hint"] == "give a number");
}

TEST_CASE("text that is not UTF-8 does not break the document") {
  engine::RunState state = samples::fresh_state();
  samples::apply(state, {engine::event::holistic_finished{"fail", "bad \xFF byte"}});
  CHECK_NOTHROW(checked(document_of(state)));
}
