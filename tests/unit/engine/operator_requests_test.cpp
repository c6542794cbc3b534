// SPDX-License-Identifier: MIT
// What people ask of a run while it is at work, and between two runs.
#include <catch2/catch.hpp>

#include "engine/request_answer.hpp"
#include "support/run_simulator.hpp"

using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

using Lines = std::vector<std::string>;

Request asked(RequestAction action, TaskAddress address = {}, std::string text = "because") {
  Request request;
  request.action = action;
  request.address = address;
  request.text = std::move(text);
  return request;
}

RunSimulator unreviewed(std::vector<PlanDefinition> plans) {
  RunSimulator sim(std::move(plans));
  sim.rules.is_review_enabled = false;
  return sim;
}

bool finish_attempt(RunSimulator& sim, int plan) {
  return sim.finish_first<command::start_attempt>(
      [plan](const command::start_attempt& c) { return c.address.plan == plan; });
}

// All but attempts.
void settle(RunSimulator& sim) {
  auto any = [](const auto&) { return true; };
  while (sim.finish_first<command::open_workspace>(any) ||
         sim.finish_first<command::check_gates>(any) || sim.finish_first<command::file_task>(any) ||
         sim.finish_first<command::file_plan>(any) ||
         sim.finish_first<command::complete_plan>(any)) {
  }
}

// What a command appends between two runs.
void ask_at_rest(RunSimulator& sim, Request request) {
  request.id = "at-rest-" + std::to_string(sim.journal.size());
  const RequestAnswer answer = answer_request(sim.fold(), request, "01", false);
  REQUIRE(answer.refusal == "");
  for (const EventBody& body : answer.events)
    sim.journal.push_back({0, "operator", body});
}

std::string refusal(RunSimulator& sim, const Request& request) {
  sim.ask(request);
  return sim.events<event::request_taken>().back().refusal;
}

}  // namespace

TEST_CASE("a paused run starts no attempt and waits until it is resumed") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(sim.attempts.size() == 1);
  sim.ask(asked(RequestAction::pause));
  REQUIRE(finish_attempt(sim, 1));
  settle(sim);
  CHECK(sim.attempts.size() == 1);
  CHECK(sim.is_over());
  CHECK_FALSE(sim.machine().is_finished());
  sim.ask(asked(RequestAction::resume));
  sim.finish();
  CHECK(sim.attempts.size() == 2);
  CHECK(sim.machine().exit_code() == 0);
  CHECK(sim.events<event::run_paused>().size() == 1);
  CHECK(sim.events<event::run_resumed>().size() == 1);
}

TEST_CASE("what an attempt hands in is checked although the run is paused") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  sim.ask(asked(RequestAction::pause));
  REQUIRE(finish_attempt(sim, 1));
  settle(sim);
  CHECK(sim.events<event::task_completed>().size() == 1);
  CHECK(sim.attempts.size() == 1);
  CHECK_FALSE(sim.machine().is_finished());
}

TEST_CASE("a run that is paused at its very end has nothing to wait for") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(finish_attempt(sim, 1));
  while (sim.events<event::merge_finished>().empty())
    sim.step();
  sim.ask(asked(RequestAction::pause));
  sim.finish();
  CHECK(sim.machine().exit_code() == 0);
}

TEST_CASE("a pause does not outlast its run") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  REQUIRE(sim.start().has_value());
  sim.ask(asked(RequestAction::pause));
  sim.crash();
  CHECK(sim.fold().is_paused());
  CHECK(sim.run() == 0);
}

TEST_CASE("a request to stop is a Ctrl-C from elsewhere") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  sim.ask(asked(RequestAction::stop));
  CHECK(sim.machine().is_stopping());
  CHECK_FALSE(sim.machine().is_stopping_at_once());
  Request now = asked(RequestAction::stop);
  now.is_immediate = true;
  sim.ask(now);
  CHECK(sim.machine().is_stopping_at_once());
  sim.finish();
  CHECK(sim.machine().exit_code() == 130);
}

TEST_CASE("a request is taken once") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  REQUIRE(sim.start().has_value());
  Request note = asked(RequestAction::tell, {1, 1}, "use port 80");
  note.id = "the-one";
  sim.ask(note);
  sim.ask(note);
  CHECK(sim.events<event::request_taken>().size() == 1);
  CHECK(sim.state().task({1, 1})->notes == Lines{"use port 80"});
  REQUIRE(sim.state().refusal_of("the-one") != nullptr);
  CHECK(*sim.state().refusal_of("the-one") == "");
  CHECK(sim.state().refusal_of("another") == nullptr);
  // Another engine finds its file again.
  sim.crash();
  REQUIRE(sim.start().has_value());
  sim.ask(note);
  CHECK(sim.events<event::note_given>().size() == 1);
}

TEST_CASE("a note survives a failure and a new run") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.world.always[{{1, 1}, Action::execute}] = crash();
  REQUIRE(sim.run() == 1);
  ask_at_rest(sim, asked(RequestAction::tell, {1, 1}, "the server is db2"));
  sim.world.always.clear();
  REQUIRE(sim.run() == 0);
  CHECK(sim.state().task({1, 1})->notes == Lines{"the server is db2"});
}

TEST_CASE("the parts of a task that was split know what was said of it") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.world.say({1, 1}, Action::execute, {stuck()});
  sim.world.say({1, 1}, Action::assess_blocker, {split_into(2)});
  ask_at_rest(sim, asked(RequestAction::tell, {1, 1}, "keep it small"));
  REQUIRE(sim.run() == 0);
  CHECK(sim.state().task({1, 2})->notes == Lines{"keep it small"});
}

TEST_CASE("a skipped task lets its plan go on, which cannot complete") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 3), make_plan(2, 2, {1})});
  REQUIRE(sim.start().has_value());
  sim.ask(asked(RequestAction::skip, {1, 2}, "no API"));
  sim.finish();
  CHECK(sim.attempt_lines() == Lines{"1/1 executor execute", "1/3 executor execute"});
  CHECK(sim.describe_task(1, 2) == "skipped");
  CHECK(sim.describe_plan(1) == "skipped");
  CHECK(sim.machine().exit_code() == 1);
  const auto skipped = sim.events<event::plan_skipped>();
  REQUIRE(skipped.size() == 2);
  CHECK(skipped.at(0).reason == "task 001/2 was skipped: no API");
  CHECK(skipped.at(1).reason == "depends on plan 001, which was skipped: task 2: no API");
}

TEST_CASE("a task at work is cut off and then skipped") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  sim.ask(asked(RequestAction::skip, {1, 1}));
  CHECK(sim.describe_task(1, 1) == "active(execute)");
  REQUIRE(finish_attempt(sim, 1));
  CHECK(sim.describe_task(1, 1) == "skipped");
  CHECK(sim.events<event::attempt_finished>().back().cause == "cancelled");
  sim.finish();
  CHECK(sim.describe_task(1, 2) == "completed");
}

TEST_CASE("what a skipped task comes to in its last moment does not count") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(finish_attempt(sim, 1));
  // Its gates are being checked.
  sim.ask(asked(RequestAction::skip, {1, 1}));
  CHECK(sim.describe_task(1, 1) == "due(check_gates)");
  sim.finish();
  CHECK(sim.describe_task(1, 1) == "skipped");
  CHECK(sim.events<event::gate_checked>().size() == 1);
}

TEST_CASE("a blocked task that is skipped lets a plan go on that had stopped") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2), make_plan(2, 1)});
  sim.world.say({1, 1}, Action::execute, {stuck()});
  REQUIRE(sim.start().has_value());
  while (sim.describe_plan(1) != "stopped" || sim.state().task({1, 1})->is_filed == false) {
    settle(sim);
    finish_attempt(sim, 1);
  }
  sim.ask(asked(RequestAction::skip, {1, 1}));
  CHECK(sim.state().blocked().empty());
  sim.finish();
  CHECK(sim.describe_task(1, 2) == "completed");
  CHECK(sim.machine().exit_code() == 1);
}

TEST_CASE("a skipped plan is left out in this run and in later ones, until that is taken back") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 2, {2})});
  REQUIRE(sim.start().has_value());
  sim.ask(asked(RequestAction::skip, {2, 0}, "not now"));
  sim.finish();
  CHECK(sim.describe_plan(1) == "completed");
  CHECK(sim.describe_plan(2) == "skipped");
  CHECK(sim.describe_plan(3) == "skipped");
  sim.journal.push_back({0, "run-1", event::run_finished{1, "incomplete", "none", ""}});
  CHECK(sim.run() == 1);
  CHECK(sim.attempts.empty());
  ask_at_rest(sim, asked(RequestAction::retry, {2, 0}));
  CHECK(sim.run() == 0);
}

TEST_CASE("a plan at work is skipped when its attempt has ended") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  REQUIRE(sim.start().has_value());
  settle(sim);
  sim.ask(asked(RequestAction::skip, {1, 0}));
  CHECK(sim.describe_plan(1) == "running");
  sim.finish();
  CHECK(sim.describe_plan(1) == "skipped");
  CHECK(sim.attempts.size() == 1);
  // Taken back, it goes on where it was.
  ask_at_rest(sim, asked(RequestAction::retry, {1, 0}));
  CHECK(sim.run() == 0);
}

TEST_CASE("a plan whose task failed before it could be skipped is left out in later runs") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.rules.max_crash_retries = 0;
  sim.world.say({1, 1}, Action::execute, {crash()});
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(finish_attempt(sim, 1));
  REQUIRE(sim.describe_task(1, 1) == "failed");
  sim.ask(asked(RequestAction::skip, {1, 0}, "not now"));
  sim.finish();
  sim.journal.push_back({0, "run-1", event::run_finished{1, "incomplete", "none", ""}});
  CHECK(sim.run() == 1);
  CHECK(sim.attempts.empty());
  CHECK(sim.describe_plan(1) == "skipped");
  ask_at_rest(sim, asked(RequestAction::retry, {1, 0}));
  CHECK(sim.run() == 0);
}

TEST_CASE(
    "a blocked task that is freed runs again in the same run, and so does what waited for it") {
  const auto mode = GENERATE(ScheduleMode::waves, ScheduleMode::dependencies);
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1), make_plan(3, 2, {1})});
  sim.rules.schedule = mode;
  sim.rules.max_wave_parallelism = 1;
  sim.world.say({1, 1}, Action::execute, {stuck()});
  REQUIRE(sim.start().has_value());
  while (sim.describe_plan(2) != "running")
    sim.step();
  settle(sim);
  REQUIRE(sim.describe_task(1, 1) == "blocked");
  sim.ask(asked(RequestAction::unblock, {1, 1}, "the key is in the vault"));
  CHECK(sim.describe_task(1, 1) != "blocked");
  sim.finish();
  CHECK(sim.describe_plan(1) == "completed");
  CHECK(sim.describe_plan(3) == "completed");
  CHECK(sim.machine().exit_code() == 0);
}

TEST_CASE(
    "plans that were skipped for the sake of a blocked one have their turn once it is freed") {
  RunSimulator sim = unreviewed(
      {make_plan(1, 1), make_plan(2, 2, {1}), make_plan(3, 3, {2}), make_plan(4, 4, {}, 2)});
  sim.world.say({1, 1}, Action::execute, {stuck()});
  REQUIRE(sim.start().has_value());
  while (sim.describe_plan(4) != "running")
    sim.step();
  settle(sim);
  REQUIRE(sim.describe_plan(3) == "skipped");
  sim.ask(asked(RequestAction::unblock, {1, 1}));
  sim.finish();
  for (const int plan : {1, 2, 3, 4})
    CHECK(sim.describe_plan(plan) == "completed");
  CHECK(sim.machine().exit_code() == 0);
}

TEST_CASE("a failed task is retried at once, one that is complete with the next run") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1, {}, 2)});
  sim.rules.max_crash_retries = 0;
  sim.world.say({1, 1}, Action::execute, {crash()});
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(finish_attempt(sim, 1));
  settle(sim);
  REQUIRE(sim.describe_task(1, 1) == "failed");
  sim.ask(asked(RequestAction::retry, {1, 1}));
  CHECK(sim.describe_task(1, 1) == "waiting");
  REQUIRE(finish_attempt(sim, 2));
  settle(sim);
  REQUIRE(sim.describe_task(2, 1) == "completed");
  sim.ask(asked(RequestAction::retry, {2, 1}));
  CHECK(sim.state().wanted_retries().count({2, 1}) == 1);
  sim.finish();
  CHECK(sim.machine().exit_code() == 0);
  CHECK(sim.describe_task(2, 1) == "completed");
  sim.world.markers = RunSimulator::markers_of(sim.state());
  sim.journal.push_back({0, "run-1", event::run_finished{0, "complete", "none", ""}});
  REQUIRE(sim.run() == 0);
  CHECK(sim.attempt_lines() == Lines{"2/1 executor execute"});
  CHECK(sim.state().wanted_retries().empty());
}

TEST_CASE("what cannot be done is refused with what can be") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 2, {1})});
  REQUIRE(sim.start().has_value());
  settle(sim);
  CHECK_THAT(refusal(sim, asked(RequestAction::unblock, {1, 1})), Contains("is not blocked"));
  CHECK_THAT(refusal(sim, asked(RequestAction::retry, {1, 1})), Contains("is under way"));
  CHECK_THAT(refusal(sim, asked(RequestAction::retry, {2, 1})), Contains("has not begun"));
  CHECK_THAT(refusal(sim, asked(RequestAction::retry, {2, 0})), Contains("nothing to retry"));
  CHECK_THAT(refusal(sim, asked(RequestAction::tell, {7, 1})), Contains("konductor plan list"));
  CHECK_THAT(refusal(sim, asked(RequestAction::tell, {1, 0})), Contains("a note goes to a task"));
  CHECK_THAT(refusal(sim, asked(RequestAction::tell, {1, 1}, " ")), Contains("empty"));
  CHECK_THAT(refusal(sim, asked(RequestAction::skip, kPhaseAddress)), Contains("holistic review"));
  CHECK_THAT(refusal(sim, asked(RequestAction::skip, {9, 0})), Contains("there is no plan"));
  sim.finish();
  CHECK(sim.machine().exit_code() == 0);
  CHECK(answer_request(sim.state(), asked(RequestAction::skip, {1, 1}), "01", false).refusal ==
        "task \"01/001/1\" is complete");
}

TEST_CASE("a run that may last no longer starts nothing more and ends with 7") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 2)});
  sim.rules.seconds_max = 60;
  REQUIRE(sim.start().has_value());
  settle(sim);
  sim.pass_time(60);
  sim.finish();
  CHECK(sim.attempts.size() == 1);
  CHECK(sim.machine().exit_code() == 7);
  const auto reached = sim.events<event::budget_reached>();
  REQUIRE(reached.size() == 1);
  CHECK(reached.front() == event::budget_reached{0, 0, "run", "seconds", 60, 60});
}

TEST_CASE("a run whose time is up while it is paused ends") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.rules.seconds_max = 60;
  REQUIRE(sim.start().has_value());
  sim.ask(asked(RequestAction::pause));
  settle(sim);
  sim.pass_time(60);
  CHECK(sim.machine().is_finished());
  CHECK(sim.machine().exit_code() == 7);
}

TEST_CASE("what is done when the time is up is done") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.rules.seconds_max = 60;
  REQUIRE(sim.start().has_value());
  settle(sim);
  REQUIRE(finish_attempt(sim, 1));
  while (sim.merge_order.empty())
    sim.step();
  sim.pass_time(60);
  sim.finish();
  CHECK(sim.machine().exit_code() == 0);
}

TEST_CASE("the cost of one run is limited as a budget is") {
  RunSimulator sim = unreviewed({make_plan(1, 1, {}, 4)});
  sim.rules.budget.run.usd = 2.5;
  sim.world.usd = 1;
  CHECK(sim.run() == 7);
  CHECK(sim.attempts.size() == 2);
  CHECK(sim.events<event::budget_reached>().front().scope == "run");
  // The next run has its own.
  sim.world.markers = RunSimulator::markers_of(sim.state());
  CHECK(sim.run() == 0);
}

TEST_CASE("a person who is there is asked before an agent, and once") {
  RunSimulator sim = unreviewed({make_plan(1, 1), make_plan(2, 1)});
  sim.rules.asks_person = true;
  sim.world.say({1, 1}, Action::execute, {needs_context("which port?")});
  sim.world.say({2, 1}, Action::execute, {stuck("no access")});
  sim.world.person = [](const command::ask_person& c) {
    return c.address.plan == 1 ? std::optional<std::string>("80") : std::nullopt;
  };
  CHECK(sim.run() == 4);
  REQUIRE(sim.questions.size() == 2);
  CHECK(sim.questions.front().question == "which port?");
  const auto answers = sim.events<event::context_provided>();
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().source == "person");
  CHECK(answers.front().text == "80");
  CHECK(sim.describe_task(1, 1) == "completed");
  // Without an answer all goes as it does when nobody is there.
  CHECK(sim.describe_task(2, 1) == "blocked");
  const Lines lines = sim.attempt_lines();
  CHECK(std::count(lines.begin(), lines.end(), "2/1 assessor assess") == 1);
}

TEST_CASE("a task that was freed is not taken for one whose files a person removed") {
  RunSimulator sim = unreviewed({make_plan(1, 1)});
  sim.world.say({1, 1}, Action::execute, {stuck()});
  REQUIRE(sim.run() == 4);
  ask_at_rest(sim, asked(RequestAction::unblock, {1, 1}));
  REQUIRE(sim.start().has_value());
  while (sim.describe_task(1, 1) != "completed")
    sim.step();
  // It dies before the summary is on disk.
  sim.crash();
  REQUIRE(sim.run() == 0);
  CHECK(sim.attempts.empty());
}
