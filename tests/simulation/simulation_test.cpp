// SPDX-License-Identifier: MIT
// The whole driver against simulated agents, commits, time and a simulated disk of the journal,
// with an engine that dies now and then. SIMULATION_SEED=N runs one case again, SIMULATION_CASES=N
// that many that were not run before.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "base/overloaded.hpp"
#include "simulation/simulated_phase.hpp"
#include "support/in_memory.hpp"

using konductor::TaskAddress;
using konductor::test::Agents;
using konductor::test::Life;
using konductor::test::SimulatedPhase;
namespace engine = konductor::engine;
namespace event = konductor::engine::event;

namespace {

constexpr std::uint64_t kFirstSeed = 20261121;
constexpr int kCases = 60;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::vector<std::uint64_t> seeds() {
  if (const std::string one = variable("SIMULATION_SEED"); !one.empty()) return {std::stoull(one)};
  const std::string many = variable("SIMULATION_CASES");
  const std::uint64_t first = many.empty() ? kFirstSeed : std::random_device()();
  std::vector<std::uint64_t> all(many.empty() ? kCases : std::stoul(many));
  for (std::size_t n = 0; n < all.size(); ++n)
    all[n] = first + n;
  return all;
}

// What the journal of a task's life must never hold; "" when it does not.
class Auditor {
 public:
  explicit Auditor(bool is_review_enabled) : is_review_enabled_(is_review_enabled) {}

  std::string audit(const std::vector<engine::Event>& events) {
    for (const engine::Event& event : events)
      std::visit(konductor::Overloaded{
                     [this](const event::attempt_started& it) { see(it); },
                     [this](const event::task_started& it) {
                       reviews_.erase({it.plan, it.task});
                     },
                     [this](const event::gate_checked& it) {
                       gates_[{it.plan, it.task}] = it.passed;
                     },
                     [this](const event::review_finished& it) {
                       reviews_[{it.plan, it.task}][it.stage] = it.verdict == "pass";
                     },
                     [this](const event::attempt_finished& it) { see(it); },
                     [this](const event::task_failed& it) {
                       if (failures_.count({it.plan, it.task}) == 0)
                         complain("a task failed without a failed attempt");
                     },
                     [this](const event::task_completed& it) { see(it); },
                     [this](const event::task_reset& it) {
                       completed_.erase({it.plan, it.task});
                     },
                     [](const auto&) {},
                 },
                 event.body);
    return complaint_;
  }

 private:
  void see(const event::attempt_started& it) {
    const TaskAddress address{it.plan, it.task};
    const std::string name = std::to_string(it.plan) + "/" + std::to_string(it.task);
    if (completed_.count(address) != 0) complain("complete task " + name + " was run again");
    int& last = attempts_[{it.plan, it.task, it.role}];
    if (it.attempt <= last) complain("attempt numbers of " + name + " restart");
    last = it.attempt;
    // What follows has to be judged anew, by the last stage at least: a fix for the quality
    // reviewer goes back to that one.
    if (it.role == "executor") {
      gates_.erase(address);
      reviews_[address].erase("quality");
    }
  }
  void see(const event::attempt_finished& it) {
    if (it.cause == "done" || engine::is_excused(it.cause)) return;
    failures_.insert({it.plan, it.task});
  }
  void see(const event::task_completed& it) {
    const TaskAddress address{it.plan, it.task};
    const std::string name = std::to_string(it.plan) + "/" + std::to_string(it.task);
    if (!completed_.insert(address).second) complain("task " + name + " was completed twice");
    if (address == konductor::kPhaseAddress) return;
    if (!gates_[address]) complain("task " + name + " was completed without its gates");
    for (const char* stage : {"spec", "quality"})
      if (is_review_enabled_ && !reviews_[address][stage])
        complain("task " + name + " was completed without its " + stage + " review");
  }
  void complain(const std::string& text) {
    if (complaint_.empty()) complaint_ = text;
  }

  bool is_review_enabled_;
  std::map<TaskAddress, bool> gates_;
  std::map<TaskAddress, std::map<std::string, bool>> reviews_;
  std::map<std::tuple<int, int, std::string>, int> attempts_;
  std::set<TaskAddress> failures_;  // Tasks that ever had a failed attempt.
  std::set<TaskAddress> completed_;
  std::string complaint_;
};

void check(SimulatedPhase& phase) {
  REQUIRE(phase.complaint() == "");
  Auditor auditor(phase.facts().config.features.code_review);
  REQUIRE(auditor.audit(phase.events()) == "");
}

void live_wildly(SimulatedPhase& phase) {
  const std::size_t lives = 1 + phase.pick(4);
  for (std::size_t n = 0; n < lives; ++n) {
    std::optional<std::size_t> kill_at;
    if (phase.chance(60)) kill_at = 1 + phase.pick(40);
    const Life life = phase.live(Agents::wild, kill_at, phase.chance(30));
    check(phase);
    if (life.is_killed) continue;
    const std::set<int> expected = {0, 1, 3, 4, 7, 128 + life.signal_sent};
    REQUIRE(expected.count(life.exit) == 1);
  }
}

// With agents that do as they are told, what is left gets done.
void end_honestly(SimulatedPhase& phase) {
  constexpr int kLivesMax = 6;
  int exit = -1;
  for (int n = 0; n < kLivesMax && exit != 0; ++n) {
    std::optional<std::size_t> kill_at;
    if (n == 0 && phase.chance(30)) kill_at = 1 + phase.pick(30);
    exit = phase.live(Agents::honest, kill_at, false).exit;
    check(phase);
  }
  REQUIRE(exit == 0);
}

void check_end(const SimulatedPhase& phase) {
  const auto& result = phase.workspaces().files_at(phase.workspaces().user_head());
  std::set<TaskAddress> split;
  for (const engine::Event& event : phase.events())
    if (const auto* it = std::get_if<event::task_split>(&event.body))
      split.insert({it->plan, it->task});
  for (const auto& [number, plan] : phase.plans()) {
    const std::string name = konductor::plan_text(number);
    CHECK(phase.read(phase.facts().phase.plans() / (name + "-summary.md")) != "");
    for (const auto& task : plan.tasks) {
      if (split.count({number, task.number}) != 0) continue;
      CAPTURE(number, task.number);
      CHECK(result.count("p" + std::to_string(number) + "t" + std::to_string(task.number) +
                         ".txt") == 1);
      const std::string summary =
          phase.read(phase.facts().phase.plans() /
                     (name + "-task-" + std::to_string(task.number) + "-summary.md"));
      CHECK(summary.find("## Review Status: passed") != std::string::npos);
    }
  }
  const std::string state = phase.read(phase.facts().layout.state());
  CHECK(state.find("executed") != std::string::npos);
}

std::vector<std::string_view> names_of(const std::vector<engine::Event>& events) {
  std::vector<std::string_view> names;
  for (const engine::Event& event : events)
    names.push_back(engine::event_name(event.body));
  return names;
}

}  // namespace

TEST_CASE("whatever agents do and whenever the engine dies, the phase gets done") {
  const konductor::test::InMemory in_memory;
  std::set<std::string_view> seen;
  for (const std::uint64_t seed : seeds()) {
    CAPTURE(seed);
    SimulatedPhase phase(seed);
    live_wildly(phase);
    end_honestly(phase);
    check_end(phase);
    for (const std::string_view name : names_of(phase.events()))
      seen.insert(name);
  }
  // A simulation that no longer reaches the rare turns would prove nothing.
  if (!variable("SIMULATION_SEED").empty()) return;
  for (const char* name : {"breaker_tripped", "budget_reached", "context_provided",
                           "holistic_finished", "plan_skipped", "quota_waiting", "task_blocked",
                           "task_failed", "task_needs_manual", "task_reset", "task_split"}) {
    CAPTURE(name);
    CHECK(seen.count(name) == 1);
  }
}

TEST_CASE("a seed always gives the same simulation") {
  const auto simulate = [](std::uint64_t seed) {
    SimulatedPhase phase(seed);
    live_wildly(phase);
    return names_of(phase.events());
  };
  CHECK(simulate(7) == simulate(7));
  CHECK(simulate(7) != simulate(8));
}
