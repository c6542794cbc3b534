// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/recovery.hpp"
#include "engine/run_machine.hpp"

// Runs the decisions of the engine against a scripted world, without processes, files or time: what
// the machine asks for is answered in an order of the test's choice, the journal is a vector.
namespace konductor::test {

using namespace konductor::engine;  // NOLINT(google-build-using-namespace): tests only.

// --- What an attempt answers ---

struct Reply {
  std::string cause = "done";
  AttemptReport report;
};

Reply summary(std::string status, std::string text = "", std::vector<std::string> concerns = {});
Reply done();
Reply concerned(std::vector<std::string> concerns);
Reply needs_context(std::string question = "which port?");
Reply stuck(std::string blocker = "no access");
Reply crash(std::string cause = "crashed");
// The provider refused: no failed attempt.
Reply refused(std::string cause = "quota");
Reply pass();
Reply reject(std::string text = "a.cpp:1 — wrong");
Reply answer(std::string text = "port 80");
Reply resolve(std::string text = "use the other key");
Reply split_into(int count);
Reply escalate();
Reply mark(std::vector<std::string> actionable, std::vector<std::string> informational);

// What an attempt answers that no script speaks of: all is well.
Reply well_behaved(Action action);

std::vector<Finding> gate_finding(std::string text = "`make test` exits 1");

// --- Plans ---

PlanDefinition make_plan(int number, int wave, std::vector<int> depends_on = {}, int tasks = 1);

// --- The world outside ---

struct World {
  using Key = std::pair<TaskAddress, Action>;

  // Answers in turn; afterwards `always`, afterwards all is well.
  std::map<Key, std::deque<Reply>> script;
  std::map<Key, Reply> always;
  std::map<TaskAddress, std::deque<std::vector<Finding>>> gates;
  std::set<TaskAddress> gates_always_fail;
  std::map<int, std::deque<event::merge_finished>> merges;
  std::map<int, std::vector<std::string>> missing_artifacts;
  std::map<int, std::vector<event::conflict_predicted>> predicted;  // By every attempt of the plan.
  double usd = 0;                                                   // What every attempt costs.
  std::string session;                 // In which every attempt worked.
  std::map<int, std::string> misfits;  // Why a plan's tree cannot be begun.
  // Which of `count` things in flight ends next.
  std::function<std::size_t(std::size_t count)> pick = [](std::size_t) { return std::size_t{0}; };
  // Overrides all scripts when set.
  std::function<Reply(const command::start_attempt&)> behaviour;
  std::function<std::vector<Finding>(const TaskAddress&)> gate_behaviour;
  std::function<std::optional<std::string>(const command::ask_person&)> person;
  MarkersOnDisk markers;
  std::set<int> workspaces;  // Plans that have one.

  void say(TaskAddress address, Action action, std::vector<Reply> replies);

  Reply reply_to(const command::start_attempt& command);

  std::vector<Finding> check(const TaskAddress& address);
};

// --- The run ---

// One phase over all its runs. Holds the engine to what must be true at every moment: slots, one
// attempt a plan, one merge at a time, an end after a bounded number of outcomes.
class RunSimulator {
 public:
  explicit RunSimulator(std::vector<PlanDefinition> definitions);
  RunSimulator(RunSimulator&&) noexcept;
  RunSimulator& operator=(RunSimulator&&) noexcept;
  ~RunSimulator();

  std::vector<PlanDefinition> plans;
  RunRules rules;
  RunScope scope;
  std::set<TaskAddress> adoptable;  // Attempts that outlive a crash.
  RetryRequest retry;
  World world;
  std::vector<Event> journal;
  std::vector<command::start_attempt> attempts;  // Of the newest run.
  std::size_t most_in_flight = 0;                // Attempts at the same time.
  std::vector<int> merge_order;                  // Plans, of the newest run.
  std::vector<std::string> notes;                // Of the newest recovery.
  std::vector<command::ask_person> questions;    // Of all runs.
  std::size_t outcomes_max = 200'000;

  // The fold of the first `count` events.
  RunState fold(std::size_t count) const;
  RunState fold() const;
  const RunState& state() const;
  const RunMachine& machine() const;
  std::string describe_task(int plan, int task) const;
  std::string describe_plan(int plan) const;

  // Begins a run as the driver does: recovery is decided on the journal as it was found.
  Result<void> start();

  bool is_over() const;
  std::size_t in_flight() const;

  // Lets one thing in flight end.
  void step();

  // Ends the first thing in flight that `is_wanted`; false when there is none.
  template <class Command, class Wanted>
  bool finish_first(Wanted is_wanted) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const auto* command = std::get_if<Command>(&pending_[i]);
      if (command == nullptr || !is_wanted(*command)) continue;
      const engine::Command copy = pending_[i];
      pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(i));
      handle(outcome_of(copy));
      return true;
    }
    return false;
  }

  void finish();

  // A whole run, to its exit code.
  int run();

  // A signal: nothing new starts, attempts in flight are cancelled.
  void stop(int signal);

  // Another process asks for something.
  void ask(Request request);
  void pass_time(double seconds);

  // The engine is gone; what was in flight is lost, what was recorded stays.
  void crash();
  // The same at an earlier moment: only the first `count` events had been recorded. Files follow
  // the journal.
  void crash_after(std::size_t count);

  // "1/2 executor execute", one line an attempt, in the order they started.
  std::vector<std::string> attempt_lines() const;

  // Events of one type, of all runs.
  template <class E>
  std::vector<E> events() const {
    std::vector<E> found;
    for (const Event& event : journal)
      if (const auto* body = std::get_if<E>(&event.body)) found.push_back(*body);
    return found;
  }

  // Names of all events, of all runs.
  std::vector<std::string> event_names() const;

  static MarkersOnDisk markers_of(const RunState& state);

 private:
  static void require(const Result<void>& result, const EventBody& body);

  static void hold(bool condition, const char* what);

  void append(EventBody body);

  void handle(const Outcome& outcome);

  void take(Step step);

  void check_in_flight();

  Outcome outcome_of(const Command& command);

  // A workspace lasts until its plan is merged.
  Outcome perform(const command::open_workspace& c);
  Outcome perform(const command::start_attempt& c);
  // Nobody is there unless the test says so.
  Outcome perform(const command::ask_person& c);
  // It has been heeded already.
  static Outcome perform(const command::cancel_attempt& c);
  Outcome perform(const command::check_gates& c);
  Outcome perform(const command::file_task& c);
  Outcome perform(const command::file_plan& c);
  Outcome perform(const command::complete_plan& c);

  Outcome perform(const command::drop_merge_fix& c);

  std::unique_ptr<RunMachine> machine_;
  std::vector<Command> pending_;
  std::string run_;
  int runs_ = 0;
  std::set<TaskAddress> cancelled_;
  int requests_ = 0;
  bool is_cancelling_ = false;
};

}  // namespace konductor::test
