// SPDX-License-Identifier: MIT
// What holds for every phase, every behaviour of its agents and every moment of a crash.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "support/run_simulator.hpp"

using namespace konductor;        // NOLINT(google-build-using-namespace): tests only.
using namespace konductor::test;  // NOLINT(google-build-using-namespace): tests only.

namespace {

// Everything about one random phase comes from its seed.
class RandomPhase {
 public:
  explicit RandomPhase(unsigned seed) : random_(seed) {}

  bool chance(int percent) { return below(100) < percent; }
  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }

  std::vector<PlanDefinition> plans() {
    std::vector<PlanDefinition> plans;
    const int count = 1 + below(6);
    for (int number = 1; number <= count; ++number) {
      std::vector<int> depends_on;
      int wave = 1;
      for (const PlanDefinition& earlier : plans) {
        if (!chance(30)) continue;
        depends_on.push_back(earlier.plan);
        wave = std::max(wave, earlier.wave + 1);
      }
      plans.push_back(make_plan(number, wave, std::move(depends_on), 1 + below(3)));
    }
    return plans;
  }

  RunRules rules() {
    RunRules rules;
    rules.max_wave_parallelism = 1 + below(4);
    rules.max_crash_retries = below(3);
    rules.is_review_enabled = chance(80);
    rules.is_assessor_enabled = chance(80);
    rules.is_researcher_enabled = chance(80);
    if (chance(30)) rules.schedule = ScheduleMode::dependencies;
    return rules;
  }

  Reply reply(Action action) {
    if (chance(12)) return crash();
    if (chance(6)) return refused(chance(50) ? "quota" : "overloaded");
    switch (action) {
      case Action::execute:
        return executor_reply();
      case Action::assess_blocker:
        if (chance(40)) return resolve();
        return chance(50) ? split_into(1 + below(3)) : escalate();
      case Action::assess_concerns:
        return chance(50) ? mark({"[actionable] fix it"}, {}) : mark({}, {"[informational] fine"});
      case Action::review_spec:
      case Action::review_quality:
      case Action::review_holistic:
        return chance(25) ? reject() : pass();
      case Action::research:
      case Action::check_gates:
        break;
    }
    return answer();
  }

 private:
  Reply executor_reply() {
    const int kind = below(100);
    if (kind < 8) return needs_context();
    if (kind < 14) return stuck();
    if (kind < 24) return concerned({chance(50) ? "[actionable] a" : "b"});
    return done();
  }

  std::mt19937 random_;
};

RunSimulator simulate(RandomPhase& phase) {
  RunSimulator sim(phase.plans());
  sim.rules = phase.rules();
  sim.world.pick = [&phase](std::size_t count) {
    return static_cast<std::size_t>(phase.below(static_cast<int>(count)));
  };
  sim.world.behaviour = [&phase](const command::start_attempt& command) {
    return phase.reply(command.action);
  };
  sim.world.gate_behaviour = [&phase](const TaskAddress&) {
    return phase.chance(12) ? gate_finding() : std::vector<Finding>{};
  };
  return sim;
}

// Whatever a person may think of, about whatever there is.
Request random_request(RandomPhase& phase, const RunSimulator& sim) {
  Request request;
  request.action = kAllRequestActions[static_cast<std::size_t>(
      phase.below(static_cast<int>(kAllRequestActions.size())))];
  if (request.action == RequestAction::stop) request.action = RequestAction::pause;
  if (has_address(request.action))
    request.address = {1 + phase.below(static_cast<int>(sim.plans.size())), phase.below(5)};
  request.text = "because";
  return request;
}

// A run that is asked things at any moment, to its end.
void run_visited(RandomPhase& phase, RunSimulator& sim) {
  RC_ASSERT(sim.start().has_value());
  for (std::size_t moments = 0; moments < sim.outcomes_max; ++moments) {
    if (phase.chance(15)) sim.ask(random_request(phase, sim));
    if (!sim.is_over()) {
      sim.step();
    } else if (sim.machine().is_finished()) {
      return;
    } else {
      RC_ASSERT(sim.state().is_paused());
      Request resume;
      resume.action = RequestAction::resume;
      sim.ask(resume);
    }
  }
  RC_FAIL("the run does not end");
}

// By the events alone.
void check_wishes(const RunSimulator& sim) {
  bool is_paused = false;
  std::set<TaskAddress> left_out;
  std::set<std::string> requests;
  for (const Event& event : sim.journal) {
    if (std::holds_alternative<event::run_started>(event.body)) is_paused = false;
    if (std::holds_alternative<event::run_paused>(event.body)) is_paused = true;
    if (std::holds_alternative<event::run_resumed>(event.body)) is_paused = false;
    if (const auto* e = std::get_if<event::request_taken>(&event.body))
      RC_ASSERT(requests.insert(e->request).second);
    if (const auto* e = std::get_if<event::skip_requested>(&event.body))
      left_out.insert({e->plan, e->task});
    if (const auto* e = std::get_if<event::retry_requested>(&event.body))
      left_out.erase({e->plan, e->task});
    const auto* started = std::get_if<event::attempt_started>(&event.body);
    if (started == nullptr || started->plan == 0) continue;
    RC_ASSERT(!is_paused);
    const bool is_left_out = left_out.count({started->plan, started->task}) != 0 ||
                             left_out.count({started->plan, 0}) != 0;
    RC_ASSERT(!is_left_out);
  }
}

int wave_of(const RunSimulator& sim, int plan) {
  for (const PlanDefinition& definition : sim.plans)
    if (definition.plan == plan) return definition.wave;
  return 0;
}

// Plans by the events alone, not by what the machine thinks of them.
struct Settled {
  std::set<int> started;
  std::set<int> complete;
  std::set<int> over;

  void note(const EventBody& body) {
    if (const auto* e = std::get_if<event::plan_started>(&body)) started.insert(e->plan);
    if (const auto* e = std::get_if<event::plan_completed>(&body)) complete.insert(e->plan);
    if (const auto* e = std::get_if<event::task_failed>(&body)) over.insert(e->plan);
    if (const auto* e = std::get_if<event::task_blocked>(&body)) over.insert(e->plan);
    if (const auto* e = std::get_if<event::plan_needs_manual>(&body)) over.insert(e->plan);
    if (const auto* e = std::get_if<event::plan_skipped>(&body)) over.insert(e->plan);
  }
  bool is_over(int plan) const { return over.count(plan) != 0 || complete.count(plan) != 0; }
};

void check_order(const RunSimulator& sim) {
  Settled settled;
  for (const Event& event : sim.journal) {
    if (const auto* started = std::get_if<event::plan_started>(&event.body)) {
      for (const PlanDefinition& plan : sim.plans) {
        if (plan.plan == started->plan)
          for (const int dependency : plan.depends_on)
            RC_ASSERT(settled.complete.count(dependency) == 1U);
        const bool is_earlier = plan.wave < wave_of(sim, started->plan);
        if (is_earlier && sim.rules.schedule == ScheduleMode::waves)
          RC_ASSERT(settled.is_over(plan.plan));
      }
    }
    settled.note(event.body);
  }
}

void check_limits(const RunSimulator& sim) {
  std::map<TaskAddress, int> crashes;
  std::map<TaskAddress, int> questions;
  std::map<std::pair<TaskAddress, std::string>, int> rejections;
  for (const Event& event : sim.journal) {
    if (const auto* e = std::get_if<event::attempt_finished>(&event.body)) {
      int& count = crashes[{e->plan, e->task}];
      if (is_excused(e->cause)) continue;
      count = e->cause == "done" ? 0 : count + 1;
      RC_ASSERT(count <= sim.rules.max_crash_retries + 1);
    }
    // With nobody left to assess them, concerns are taken as they are and the next dispatch begins.
    if (const auto* e = std::get_if<event::concerns_assessed>(&event.body))
      crashes[{e->plan, e->task}] = 0;
    if (const auto* e = std::get_if<event::status_reported>(&event.body))
      if (e->status == "NEEDS_CONTEXT") {
        const TaskAddress task{e->plan, e->task};
        RC_ASSERT(++questions[task] <= sim.rules.context_rounds_max + 1);
      }
    auto reject = [&](const TaskAddress& task, const std::string& stage) {
      const int limit =
          stage == "holistic" ? sim.rules.holistic_rounds_max : sim.rules.review_rounds_max;
      const auto key = std::pair(task, stage);
      RC_ASSERT(++rejections[key] <= limit + 1);
    };
    if (const auto* e = std::get_if<event::review_finished>(&event.body))
      if (e->verdict != "pass") reject({e->plan, e->task}, e->stage);
    if (const auto* e = std::get_if<event::gate_checked>(&event.body))
      if (!e->passed) reject({e->plan, e->task}, e->stage);
  }
}

// The markers that lay on disk when the first `count` events were all there was.
MarkersOnDisk markers_after(const RunSimulator& sim, std::size_t count) {
  MarkersOnDisk markers;
  const RunState state = sim.fold(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* filed = std::get_if<event::marker_filed>(&sim.journal[i].body);
    if (filed == nullptr || filed->plan == 0) continue;
    if (filed->task == 0)
      markers.plans.insert(filed->plan);
    else if (std::holds_alternative<state::completed>(
                 state.task({filed->plan, filed->task})->state))
      markers.tasks.insert({filed->plan, filed->task});
  }
  return markers;
}

std::set<TaskAddress> completed_tasks(const RunSimulator& sim, const RunState& state) {
  std::set<TaskAddress> completed;
  for (const PlanDefinition& plan : sim.plans)
    for (const TaskRecord* task : state.tasks_of(plan.plan))
      if (std::holds_alternative<state::completed>(task->state)) completed.insert(task->address);
  return completed;
}

// A crash after `count` events; from then on all is well.
void continue_from(const RunSimulator& before, std::size_t count) {
  RunSimulator sim(before.plans);
  sim.rules = before.rules;
  sim.journal.assign(before.journal.begin(),
                     before.journal.begin() + static_cast<std::ptrdiff_t>(count));
  sim.world.markers = markers_after(before, count);
  sim.retry.all_blocked = true;
  std::set<TaskAddress> completed = completed_tasks(sim, sim.fold());
  // A person wants these to run again.
  const RunState before_it = sim.fold();
  for (const TaskAddress& wanted : before_it.wanted_retries())
    completed.erase(wanted);
  sim.run();
  for (const command::start_attempt& attempt : sim.attempts)
    RC_ASSERT(completed.count(attempt.address) == 0U);
  const std::set<TaskAddress> after = completed_tasks(sim, sim.state());
  const bool is_kept =
      std::includes(after.begin(), after.end(), completed.begin(), completed.end());
  RC_ASSERT(is_kept);
}

}  // namespace

TEST_CASE("every run ends, in order and within its limits") {
  CHECK(rc::check([](unsigned seed) {
    RandomPhase phase(seed);
    RunSimulator sim = simulate(phase);
    sim.run();
    check_order(sim);
    check_limits(sim);
  }));
}

TEST_CASE("an engine that dies after any event continues and runs nothing complete again") {
  CHECK(rc::check([](unsigned seed) {
    RandomPhase phase(seed);
    RunSimulator sim = simulate(phase);
    sim.run();
    const std::size_t events = sim.journal.size();
    // Every prefix is a valid state; the crash is tried at every seventh, beginning anywhere.
    for (std::size_t count = 1; count <= events; ++count)
      sim.fold(count);
    for (auto count = static_cast<std::size_t>(1 + phase.below(7)); count <= events; count += 7)
      continue_from(sim, count);
  }));
}

TEST_CASE("whatever is asked at whatever moment, the run ends and does as it is told") {
  CHECK(rc::check([](unsigned seed) {
    RandomPhase phase(seed);
    RunSimulator sim = simulate(phase);
    run_visited(phase, sim);
    check_wishes(sim);
    const std::size_t events = sim.journal.size();
    for (std::size_t count = 1; count <= events; ++count)
      sim.fold(count);
    for (auto count = static_cast<std::size_t>(1 + phase.below(9)); count <= events; count += 9)
      continue_from(sim, count);
  }));
}

TEST_CASE("runs of one phase come to an end however often it is begun again") {
  CHECK(rc::check([](unsigned seed) {
    RandomPhase phase(seed);
    RunSimulator sim = simulate(phase);
    for (int run = 0; run < 4; ++run) {
      sim.world.markers = markers_after(sim, sim.journal.size());
      sim.retry.all_blocked = run % 2 == 1;
      sim.run();
    }
    sim.fold();
  }));
}
