// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
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

inline Reply summary(std::string status, std::string text = "",
                     std::vector<std::string> concerns = {}) {
  return {"done", SummaryReport{std::move(status), std::move(concerns), std::move(text)}};
}
inline Reply done() {
  return summary("DONE");
}
inline Reply concerned(std::vector<std::string> concerns) {
  return summary("DONE_WITH_CONCERNS", "", std::move(concerns));
}
inline Reply needs_context(std::string question = "which port?") {
  return summary("NEEDS_CONTEXT", std::move(question));
}
inline Reply stuck(std::string blocker = "no access") {
  return summary("BLOCKED", std::move(blocker));
}
inline Reply crash(std::string cause = "crashed") {
  return {std::move(cause), std::monostate{}};
}
// The provider refused: no failed attempt.
inline Reply refused(std::string cause = "quota") {
  return {std::move(cause), std::monostate{}};
}
inline Reply pass() {
  return {"done", ReviewReport{true, {}}};
}
inline Reply reject(std::string text = "a.cpp:1 — wrong") {
  return {"done", ReviewReport{false, {{"significant", "reviewer", std::move(text)}}}};
}
inline Reply answer(std::string text = "port 80") {
  return {"done", ContextReport{std::move(text)}};
}
inline Reply resolve(std::string text = "use the other key") {
  AssessmentReport report;
  report.decision = AssessmentReport::Decision::context;
  report.context = std::move(text);
  return {"done", std::move(report)};
}
inline Reply split_into(int count) {
  AssessmentReport report;
  report.decision = AssessmentReport::Decision::split;
  for (int i = 0; i < count; ++i) {
    SubTask part;
    part.title = "part " + std::to_string(i + 1);
    report.tasks.push_back(std::move(part));
  }
  return {"done", std::move(report)};
}
inline Reply escalate() {
  return {"done", AssessmentReport{}};
}
inline Reply mark(std::vector<std::string> actionable, std::vector<std::string> informational) {
  return {"done", ConcernsReport{std::move(actionable), std::move(informational)}};
}

// What an attempt answers that no script speaks of: all is well.
inline Reply well_behaved(Action action) {
  switch (action) {
    case Action::research:
      return answer();
    case Action::assess_blocker:
      return escalate();
    case Action::assess_concerns:
      return mark({}, {"noted"});
    case Action::review_spec:
    case Action::review_quality:
    case Action::review_holistic:
      return pass();
    case Action::execute:
    case Action::check_gates:
      break;
  }
  return done();
}

inline std::vector<Finding> gate_finding(std::string text = "`make test` exits 1") {
  return {{"significant", "verify", std::move(text)}};
}

// --- Plans ---

inline PlanDefinition make_plan(int number, int wave, std::vector<int> depends_on = {},
                                int tasks = 1) {
  PlanDefinition plan;
  plan.plan = number;
  plan.wave = wave;
  plan.title = "plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  for (int task = 1; task <= tasks; ++task)
    plan.tasks.push_back({task, "task " + std::to_string(task), "text-" + std::to_string(task)});
  return plan;
}

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

  void say(TaskAddress address, Action action, std::vector<Reply> replies) {
    script[{address, action}].assign(replies.begin(), replies.end());
  }

  Reply reply_to(const command::start_attempt& command) {
    if (behaviour) return behaviour(command);
    const Key key{command.address, command.action};
    if (auto& replies = script[key]; !replies.empty()) {
      Reply reply = std::move(replies.front());
      replies.pop_front();
      return reply;
    }
    if (const auto found = always.find(key); found != always.end()) return found->second;
    return well_behaved(command.action);
  }

  std::vector<Finding> check(const TaskAddress& address) {
    if (gate_behaviour) return gate_behaviour(address);
    if (gates_always_fail.count(address) != 0) return gate_finding();
    auto& results = gates[address];
    if (results.empty()) return {};
    std::vector<Finding> findings = std::move(results.front());
    results.pop_front();
    return findings;
  }
};

// --- The run ---

// One phase over all its runs. Holds the engine to what must be true at every moment: slots, one
// attempt a plan, one merge at a time, an end after a bounded number of outcomes.
class RunSimulator {
 public:
  explicit RunSimulator(std::vector<PlanDefinition> definitions) : plans(std::move(definitions)) {}

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
  RunState fold(std::size_t count) const {
    RunState state(plans);
    for (std::size_t i = 0; i < count; ++i)
      require(state.apply(journal[i]), journal[i].body);
    return state;
  }
  RunState fold() const { return fold(journal.size()); }
  const RunState& state() const { return machine_->state(); }
  const RunMachine& machine() const { return *machine_; }
  std::string describe_task(int plan, int task) const {
    return describe(state().task({plan, task})->state);
  }
  std::string describe_plan(int plan) const {
    return std::string(status_name(state().plan(plan)->state));
  }

  // Begins a run as the driver does: recovery is decided on the journal as it was found.
  Result<void> start() {
    RunState state = fold();
    KON_TRY(Recovery recovery, recover(state, world.markers, retry, adoptable));
    pending_.clear();
    attempts.clear();
    merge_order.clear();
    notes = std::move(recovery.notes);
    run_ = "run-" + std::to_string(++runs_);
    std::vector<EventBody> events = {event::run_started{}};
    events.insert(events.end(), recovery.events.begin(), recovery.events.end());
    for (const EventBody& body : events) {
      append(body);
      require(state.apply(journal.back()), body);
      if (const auto* reopened = std::get_if<event::plan_reopened>(&body))
        world.markers.plans.erase(reopened->plan);
    }
    RunScope run_scope = scope;
    run_scope.unfiled = recovery.unfiled_plans;
    run_scope.refiles = run_scope.refiles || recovery.refiles;
    machine_ = std::make_unique<RunMachine>(std::move(state), rules, run_scope);
    take(machine_->start());
    return {};
  }

  bool is_over() const { return pending_.empty(); }
  std::size_t in_flight() const { return pending_.size(); }

  // Lets one thing in flight end.
  void step() {
    const std::size_t index = world.pick(pending_.size());
    const Command command = pending_.at(index);
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
    handle(outcome_of(command));
  }

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

  void finish() {
    std::size_t outcomes = 0;
    while (!is_over()) {
      if (++outcomes > outcomes_max) throw std::runtime_error("the run does not end");
      step();
    }
    if (!machine_->is_finished()) throw std::runtime_error("nothing in flight, but not finished");
  }

  // A whole run, to its exit code.
  int run() {
    const Result<void> started = start();
    if (started.has_error()) throw std::runtime_error(started.error().message);
    finish();
    const int exit = machine_->exit_code();
    append(event::run_finished{exit, machine_->outcome_name(), "none", ""});
    return exit;
  }

  // A signal: nothing new starts, attempts in flight are cancelled.
  void stop(int signal) {
    is_cancelling_ = true;
    handle(StopRequested{signal});
  }

  // Another process asks for something.
  void ask(Request request) {
    if (request.id.empty()) request.id = "request-" + std::to_string(++requests_);
    handle(Requested{std::move(request)});
  }
  void pass_time(double seconds) { handle(TimeIsUp{seconds}); }

  // The engine is gone; what was in flight is lost, what was recorded stays.
  void crash() { crash_after(journal.size()); }
  // The same at an earlier moment: only the first `count` events had been recorded. Files follow
  // the journal.
  void crash_after(std::size_t count) {
    journal.resize(count);
    pending_.clear();
    machine_.reset();
    is_cancelling_ = false;
    world.markers = markers_of(fold());
  }

  // "1/2 executor execute", one line an attempt, in the order they started.
  std::vector<std::string> attempt_lines() const {
    std::vector<std::string> lines;
    for (const command::start_attempt& attempt : attempts)
      lines.push_back((attempt.address.is_phase() ? std::string("phase")
                                                  : std::to_string(attempt.address.plan) + "/" +
                                                        std::to_string(attempt.address.task)) +
                      " " + std::string(to_string(attempt.role)) + " " + attempt.reason);
    return lines;
  }

  // Events of one type, of all runs.
  template <class E>
  std::vector<E> events() const {
    std::vector<E> found;
    for (const Event& event : journal)
      if (const auto* body = std::get_if<E>(&event.body)) found.push_back(*body);
    return found;
  }

  // Names of all events, of all runs.
  std::vector<std::string> event_names() const {
    std::vector<std::string> names;
    for (const Event& event : journal)
      names.emplace_back(event_name(event.body));
    return names;
  }

  static MarkersOnDisk markers_of(const RunState& state) {
    MarkersOnDisk markers;
    const TaskRecord& holistic = state.holistic();
    markers.is_phase_reviewed =
        holistic.is_filed && std::holds_alternative<state::completed>(holistic.state);
    for (const auto& [number, plan] : state.plans()) {
      if (number == 0) continue;
      if (plan.is_filed && std::holds_alternative<plan_state::completed>(plan.state))
        markers.plans.insert(number);
      for (const TaskRecord* task : state.tasks_of(number))
        if (task->is_filed && std::holds_alternative<state::completed>(task->state))
          markers.tasks.insert(task->address);
    }
    return markers;
  }

 private:
  static void require(const Result<void>& result, const EventBody& body) {
    if (result.has_value()) return;
    throw std::runtime_error(std::string(event_name(body)) + ": " + result.error().message);
  }

  static void hold(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
  }

  void append(EventBody body) {
    journal.push_back({static_cast<std::int64_t>(journal.size()), run_, std::move(body)});
  }

  void handle(const Outcome& outcome) { take(machine_->handle(outcome)); }

  void take(Step step) {
    for (EventBody& body : step.events)
      append(std::move(body));
    for (Command& command : step.commands) {
      if (const auto* cancel = std::get_if<command::cancel_attempt>(&command)) {
        cancelled_.insert(cancel->address);
        continue;
      }
      if (const auto* attempt = std::get_if<command::start_attempt>(&command)) {
        attempts.push_back(*attempt);
        cancelled_.erase(attempt->address);
      }
      if (const auto* merge = std::get_if<command::complete_plan>(&command))
        merge_order.push_back(merge->plan);
      pending_.push_back(std::move(command));
    }
    check_in_flight();
  }

  void check_in_flight() {
    std::set<int> slots;
    std::set<int> busy_plans;
    int merges = 0;
    for (const Command& command : pending_) {
      if (std::holds_alternative<command::complete_plan>(command)) ++merges;
      const auto* attempt = std::get_if<command::start_attempt>(&command);
      const auto* gates = std::get_if<command::check_gates>(&command);
      if (attempt == nullptr && gates == nullptr) continue;
      const TaskAddress& address = attempt != nullptr ? attempt->address : gates->address;
      hold(busy_plans.insert(address.plan).second, "two things at once in one plan");
      if (attempt == nullptr) continue;
      hold(slots.insert(attempt->slot).second, "two attempts in one slot");
      hold(attempt->slot >= 0 && attempt->slot < rules.max_wave_parallelism, "slot out of range");
    }
    const int limit = rules.runs_plans_alone ? 1 : rules.max_wave_parallelism;
    hold(static_cast<int>(busy_plans.size()) <= limit, "more plans at once than the limit");
    hold(merges <= 1, "two merges at once");
    most_in_flight = std::max(most_in_flight, slots.size());
  }

  Outcome outcome_of(const Command& command) {
    return std::visit([this](const auto& c) { return this->perform(c); }, command);
  }

  // A workspace lasts until its plan is merged.
  Outcome perform(const command::open_workspace& c) {
    if (const auto found = world.misfits.find(c.plan); found != world.misfits.end()) {
      PlanMerged refused;
      refused.plan = c.plan;
      refused.misfit = found->second;
      return refused;
    }
    const bool is_new = world.workspaces.insert(c.plan).second;
    const std::string& head = state().plan(c.plan)->head;
    return WorkspaceReady{c.plan, "base",
                          is_new || head.empty() ? "base-" + std::to_string(c.plan) : head};
  }
  Outcome perform(const command::start_attempt& c) {
    AttemptEnded ended;
    ended.finished.plan = c.address.plan;
    ended.finished.task = c.address.task;
    ended.finished.role = to_string(c.role);
    ended.finished.reason = c.reason;
    ended.finished.attempt = c.attempt;
    if (is_cancelling_ || cancelled_.erase(c.address) != 0) {
      ended.finished.cause = "cancelled";
      return ended;
    }
    Reply reply = world.reply_to(c);
    ended.finished.cause = reply.cause;
    ended.finished.usage.cost_usd = world.usd;
    // Else its agent began.
    if (reply.cause != "cancelled") ended.finished.session = world.session;
    if (reply.cause == "quota" || reply.cause == "overloaded")
      ended.waiting =
          event::quota_waiting{c.address.plan, c.address.task, "claude", reply.cause, 7};
    if (reply.cause == "auth") ended.fatal = Error{ErrorCode::environment, "not logged in"};
    if (reply.cause == "done") {
      ended.report = std::move(reply.report);
      if (c.action == Action::execute) {
        ended.finished.commit = attempt_name(c.address, to_string(c.role), c.attempt);
        ended.predicted = world.predicted[c.address.plan];
      }
    }
    return ended;
  }
  // Nobody is there unless the test says so.
  Outcome perform(const command::ask_person& c) {
    questions.push_back(c);
    return PersonAnswered{c.address, world.person ? world.person(c) : std::nullopt};
  }
  // It has been heeded already.
  static Outcome perform(const command::cancel_attempt& c) { return Noticed{c.address, ""}; }
  Outcome perform(const command::check_gates& c) {
    if (is_cancelling_) return EngineFailed{{ErrorCode::cancelled, "stopped"}, c.address};
    GatesChecked checked;
    checked.address = c.address;
    checked.findings = world.check(c.address);
    return checked;
  }
  Outcome perform(const command::file_task& c) {
    const TaskRecord* task = state().task(c.address);
    if (std::holds_alternative<state::completed>(task->state)) {
      if (c.address.is_phase())
        world.markers.is_phase_reviewed = true;
      else
        world.markers.tasks.insert(c.address);
    }
    return Filed{c.address, {"summary of " + std::to_string(c.address.task)}};
  }
  Outcome perform(const command::file_plan& c) {
    world.markers.plans.insert(c.plan);
    return Filed{{c.plan, 0}, {"plan summary"}};
  }
  Outcome perform(const command::complete_plan& c) {
    PlanMerged merged;
    merged.plan = c.plan;
    merged.merge = {c.plan, "clean", "merged-" + std::to_string(c.plan), {}, ""};
    if (auto& scripted = world.merges[c.plan]; !scripted.empty()) {
      merged.merge = scripted.front();
      scripted.pop_front();
      if (merged.merge.result == "conflict" && c.is_fix_wanted)
        merged.merge.fix_from = "conflict-" + std::to_string(c.plan);
    }
    if (const auto found = world.missing_artifacts.find(c.plan);
        found != world.missing_artifacts.end())
      merged.missing_artifacts = found->second;
    if (merged.missing_artifacts.empty() && merged.merge.result != "conflict")
      world.workspaces.erase(c.plan);
    return merged;
  }

  Outcome perform(const command::drop_merge_fix& c) { return MergeFixDropped{c.plan}; }

  std::unique_ptr<RunMachine> machine_;
  std::vector<Command> pending_;
  std::string run_;
  int runs_ = 0;
  std::set<TaskAddress> cancelled_;
  int requests_ = 0;
  bool is_cancelling_ = false;
};

}  // namespace konductor::test
