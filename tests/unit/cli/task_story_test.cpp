// SPDX-License-Identifier: MIT
#include "cli/task_story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace konductor;
using namespace konductor::cli;
namespace event = engine::event;
using Catch::Matchers::Contains;

namespace {

const TaskAddress kTask{2, 3};

engine::Event in_run(const std::string& run, engine::EventBody body) {
  return {0, run, std::move(body)};
}

engine::Event started(const TaskAddress& address, const std::string& role, int attempt) {
  event::attempt_started e;
  e.plan = address.plan;
  e.task = address.task;
  e.role = role;
  e.reason = "execute";
  e.attempt = attempt;
  e.runtime = "claude";
  return in_run("run-1", e);
}

engine::Event finished(const TaskAddress& address, const std::string& role, int attempt) {
  event::attempt_finished e;
  e.plan = address.plan;
  e.task = address.task;
  e.role = role;
  e.attempt = attempt;
  e.cause = "done";
  e.seconds = 12.5;
  e.runtime = "codex";
  e.model = "gpt-5.5";
  e.usage = {100, 20, 7, 0.25};
  return in_run("run-1", e);
}

TaskStory story_of_two_tasks() {
  TaskStory story(kTask);
  story.apply(started({2, 2}, "executor", 1));
  story.apply(finished({2, 2}, "executor", 1));
  story.apply(started(kTask, "executor", 1));
  story.apply(finished(kTask, "executor", 1));
  story.apply(started(kTask, "spec-reviewer", 1));
  story.apply(finished(kTask, "spec-reviewer", 1));
  story.apply(started(kTask, "executor", 2));
  return story;
}

}  // namespace

TEST_CASE("a task's attempts are told with what they ran with and used") {
  const TaskStory story = story_of_two_tasks();
  REQUIRE(story.attempts().size() == 3);
  CHECK(story.attempts().front()->name == "002-task-3-executor-1");
  CHECK(story.attempts().front()->run == "run-1");
  const auto total = total_usage(story.attempts());
  CHECK(total.input_tokens == 200);
  CHECK(total.cost_usd == 0.5);
  const std::string text = attempts_text(story.attempts());
  CHECK_THAT(text, Contains("executor 1") && Contains("codex (gpt-5.5)") && Contains("12.5 s") &&
                       Contains("100 in, 20 out, 7 cached") && Contains("$0.2500"));
  CHECK_THAT(text, Contains("executor 2") && Contains("running"));
  const auto json = attempts_json(story.attempts());
  CHECK(json.at(0).at("cause") == "done");
  CHECK(json.at(0).at("usage").at("output_tokens") == 20);
  CHECK(json.at(2).at("cause").is_null());
}

TEST_CASE("an attempt is found by its role and number, and so is the one before it") {
  const TaskStory story = story_of_two_tasks();
  const AttemptStory* newest = story.find(std::nullopt, std::nullopt);
  REQUIRE(newest != nullptr);
  CHECK(newest->attempt == 2);
  const AttemptStory* first = story.find("executor", 1);
  REQUIRE(first != nullptr);
  CHECK(story.before(*newest) == first);
  // At another task: their prompts begin alike.
  REQUIRE(story.before(*first) != nullptr);
  CHECK(story.before(*first)->address == TaskAddress{2, 2});
  CHECK(story.before(*story.find("spec-reviewer", std::nullopt)) == nullptr);
  CHECK(story.find("code-reviewer", std::nullopt) == nullptr);
  CHECK(story.find("executor", 3) == nullptr);
}

TEST_CASE("gates and reviews of a task are told in their order") {
  TaskStory story(kTask);
  event::gate_checked gates;
  gates.plan = kTask.plan;
  gates.task = kTask.task;
  gates.findings = {{"significant", "verify", "`make` exits 1"}};
  event::review_finished review;
  review.plan = kTask.plan;
  review.task = kTask.task;
  review.stage = "spec";
  review.verdict = "pass";
  event::review_finished other = review;
  other.task = 1;
  for (const engine::EventBody& body :
       {engine::EventBody(gates), engine::EventBody(review), engine::EventBody(other)})
    story.apply(in_run("run-1", body));
  CHECK(judgements_text(story.judgements()) ==
        "  gates: failed\n    [significant] `make` exits 1\n  spec review: passed\n");
  const auto json = judgements_json(story.judgements());
  REQUIRE(json.size() == 2);
  CHECK(json.at(0).at("findings").at(0).at("source") == "verify");
  CHECK(json.at(1).at("passed") == true);
}
