// SPDX-License-Identifier: MIT
#include "engine/run_state.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace konductor::engine {
namespace {

template <class E>
concept NamesTask = requires(const E& e) {
  e.plan;
  e.task;
};
template <class E>
concept NamesPlan = requires(const E& e) {
  e.plan;
}
&&!NamesTask<E>;

// What a person asks of a phase before its first run says nothing of how far it is.
bool is_wish(const EventBody& body) {
  return std::holds_alternative<event::request_taken>(body) ||
         std::holds_alternative<event::note_given>(body) ||
         std::holds_alternative<event::skip_requested>(body) ||
         std::holds_alternative<event::retry_requested>(body) ||
         std::holds_alternative<event::task_skipped>(body);
}

}  // namespace

std::string_view status_name(const PlanState& state) {
  using namespace plan_state;
  return std::visit(Overloaded{
                        [](const waiting&) { return std::string_view("waiting"); },
                        [](const running&) { return std::string_view("running"); },
                        [](const stopped&) { return std::string_view("stopped"); },
                        [](const needs_manual&) { return std::string_view("needs_manual"); },
                        [](const skipped&) { return std::string_view("skipped"); },
                        [](const completed&) { return std::string_view("completed"); },
                    },
                    state);
}

std::optional<TaskAddress> subject_of(const EventBody& body) {
  return std::visit(
      [](const auto& e) -> std::optional<TaskAddress> {
        using E = std::decay_t<decltype(e)>;
        if constexpr (NamesTask<E>)
          return TaskAddress{e.plan, e.task};
        else if constexpr (NamesPlan<E>)
          return TaskAddress{e.plan, 0};
        else
          return std::nullopt;
      },
      body);
}

std::string attempt_name(const TaskAddress& address, std::string_view role, int attempt) {
  const std::string tail = std::string(role) + "-" + std::to_string(attempt);
  if (address.is_phase()) return "holistic-" + tail;
  if (address.is_merge()) return plan_text(address.plan) + "-merge-" + tail;
  return plan_text(address.plan) + "-task-" + std::to_string(address.task) + "-" + tail;
}

RunState::RunState(std::vector<PlanDefinition> plans) {
  PlanRecord phase;
  phase.order = {0};
  plans_[0] = std::move(phase);
  tasks_[kPhaseAddress].address = kPhaseAddress;
  for (PlanDefinition& definition : plans) {
    PlanRecord record;
    for (const TaskDefinition& task : definition.tasks) {
      record.order.push_back(task.task);
      const TaskAddress address{definition.plan, task.task};
      tasks_[address].address = address;
    }
    const int number = definition.plan;
    record.definition = std::move(definition);
    plans_[number] = std::move(record);
  }
}

const PlanRecord* RunState::plan(int number) const {
  const auto found = plans_.find(number);
  return found == plans_.end() ? nullptr : &found->second;
}

const TaskRecord* RunState::task(const TaskAddress& address) const {
  const auto found = tasks_.find(address);
  return found == tasks_.end() ? nullptr : &found->second;
}

PlanRecord* RunState::find_plan(int number) {
  const auto found = plans_.find(number);
  return found == plans_.end() ? nullptr : &found->second;
}

TaskRecord* RunState::find_task(const TaskAddress& address) {
  const auto found = tasks_.find(address);
  return found == tasks_.end() ? nullptr : &found->second;
}

std::vector<const TaskRecord*> RunState::tasks_of(int number) const {
  std::vector<const TaskRecord*> tasks;
  if (const PlanRecord* record = plan(number); record != nullptr)
    for (const int task_number : record->order)
      tasks.push_back(task({number, task_number}));
  return tasks;
}

std::string RunState::title_of(const TaskAddress& address) const {
  if (address.is_phase()) return "holistic review";
  if (address.is_merge()) return "merge";
  const TaskRecord* record = task(address);
  if (record != nullptr && record->sub_task) return record->sub_task->title;
  if (const PlanRecord* found = plan(address.plan); found != nullptr)
    for (const TaskDefinition& definition : found->definition.tasks)
      if (definition.task == address.task) return definition.title;
  return {};
}

std::string RunState::fingerprint_of(const TaskAddress& address) const {
  if (const PlanRecord* found = plan(address.plan); found != nullptr)
    for (const TaskDefinition& definition : found->definition.tasks)
      if (definition.task == address.task) return definition.fingerprint;
  return {};
}

bool RunState::are_tasks_completed(int number) const {
  const auto tasks = tasks_of(number);
  return !tasks.empty() && std::all_of(tasks.begin(), tasks.end(), [](const TaskRecord* task) {
    return std::holds_alternative<state::completed>(task->state) ||
           std::holds_alternative<state::split>(task->state);
  });
}

const TaskRecord* RunState::current_task(int number) const {
  for (const TaskRecord* task : tasks_of(number)) {
    if (std::holds_alternative<state::blocked>(task->state) ||
        std::holds_alternative<state::failed>(task->state))
      return nullptr;
    if (!is_settled(task->state)) return task;
  }
  return nullptr;
}

bool RunState::is_stuck(int number) const {
  return current_task(number) == nullptr && !are_tasks_completed(number);
}

int RunState::next_free_task(int number) const {
  int highest = 0;
  for (const TaskRecord* task : tasks_of(number))
    highest = std::max(highest, task->address.task);
  return highest + 1;
}

Result<void> RunState::apply(const Event& event) {
  has_events_ = has_events_ || !is_wish(event.body);
  const std::optional<TaskAddress> subject = subject_of(event.body);
  apply_request(event.body);
  if (!subject) {
    if (std::holds_alternative<event::run_started>(event.body)) start_run();
    if (std::holds_alternative<event::holistic_finished>(event.body))
      KON_TRY_VOID(apply_to_task(kPhaseAddress, event.body));
    apply_to_run(event);
    return {};
  }
  if (is_about_task(*subject, event.body)) KON_TRY_VOID(apply_to_task(*subject, event.body));
  if (const auto* started = std::get_if<event::attempt_started>(&event.body);
      started != nullptr && started->role == to_string(RoleName::executor)) {
    if (PlanRecord* record = find_plan(started->plan); record != nullptr) {
      record->last_run = event.run;
      record->last_attempt = attempt_name(*subject, started->role, started->attempt);
    }
  }
  apply_to_plan(event.body);
  return {};
}

// A plan's merge has a record of its own from its first conflict on.
bool RunState::is_about_task(const TaskAddress& address, const EventBody& body) {
  if (!address.is_merge()) return true;
  const auto* merged = std::get_if<event::merge_finished>(&body);
  if (merged != nullptr && !merged->fix_from.empty() && find_plan(address.plan) != nullptr)
    tasks_[address].address = address;
  return tasks_.count(address) != 0 && !std::holds_alternative<event::marker_filed>(body);
}

Result<void> RunState::apply_to_task(const TaskAddress& address, const EventBody& body) {
  TaskRecord* task = find_task(address);
  if (task == nullptr) return {};  // The plan was edited; its history stays in the journal.
  KON_TRY(const Transition transition, advance(*task, body));
  if (const auto* split = std::get_if<event::task_split>(&body))
    KON_TRY_VOID(add_sub_tasks(*split));
  if (transition != Transition::ignored) track(address, body);
  return {};
}

// Keeps what is asked often: who is blocked, who failed without a success since, what the run used.
void RunState::track(const TaskAddress& address, const EventBody& body) {
  if (!address.is_phase()) {
    if (std::holds_alternative<state::blocked>(tasks_[address].state))
      blocked_.insert(address);
    else
      blocked_.erase(address);
  }
  if (std::holds_alternative<event::attempt_started>(body)) ++attempts_started_;
  const auto* finished = std::get_if<event::attempt_finished>(&body);
  if (finished == nullptr) return;
  add(usage_, finished->usage);
  if (finished->cause == "done") {
    RoleSpending& role = role_spending_[finished->role];
    role.total += spending_of(*finished);
    ++role.attempts;
    failure_streak_.clear();
  } else if (!is_excused(finished->cause)) {
    failure_streak_.insert(address);
  }
}

Spending RunState::typical_spending(std::string_view role) const {
  const auto found = role_spending_.find(role);
  if (found == role_spending_.end()) return {};
  Spending typical = found->second.total;
  typical.tokens /= found->second.attempts;
  typical.usd /= found->second.attempts;
  typical.seconds /= found->second.attempts;
  return typical;
}

Result<void> RunState::add_sub_tasks(const event::task_split& split) {
  PlanRecord* record = find_plan(split.plan);
  if (record == nullptr) return {};
  auto at = std::find(record->order.begin(), record->order.end(), split.task);
  if (at != record->order.end()) ++at;
  for (const SubTask& sub_task : split.tasks) {
    if (tasks_.count({split.plan, sub_task.task}) != 0)
      return Error{ErrorCode::invalid_input,
                   "plan " + plan_text(split.plan) + ": number " + std::to_string(sub_task.task) +
                       " belongs to a sub-task of task " + std::to_string(split.task) +
                       "; put the task that was added into a plan of its own"};
    at = record->order.insert(at, sub_task.task) + 1;
    TaskRecord task;
    task.address = {split.plan, sub_task.task};
    task.sub_task = sub_task;
    // What a person said of the whole is said of its parts.
    task.notes = tasks_[{split.plan, split.task}].notes;
    tasks_[task.address] = std::move(task);
  }
  return {};
}

void RunState::start_run() {
  failure_streak_.clear();
  breaker_.reset();
  is_paused_ = false;
  // What was wanted stands in the run's first events.
  wanted_retries_.clear();
  usage_ = {};
  attempts_started_ = 0;
  for (auto& [number, record] : plans_) {
    if (!std::holds_alternative<plan_state::completed>(record.state))
      record.state = plan_state::waiting{};
  }
  const EventBody body = event::run_started{};
  // A new run never fails to apply: settled tasks ignore it, the others become due.
  for (auto& [address, task] : tasks_) {
    auto* const active = std::get_if<state::active>(&task.state);
    if (active != nullptr && active->started_in.empty()) active->started_in = last_run_id_;
    const Result<Transition> result = advance(task, body);
    static_cast<void>(result);
  }
}

void RunState::apply_to_run(const Event& event) {
  if (const auto* started = std::get_if<event::run_started>(&event.body)) {
    last_run_ = *started;
    last_run_id_ = event.run;
    last_result_.reset();
    if (!started->cgroup.empty()) cgroups_[event.run] = started->cgroup;
  } else if (const auto* tripped = std::get_if<event::breaker_tripped>(&event.body)) {
    breaker_ = tripped->kind;
  } else if (const auto* finished = std::get_if<event::run_finished>(&event.body)) {
    last_result_ = *finished;
    // It looked after those of earlier runs too.
    cgroups_.clear();
  }
}

const std::string* RunState::refusal_of(const std::string& request) const {
  const auto found = requests_.find(request);
  return found == requests_.end() ? nullptr : &found->second;
}

std::string RunState::skip_of(int number) const {
  const PlanRecord* record = plan(number);
  if (record == nullptr) return {};
  if (!record->skip_reason.empty()) return record->skip_reason;
  for (const TaskRecord* task : tasks_of(number))
    if (const auto* skipped = std::get_if<state::skipped>(&task->state); skipped != nullptr)
      return "task " + std::to_string(task->address.task) + ": " + skipped->reason;
  return {};
}

// What people want stands until it is done, or cannot be done any more.
void RunState::apply_request(const EventBody& body) {
  std::visit(Overloaded{
                 [&](const event::request_taken& e) { requests_[e.request] = e.refusal; },
                 [&](const event::run_paused&) { is_paused_ = true; },
                 [&](const event::run_resumed&) { is_paused_ = false; },
                 [&](const event::skip_requested& e) {
                   wanted_retries_.erase({e.plan, e.task});
                   if (e.task != 0) wanted_skips_[{e.plan, e.task}] = e.reason;
                 },
                 [&](const event::retry_requested& e) {
                   wanted_skips_.erase({e.plan, e.task});
                   wanted_retries_.insert({e.plan, e.task});
                 },
                 [&](const event::task_reset& e) {
                   wanted_retries_.erase({e.plan, e.task});
                   // One that runs again for another reason is still to be skipped.
                   if (e.reason == "retry") wanted_skips_.erase({e.plan, e.task});
                 },
                 [&](const event::task_completed& e) {
                   wanted_skips_.erase({e.plan, e.task});
                 },
                 [&](const event::task_skipped& e) {
                   wanted_skips_.erase({e.plan, e.task});
                 },
                 [&](const event::task_split& e) {
                   wanted_skips_.erase({e.plan, e.task});
                 },
                 [](const auto&) {},
             },
             body);
}

// Only the newest task's start is still a state that the tree can be put back to. When an earlier
// task runs again, those behind it will begin where that one ends.
void RunState::forget_starts(const PlanRecord& plan, const event::task_reset& reset) {
  if (plan.last_started == reset.task) return;
  const auto at = std::find(plan.order.begin(), plan.order.end(), reset.task);
  forget_starts_from(reset.plan, plan, at);
}

void RunState::forget_starts_from(int number, const PlanRecord& plan,
                                  std::vector<int>::const_iterator at) {
  for (auto it = at; it != plan.order.end(); ++it)
    tasks_[{number, *it}].start_commit.clear();
}

// The plan's branch is where the task began, as if nothing had been started since.
void RunState::roll_back(PlanRecord& plan, const event::task_reset& reset) {
  const TaskRecord* task = find_task({reset.plan, reset.task});
  const auto at = std::find(plan.order.begin(), plan.order.end(), reset.task);
  if (task == nullptr || at == plan.order.end()) return;
  forget_starts_from(reset.plan, plan, std::next(at));
  if (task->start_commit.empty()) return;
  plan.last_started = reset.task;
  plan.head = task->start_commit;
  plan.state = plan_state::waiting{};
}

// Another conflict is another fix; only its attempts go on counting.
void RunState::forget_merge_fix(int plan) {
  TaskRecord* fix = plan == 0 ? nullptr : find_task({plan, 0});
  if (fix == nullptr) return;
  TaskRecord fresh;
  fresh.address = fix->address;
  fresh.attempts = fix->attempts;
  fresh.takes = fix->takes;
  *fix = std::move(fresh);
}

const TaskRecord* RunState::merge_fix(int plan) const {
  const TaskRecord* fix = plan == 0 ? nullptr : task(TaskAddress{plan, 0});
  const bool is_none = fix == nullptr || std::holds_alternative<state::waiting>(fix->state);
  return is_none ? nullptr : fix;
}

// Whatever runs again has not been seen by the holistic review.
void RunState::reset_holistic() {
  // A reset fits every state.
  const auto result = advance(tasks_[kPhaseAddress], event::task_reset{});
  static_cast<void>(result);
  plans_[0].state = plan_state::waiting{};
}

void RunState::apply_to_plan(const EventBody& body) {
  const TaskAddress subject = *subject_of(body);
  PlanRecord* record = find_plan(subject.plan);
  if (record == nullptr) return;
  std::visit(
      Overloaded{
          [&](const event::plan_started& e) {
            record->state = plan_state::running{e.slot, false};
            record->slot = e.slot;
          },
          [&](const event::workspace_prepared& e) {
            auto* running = std::get_if<plan_state::running>(&record->state);
            if (running != nullptr)
              running->is_workspace_ready = true;
            else if (e.plan == 0)
              record->state = plan_state::running{0, true};
            record->base = e.base;
            record->head = e.head;
            record->directory = e.directory;
            record->is_merged = false;
          },
          [&](const event::task_started& e) {
            record->last_started = e.task;
            if (e.plan == 0) return;
            // The plan's work goes on, from before the fix: its merge is another one.
            forget_merge_fix(e.plan);
            record->fix_from.clear();
          },
          [&](const event::task_split& e) {
            // The parts begin where their parent did: no gate has seen what it left behind.
            const TaskRecord* parent = find_task({e.plan, e.task});
            if (parent != nullptr && !parent->start_commit.empty())
              record->head = parent->start_commit;
          },
          [&](const event::attempt_finished& e) {
            // A merge's fix counts when it is accepted.
            const bool is_of_merge = subject.is_merge();
            if (e.cause == "done" && !e.commit.empty() && !is_of_merge) record->head = e.commit;
          },
          [&](const event::task_failed&) { record->state = plan_state::stopped{}; },
          [&](const event::task_blocked&) { record->state = plan_state::stopped{}; },
          [&](const event::task_reset& e) {
            if (e.reason == kRolledBack)
              roll_back(*record, e);
            else
              forget_starts(*record, e);
            forget_merge_fix(e.plan);
            // What runs again for another reason than a person's word is still left out.
            if (e.reason == "retry") record->skip_reason.clear();
            if (find_task({e.plan, e.task}) != nullptr) reset_holistic();
          },
          [&](const event::merge_finished& e) {
            record->is_merged = e.result != "conflict";
            if (record->is_merged) record->merged_commit = e.commit;
            record->conflicts = e.conflicts;
            record->conflicts_with = record->is_merged ? std::string() : e.commit;
            if (record->is_merged || !e.fix_from.empty()) record->fix_from = e.fix_from;
            if (e.plan == 0 && record->is_merged) record->state = plan_state::completed{};
          },
          [&](const event::merge_fixed& e) {
            record->head = e.commit;
            record->fix_from.clear();
          },
          [&](const event::conflict_predicted& e) { record->predicted[e.other] = e.conflicts; },
          [&](const event::skip_requested& e) {
            if (e.task == 0) record->skip_reason = e.reason;
          },
          [&](const event::task_skipped&) {
            // Nothing of it stands in the way of the plan's other tasks any more.
            if (std::holds_alternative<plan_state::stopped>(record->state))
              record->state = plan_state::waiting{};
          },
          [&](const event::plan_completed&) {
            record->state = plan_state::completed{};
            record->skip_reason.clear();
            record->is_filed = false;
          },
          [&](const event::plan_reopened& e) {
            record->state = plan_state::waiting{};
            record->is_filed = false;
            record->was_filed = false;
            record->is_merged = false;
            // It gets a new workspace, made from what is merged by then.
            record->last_started = 0;
            for (const int task : record->order)
              tasks_[{e.plan, task}].start_commit.clear();
            forget_merge_fix(e.plan);
            reset_holistic();
          },
          [&](const event::plan_needs_manual& e) {
            record->state = plan_state::needs_manual{e.reason};
          },
          [&](const event::plan_skipped& e) { record->state = plan_state::skipped{e.reason}; },
          [&](const event::marker_filed& e) {
            if (e.task != 0 || e.plan == 0) return;
            record->is_filed = true;
            record->was_filed = true;
            record->filed_files = e.files;
          },
          [](const auto&) {},
      },
      body);
}

}  // namespace konductor::engine
