// SPDX-License-Identifier: MIT
#include "support/run_simulator.hpp"

#include <algorithm>
#include <stdexcept>

namespace konductor::test {

Reply summary(std::string status, std::string text, std::vector<std::string> concerns) {
  return {"done", SummaryReport{std::move(status), std::move(concerns), std::move(text)}};
}

Reply done() {
  return summary("DONE");
}

Reply concerned(std::vector<std::string> concerns) {
  return summary("DONE_WITH_CONCERNS", "", std::move(concerns));
}

Reply needs_context(std::string question) {
  return summary("NEEDS_CONTEXT", std::move(question));
}

Reply stuck(std::string blocker) {
  return summary("BLOCKED", std::move(blocker));
}

Reply crash(std::string cause) {
  return {std::move(cause), std::monostate{}};
}

Reply refused(std::string cause) {
  return {std::move(cause), std::monostate{}};
}

Reply pass() {
  return {"done", ReviewReport{true, {}}};
}

Reply reject(std::string text) {
  return {"done", ReviewReport{false, {{"significant", "reviewer", std::move(text)}}}};
}

Reply answer(std::string text) {
  return {"done", ContextReport{std::move(text)}};
}

Reply resolve(std::string text) {
  AssessmentReport report;
  report.decision = AssessmentReport::Decision::context;
  report.context = std::move(text);
  return {"done", std::move(report)};
}

Reply split_into(int count) {
  AssessmentReport report;
  report.decision = AssessmentReport::Decision::split;
  for (int i = 0; i < count; ++i) {
    SubTask part;
    part.title = "part " + std::to_string(i + 1);
    report.tasks.push_back(std::move(part));
  }
  return {"done", std::move(report)};
}

Reply escalate() {
  return {"done", AssessmentReport{}};
}

Reply mark(std::vector<std::string> actionable, std::vector<std::string> informational) {
  return {"done", ConcernsReport{std::move(actionable), std::move(informational)}};
}

Reply well_behaved(Action action) {
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

std::vector<Finding> gate_finding(std::string text) {
  return {{"significant", "verify", std::move(text)}};
}

PlanDefinition make_plan(int number, int wave, std::vector<int> depends_on, int tasks) {
  PlanDefinition plan;
  plan.plan = number;
  plan.wave = wave;
  plan.title = "plan " + std::to_string(number);
  plan.depends_on = std::move(depends_on);
  for (int task = 1; task <= tasks; ++task)
    plan.tasks.push_back({task, "task " + std::to_string(task), "text-" + std::to_string(task)});
  return plan;
}

void World::say(TaskAddress address, Action action, std::vector<Reply> replies) {
  script[{address, action}].assign(replies.begin(), replies.end());
}

Reply World::reply_to(const command::start_attempt& command) {
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

std::vector<Finding> World::check(const TaskAddress& address) {
  if (gate_behaviour) return gate_behaviour(address);
  if (gates_always_fail.count(address) != 0) return gate_finding();
  auto& results = gates[address];
  if (results.empty()) return {};
  std::vector<Finding> findings = std::move(results.front());
  results.pop_front();
  return findings;
}

RunSimulator::RunSimulator(std::vector<PlanDefinition> definitions)
    : plans(std::move(definitions)) {}
RunSimulator::RunSimulator(RunSimulator&&) noexcept = default;
RunSimulator& RunSimulator::operator=(RunSimulator&&) noexcept = default;
RunSimulator::~RunSimulator() = default;

RunState RunSimulator::fold(std::size_t count) const {
  RunState state(plans);
  for (std::size_t i = 0; i < count; ++i)
    require(state.apply(journal[i]), journal[i].body);
  return state;
}

RunState RunSimulator::fold() const {
  return fold(journal.size());
}

const RunState& RunSimulator::state() const {
  return machine_->state();
}

const RunMachine& RunSimulator::machine() const {
  return *machine_;
}

std::string RunSimulator::describe_task(int plan, int task) const {
  return describe(state().task({plan, task})->state);
}

std::string RunSimulator::describe_plan(int plan) const {
  return std::string(status_name(state().plan(plan)->state));
}

Result<void> RunSimulator::start() {
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

bool RunSimulator::is_over() const {
  return pending_.empty();
}

std::size_t RunSimulator::in_flight() const {
  return pending_.size();
}

void RunSimulator::step() {
  const std::size_t index = world.pick(pending_.size());
  const Command command = pending_.at(index);
  pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(index));
  handle(outcome_of(command));
}

void RunSimulator::finish() {
  std::size_t outcomes = 0;
  while (!is_over()) {
    if (++outcomes > outcomes_max) throw std::runtime_error("the run does not end");
    step();
  }
  if (!machine_->is_finished()) throw std::runtime_error("nothing in flight, but not finished");
}

int RunSimulator::run() {
  const Result<void> started = start();
  if (started.has_error()) throw std::runtime_error(started.error().message);
  finish();
  const int exit = machine_->exit_code();
  append(event::run_finished{exit, machine_->outcome_name(), "none", ""});
  return exit;
}

void RunSimulator::stop(int signal) {
  is_cancelling_ = true;
  handle(StopRequested{signal});
}

void RunSimulator::ask(Request request) {
  if (request.id.empty()) request.id = "request-" + std::to_string(++requests_);
  handle(Requested{std::move(request)});
}

void RunSimulator::pass_time(double seconds) {
  handle(TimeIsUp{seconds});
}

void RunSimulator::crash() {
  crash_after(journal.size());
}

void RunSimulator::crash_after(std::size_t count) {
  journal.resize(count);
  pending_.clear();
  machine_.reset();
  is_cancelling_ = false;
  world.markers = markers_of(fold());
}

std::vector<std::string> RunSimulator::attempt_lines() const {
  std::vector<std::string> lines;
  for (const command::start_attempt& attempt : attempts)
    lines.push_back((attempt.address.is_phase() ? std::string("phase")
                                                : std::to_string(attempt.address.plan) + "/" +
                                                      std::to_string(attempt.address.task)) +
                    " " + std::string(to_string(attempt.role)) + " " + attempt.reason);
  return lines;
}

std::vector<std::string> RunSimulator::event_names() const {
  std::vector<std::string> names;
  for (const Event& event : journal)
    names.emplace_back(event_name(event.body));
  return names;
}

MarkersOnDisk RunSimulator::markers_of(const RunState& state) {
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

void RunSimulator::require(const Result<void>& result, const EventBody& body) {
  if (result.has_value()) return;
  throw std::runtime_error(std::string(event_name(body)) + ": " + result.error().message);
}

void RunSimulator::hold(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void RunSimulator::append(EventBody body) {
  journal.push_back({static_cast<std::int64_t>(journal.size()), run_, std::move(body)});
}

void RunSimulator::handle(const Outcome& outcome) {
  take(machine_->handle(outcome));
}

void RunSimulator::take(Step step) {
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

void RunSimulator::check_in_flight() {
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

Outcome RunSimulator::outcome_of(const Command& command) {
  return std::visit([this](const auto& c) { return this->perform(c); }, command);
}

Outcome RunSimulator::perform(const command::open_workspace& c) {
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

Outcome RunSimulator::perform(const command::start_attempt& c) {
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
    ended.waiting = event::quota_waiting{c.address.plan, c.address.task, "claude", reply.cause, 7};
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

Outcome RunSimulator::perform(const command::ask_person& c) {
  questions.push_back(c);
  return PersonAnswered{c.address, world.person ? world.person(c) : std::nullopt};
}

Outcome RunSimulator::perform(const command::cancel_attempt& c) {
  return Noticed{c.address, ""};
}

Outcome RunSimulator::perform(const command::check_gates& c) {
  if (is_cancelling_) return EngineFailed{{ErrorCode::cancelled, "stopped"}, c.address};
  GatesChecked checked;
  checked.address = c.address;
  checked.findings = world.check(c.address);
  return checked;
}

Outcome RunSimulator::perform(const command::file_task& c) {
  const TaskRecord* task = state().task(c.address);
  if (std::holds_alternative<state::completed>(task->state)) {
    if (c.address.is_phase())
      world.markers.is_phase_reviewed = true;
    else
      world.markers.tasks.insert(c.address);
  }
  return Filed{c.address, {"summary of " + std::to_string(c.address.task)}};
}

Outcome RunSimulator::perform(const command::file_plan& c) {
  world.markers.plans.insert(c.plan);
  return Filed{{c.plan, 0}, {"plan summary"}};
}

Outcome RunSimulator::perform(const command::complete_plan& c) {
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

Outcome RunSimulator::perform(const command::drop_merge_fix& c) {
  return MergeFixDropped{c.plan};
}

}  // namespace konductor::test
