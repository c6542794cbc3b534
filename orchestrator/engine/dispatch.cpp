// SPDX-License-Identifier: MIT
// What to do next: which plans start, which attempt each of them needs, when plans and waves are
// over. Runs after every outcome until it has nothing to add.
#include <algorithm>

#include "base/check.hpp"
#include "engine/run_machine.hpp"

namespace konductor::engine {
namespace {

const plan_state::running* as_running(const PlanRecord& plan) {
  return std::get_if<plan_state::running>(&plan.state);
}

}  // namespace

bool RunMachine::is_dispatch_allowed() const {
  return is_going_on() && !state_.is_paused();
}

// Whether only a person's pause keeps work from being started.
bool RunMachine::is_going_on() const {
  return !is_stopping() && !state_.breaker() && !is_over_budget(0);
}

// Whether the plan's budget or that of the phase is reached, or that of the task that the plan is
// at. Plan 0: the phase's alone.
bool RunMachine::is_over_budget(int plan) const {
  return std::any_of(reached_.begin(), reached_.end(), [&](const event::budget_reached& reached) {
    if (reached.plan != plan || reached.task == 0) return reached.plan == plan || reached.plan == 0;
    const TaskRecord* task = state_.current_task(plan);
    return task != nullptr && task->address.task == reached.task;
  });
}

void RunMachine::dispatch() {
  std::size_t before = 0;
  do {
    before = step_.events.size();
    trip_breaker_if_due();
    fulfil_wishes();
    settle_plans();
    reach_time_limit();
    if (!is_dispatch_allowed()) {
      if (is_going_on()) check_handed_in();
      break;
    }
    start_plans();
    for (const int plan : running_)
      advance_plan(plan);
    advance_holistic();
  } while (step_.events.size() != before);
  request_filing();
  // With nothing in flight nothing would ever happen again: the schedule has to be through.
  KON_CHECK(!is_finished() || !is_dispatch_allowed() || running_.empty());
  KON_CHECK(!is_finished() || !is_dispatch_allowed() || schedule_.is_finished());
}

void RunMachine::trip_breaker_if_due() {
  const std::optional<std::string>& breaker = state_.breaker();
  if (is_stopping() || (breaker && *breaker == "blocked")) return;
  auto addresses = [](const std::set<TaskAddress>& tasks) {
    std::vector<std::string> texts;
    for (const TaskAddress& task : tasks)
      texts.push_back(plan_text(task.plan) + "/" + std::to_string(task.task));
    return texts;
  };
  if (static_cast<int>(state_.blocked().size()) >= rules_.circuit_breaker)
    emit(event::breaker_tripped{"blocked", addresses(state_.blocked())});
  else if (!breaker &&
           static_cast<int>(state_.failure_streak().size()) >= rules_.failure_streak_max)
    emit(event::breaker_tripped{"failures", addresses(state_.failure_streak())});
}

// What `--only` asks for: the task, or the parts that it was split into.
std::vector<const TaskRecord*> RunMachine::wanted_tasks() const {
  std::vector<const TaskRecord*> tasks;
  if (const TaskRecord* task = state_.task(*scope_.only); task != nullptr) {
    const auto* split = std::get_if<state::split>(&task->state);
    if (split == nullptr) return {task};
    for (const int part : split->tasks)
      tasks.push_back(state_.task({task->address.plan, part}));
  }
  return tasks;
}

bool RunMachine::are_wanted_tasks_settled() const {
  const auto wanted = wanted_tasks();
  return std::all_of(wanted.begin(), wanted.end(),
                     [](const TaskRecord* task) { return is_settled(task->state); });
}

const TaskRecord* RunMachine::runnable_task(int plan) const {
  if (is_over_budget(plan)) return nullptr;
  const TaskRecord* task = state_.current_task(plan);
  if (task == nullptr || !scope_.only) return task;
  const auto wanted = wanted_tasks();
  return std::find(wanted.begin(), wanted.end(), task) == wanted.end() ? nullptr : task;
}

void RunMachine::settle_plans() {
  const std::set<int> running = running_;
  for (const int plan : running) {
    if (busy_plans_.count(plan) != 0) continue;
    const PlanRecord& record = *state_.plan(plan);
    const bool is_busy = std::any_of(busy_tasks_.begin(), busy_tasks_.end(),
                                     [&](const TaskAddress& task) { return task.plan == plan; });
    if (is_busy) continue;
    const auto* running_state = as_running(record);
    if (running_state != nullptr && !record.skip_reason.empty()) {
      emit(event::plan_skipped{plan, record.skip_reason});
    } else if (running_state != nullptr) {
      if (!running_state->is_workspace_ready || runnable_task(plan) != nullptr) continue;
      const TaskRecord* fix = state_.merge_fix(plan);
      const bool waits_for_fix = fix != nullptr && !is_settled(fix->state);
      if (state_.are_tasks_completed(plan) && !(waits_for_fix && is_over_budget(plan)))
        continue;  // To be merged.
      finish_plan_without_completion(plan);
    }
    running_.erase(plan);
    settle_plan(plan, is_complete(record));
  }
}

// A wave's end is told before anything of the next one.
void RunMachine::settle_plan(int plan, bool is_plan_complete) {
  schedule_.settle(plan, is_plan_complete);
  const std::set<int> waves = open_waves_;
  for (const int wave : waves) {
    if (!schedule_.is_wave_settled(wave)) continue;
    open_waves_.erase(wave);
    emit(event::wave_finished{wave});
  }
}

// Nothing of the plan can run any more, but not all of it is complete.
void RunMachine::finish_plan_without_completion(int plan) {
  std::string waiting_for;
  const TaskRecord* left_out = nullptr;
  for (const TaskRecord* task : state_.tasks_of(plan)) {
    if (std::holds_alternative<state::skipped>(task->state) && left_out == nullptr) left_out = task;
    if (!std::holds_alternative<state::needs_manual>(task->state)) continue;
    if (!waiting_for.empty()) waiting_for += ", ";
    waiting_for += plan_text(plan) + "/" + std::to_string(task->address.task);
  }
  if (!waiting_for.empty() && !scope_.only)
    emit(event::plan_needs_manual{plan, "needs manual review: " + waiting_for});
  else if (left_out != nullptr && !scope_.only && state_.current_task(plan) == nullptr &&
           as_running(*state_.plan(plan)) != nullptr)
    emit(event::plan_skipped{
        plan, "task " + plan_text(plan) + "/" + std::to_string(left_out->address.task) +
                  " was skipped: " + std::get<state::skipped>(left_out->state).reason});
}

void RunMachine::start_plans() {
  while (const std::optional<int> next = schedule_.next_ready()) {
    const int plan = *next;
    const PlanRecord& record = *state_.plan(plan);
    if (is_complete(record)) {
      settle_plan(plan, true);
      continue;
    }
    if (!record.skip_reason.empty()) {
      skip_plan(plan, record.skip_reason);
      continue;
    }
    if (runnable_task(plan) == nullptr && !state_.are_tasks_completed(plan)) {
      // Blocked or left to a person in an earlier run, or not what was asked for.
      if (scope_.only && state_.current_task(plan) != nullptr && !are_wanted_tasks_settled())
        skip_plan(plan, "an earlier task of the plan is not complete");
      else
        settle_plan(plan, false);
      continue;
    }
    std::vector<int> dependencies = record.definition.depends_on;
    std::sort(dependencies.begin(), dependencies.end());
    const auto incomplete =
        std::find_if(dependencies.begin(), dependencies.end(), [&](int dependency) {
          const PlanRecord* other = state_.plan(dependency);
          return other == nullptr || !is_complete(*other);
        });
    if (incomplete != dependencies.end()) {
      const std::string skipped = state_.skip_of(*incomplete);
      skip_plan(plan, "depends on plan " + plan_text(*incomplete) +
                          (skipped.empty() ? ", which is not complete"
                                           : ", which was skipped: " + skipped));
      continue;
    }
    if (!record.definition.autonomous && scope_.approved.count(plan) == 0) {
      skip_plan(plan, "is not autonomous; allow it with --approve " + plan_text(plan));
      continue;
    }
    const std::optional<int> slot = free_slot(plan);
    if (!slot) return;
    const int wave = record.definition.wave;
    if (open_waves_.insert(wave).second) emit(event::wave_started{wave});
    schedule_.take(plan);
    running_.insert(plan);
    busy_plans_.insert(plan);
    emit(event::plan_started{plan, wave, *slot, record.definition.title});
    request(command::open_workspace{plan});
  }
}

void RunMachine::skip_plan(int plan, const std::string& reason) {
  const int wave = state_.plan(plan)->definition.wave;
  if (open_waves_.insert(wave).second) emit(event::wave_started{wave});
  emit(event::plan_skipped{plan, reason});
  settle_plan(plan, false);
}

bool RunMachine::has_attempt_in_flight(int plan) const {
  const auto tasks = state_.tasks_of(plan);
  return std::any_of(tasks.begin(), tasks.end(), [](const TaskRecord* task) {
    return std::holds_alternative<state::active>(task->state);
  });
}

// An attempt that an earlier engine started was told its slot: its plan begins with that one again.
std::optional<int> RunMachine::free_slot(int plan) const {
  const int slots = rules_.runs_plans_alone ? 1 : rules_.max_wave_parallelism;
  // A plan that is over keeps its place until its last attempt has ended.
  if (static_cast<int>(running_.size()) >= slots) return std::nullopt;
  std::set<int> used;
  std::set<int> told;
  for (const auto& [number, record] : state_.plans()) {
    if (const auto* running = as_running(record); running != nullptr && running_.count(number) != 0)
      used.insert(running->slot);
    else if (number != plan && number != 0 && has_attempt_in_flight(number))
      told.insert(record.slot);
  }
  const int own = state_.plan(plan)->slot;
  if (has_attempt_in_flight(plan) && own < slots && used.count(own) == 0) return own;
  std::optional<int> last;
  for (int slot = 0; slot < slots; ++slot) {
    if (used.count(slot) != 0) continue;
    if (told.count(slot) == 0) return slot;
    last = slot;
  }
  return last;
}

void RunMachine::advance_plan(int plan) {
  if (busy_plans_.count(plan) != 0) return;
  const auto* running = as_running(*state_.plan(plan));
  if (running == nullptr || !running->is_workspace_ready) return;
  if (const TaskRecord* task = runnable_task(plan); task != nullptr) {
    advance_task(*task, running->slot);
    return;
  }
  if (!state_.are_tasks_completed(plan)) return;
  const TaskRecord* fix = state_.merge_fix(plan);
  if (fix != nullptr && !is_settled(fix->state)) {
    advance_task(*fix, running->slot);
    return;
  }
  if (!is_merge_queue_free(plan)) return;
  const auto tasks = state_.tasks_of(plan);
  const bool is_any_unfiled = std::any_of(tasks.begin(), tasks.end(), [&](const TaskRecord* task) {
    return unfiled_.count(task->address) != 0;
  });
  if (is_any_unfiled) return;
  is_merging_ = true;
  busy_plans_.insert(plan);
  // One fix, and then it is a person's.
  request(command::complete_plan{plan, fix == nullptr && !rules_.runs_plans_alone});
}

// From a conflict's fix until its plan is merged nothing else is: what was accepted is what meets.
bool RunMachine::is_merge_queue_free(int plan) const {
  return !is_merging_ && std::none_of(running_.begin(), running_.end(), [&](int other) {
    const TaskRecord* fix = other == plan ? nullptr : state_.merge_fix(other);
    return fix != nullptr && !std::holds_alternative<state::needs_manual>(fix->state);
  });
}

// What attempts left before a pause is looked at, which takes nobody's time and money: they go on
// to their end.
void RunMachine::check_handed_in() {
  for (const int plan : running_) {
    if (busy_plans_.count(plan) != 0) continue;
    const TaskRecord* task = runnable_task(plan);
    const auto* due = task == nullptr ? nullptr : std::get_if<state::due>(&task->state);
    if (due == nullptr || due->action != Action::check_gates) continue;
    if (busy_tasks_.insert(task->address).second) request(command::check_gates{task->address});
  }
}

void RunMachine::advance_task(const TaskRecord& task, int slot) {
  const TaskAddress address = task.address;
  if (busy_tasks_.count(address) != 0) return;
  if (std::holds_alternative<state::active>(task.state)) {
    adopt_attempt(task, slot);
    return;
  }
  if (!is_in_budget(task)) return;
  if (std::holds_alternative<state::waiting>(task.state)) {
    const std::string commit =
        task.start_commit.empty() ? state_.plan(address.plan)->head : task.start_commit;
    emit(event::task_started{address.plan, address.task, state_.title_of(address), commit});
  }
  const auto* due = std::get_if<state::due>(&task.state);
  KON_CHECK(due != nullptr);
  const Action action = due->action;
  if (action == Action::check_gates || is_switched_off_review(action)) {
    // Without its reviewer the task's gates say again what comes next.
    busy_tasks_.insert(address);
    request(command::check_gates{address});
  } else if (!ask_person(task, action) && !decide_without_role(task, action)) {
    start_attempt(task, action, slot);
  }
}

// Whether the task's next attempt may start now, if it is an attempt that comes next.
bool RunMachine::is_in_budget(const TaskRecord& task) {
  const auto* due = std::get_if<state::due>(&task.state);
  const Action action = due == nullptr ? Action::execute : due->action;
  if (!is_attempt(action) || is_switched_off_review(action)) return true;
  if (is_over_budget(task.address.plan)) return false;
  const Spending typical = state_.typical_spending(to_string(role_of(action)));
  const Budget::Verdict verdict = budget_.ask(task.address, budget_.expected(typical));
  if (verdict.answer == Budget::Answer::reached) {
    reached_.push_back(verdict.reached);
    emit(verdict.reached);
  }
  return verdict.answer == Budget::Answer::admitted;
}

bool RunMachine::is_switched_off_review(Action action) const {
  if (action == Action::review_spec)
    return !rules_.is_review_enabled || !rules_.is_spec_review_enabled;
  if (action == Action::review_quality)
    return !rules_.is_review_enabled || !rules_.is_quality_review_enabled;
  return false;
}

// The session that the attempt goes on in, if it does. What was cut off is not paid for twice.
void RunMachine::add_session(const TaskRecord& task, Action action,
                             command::start_attempt& command) const {
  const std::string& text = state_.plan(task.address.plan)->definition.fingerprint;
  if (action != Action::execute || task.session_text != text) return;
  const bool is_fix = !task.is_retry && command.reason != "execute";
  if (!task.is_cut_off && !(rules_.resumes_sessions && is_fix)) return;
  // The files of a merge are put elsewhere when an engine dies.
  if (task.is_cut_off && task.address.is_merge() && task.session_kept.empty()) return;
  command.session = task.session;
  command.session_runtime = task.session_runtime;
  command.session_usd = task.session_usage.cost_usd;
  command.is_cut_off = task.is_cut_off;
  command.session_kept = task.session_kept;
}

void RunMachine::start_attempt(const TaskRecord& task, Action action, int slot) {
  const RoleName role = role_of(action);
  const auto started = task.attempts.find(role);
  const auto taken = task.takes.find(role);
  command::start_attempt command;
  command.address = task.address;
  command.action = action;
  command.role = role;
  command.attempt = started == task.attempts.end() ? 1 : started->second + 1;
  command.take = taken == task.takes.end() ? 1 : taken->second + 1;
  command.slot = slot;
  command.reason = attempt_reason(task, action);
  add_session(task, action, command);
  busy_tasks_.insert(task.address);
  budget_.start(task.address, budget_.expected(state_.typical_spending(to_string(role))));
  event::attempt_started started_event;
  started_event.plan = task.address.plan;
  started_event.task = task.address.task;
  started_event.role = to_string(role);
  started_event.reason = command.reason;
  started_event.attempt = command.attempt;
  started_event.fingerprint = state_.plan(task.address.plan)->definition.fingerprint;
  emit(std::move(started_event));
  request(std::move(command));
}

// It was admitted once, and its expected price is reserved again until it has ended.
void RunMachine::adopt_attempt(const TaskRecord& task, int slot) {
  const auto& active = std::get<state::active>(task.state);
  const RoleName role = role_of(active.action);
  const auto taken = task.takes.find(role);
  command::start_attempt command;
  command.address = task.address;
  command.action = active.action;
  command.role = role;
  command.attempt = active.attempt;
  command.take = taken == task.takes.end() ? 1 : taken->second + 1;
  command.slot = slot;
  command.reason = attempt_reason(task, active.action);
  command.is_adopted = true;
  busy_tasks_.insert(task.address);
  budget_.start(task.address, budget_.expected(state_.typical_spending(to_string(role))));
  emit(event::attempt_adopted{task.address.plan, task.address.task, std::string(to_string(role)),
                              active.attempt, active.started_in});
  request(std::move(command));
  if (state_.wanted_skips().count(task.address) != 0)
    request(command::cancel_attempt{task.address});
}

bool RunMachine::is_holistic_due() const {
  if (!rules_.is_review_enabled || !rules_.is_quality_review_enabled) return false;
  if (scope_.plan || scope_.only) return false;
  if (state_.plans().size() < 2 || !schedule_.is_finished() || !running_.empty()) return false;
  return std::all_of(state_.plans().begin(), state_.plans().end(), [](const auto& entry) {
    return entry.first == 0 || is_complete(entry.second);
  });
}

void RunMachine::advance_holistic() {
  const PlanRecord& phase = *state_.plan(0);
  if (busy_plans_.count(0) != 0 || is_complete(phase) || !is_holistic_due()) return;
  const TaskRecord& task = state_.holistic();
  if (std::holds_alternative<state::blocked>(task.state)) return;
  const auto* running = as_running(phase);
  // One that was freed begins its review anew.
  if (running == nullptr || std::holds_alternative<state::waiting>(task.state)) {
    busy_plans_.insert(0);
    request(command::open_workspace{0});
  } else if (!is_settled(task.state)) {
    advance_task(task, 0);
  } else if (unfiled_.count(kPhaseAddress) == 0) {
    busy_plans_.insert(0);
    request(command::complete_plan{0, false});
  }
}

void RunMachine::request_filing() {
  if (failure_) return;
  for (const TaskAddress& address : unfiled_)
    if (filing_.insert(address).second) request(command::file_task{address});
}

}  // namespace konductor::engine
