// SPDX-License-Identifier: MIT
#include "cli/run_progress.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/display_text.hpp"
#include "cli/phase_view.hpp"
#include "cli/progress_text.hpp"

namespace konductor::cli {
namespace {

using namespace engine::event;  // NOLINT

bool is_open(const engine::TaskState& state) {
  return std::holds_alternative<engine::state::failed>(state) ||
         std::holds_alternative<engine::state::blocked>(state) ||
         std::holds_alternative<engine::state::needs_manual>(state);
}

bool is_plan_running(const engine::RunState& state, int plan) {
  const engine::PlanRecord* record = state.plan(plan);
  return record != nullptr && std::holds_alternative<engine::plan_state::running>(record->state);
}

// Most events change neither what is done nor what is still to do.
bool changes_the_rest(const engine::EventBody& body) {
  return !std::holds_alternative<attempt_started>(body) &&
         !std::holds_alternative<attempt_finished>(body) &&
         !std::holds_alternative<status_reported>(body) &&
         !std::holds_alternative<gate_checked>(body) &&
         !std::holds_alternative<review_finished>(body) &&
         !std::holds_alternative<marker_filed>(body) &&
         !std::holds_alternative<note_recorded>(body);
}

}  // namespace

engine::Usage usage_of(const PlanProgress& plan) {
  engine::Usage usage = plan.usage;
  engine::add(usage, plan.running);
  return usage;
}

engine::Usage usage_of(const RunProgress& progress) {
  engine::Usage usage = progress.usage;
  for (const auto& [number, plan] : progress.running)
    engine::add(usage, plan.running);
  return usage;
}

std::string under_way_text(const RunProgress& progress) {
  constexpr std::size_t kNamedMax = 6;
  std::vector<std::string> names;
  for (const auto& [number, plan] : progress.running) {
    if (names.size() == kNamedMax) break;
    names.push_back(address_text(progress.phase, plan.task) + " " +
                    (plan.role.empty() ? plan.step : plan.role));
  }
  const std::size_t more = progress.running.size() - names.size();
  return join(names, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

ProgressFold::ProgressFold(std::string phase, engine::TaskDurations durations) {
  progress_.phase = std::move(phase);
  rules_.durations = std::move(durations);
}

bool ProgressFold::apply(const engine::Event& event) {
  std::visit([&](const auto& body) { on(body, event.time); }, event.body);
  if (state_ == nullptr) return false;
  drop_what_is_over();
  progress_.usage = state_->usage();
  return changes_the_rest(event.body);
}

void ProgressFold::count(std::int64_t now) {
  if (state_ == nullptr) return;
  count_tasks();
  count_waves();
  expect_rest(now);
}

bool ProgressFold::set_activity(const TaskAddress& task, std::string_view role,
                                std::string activity, const engine::Usage& running) {
  const auto found = progress_.running.find(task.plan);
  if (found == progress_.running.end()) return false;
  PlanProgress& plan = found->second;
  if (plan.task != task || plan.role != role) return false;
  if (plan.activity == activity && plan.running == running) return false;
  plan.activity = std::move(activity);
  plan.running = running;
  return true;
}

PlanProgress& ProgressFold::line(const TaskAddress& task, std::int64_t time) {
  PlanProgress& plan = progress_.running[task.plan];
  if (plan.since != 0 && plan.task == task) return plan;
  plan.since = time;
  plan.attempts = 0;
  plan.task_usage = engine::Usage();
  plan.task = task;
  if (state_ == nullptr) return plan;
  const engine::PlanRecord* record = state_->plan(task.plan);
  if (record != nullptr) plan.wave = record->definition.wave;
  if (task.is_phase())
    plan.title = "holistic review";
  else if (task.task == 0 && record != nullptr)
    plan.title = safe_line(record->definition.title);
  else
    plan.title = safe_line(state_->title_of(task));
  return plan;
}

void ProgressFold::on(const run_started& e, std::int64_t time) {
  progress_.began = time;
  progress_.is_over = false;
  progress_.stopping.clear();
  progress_.running.clear();
  rules_.max_wave_parallelism = std::max(1, e.max_wave_parallelism);
  rules_.schedule = e.schedule == "dependencies" ? engine::ScheduleMode::dependencies
                                                 : engine::ScheduleMode::waves;
  rules_.runs_plans_alone = e.isolation == "none";
  scope_ = engine::told_scope(e);
}

void ProgressFold::on(const plan_started& e, std::int64_t time) {
  progress_.running.erase(e.plan);
  PlanProgress& plan = line({e.plan, 0}, time);
  plan.wave = e.wave;
  plan.title = safe_line(e.title);
  plan.step = "preparing its workspace";
}

void ProgressFold::on(const workspace_prepared& e, std::int64_t time) {
  if (progress_.running.count(e.plan) != 0) line({e.plan, 0}, time).step = "starting";
}

void ProgressFold::on(const task_started& e, std::int64_t time) {
  PlanProgress& plan = line({e.plan, e.task}, time);
  if (!e.title.empty()) plan.title = safe_line(e.title);
  plan.step = "starting";
}

void ProgressFold::begin_attempt(PlanProgress& plan, const std::string& role, int attempt,
                                 std::string step) {
  plan.role = role;
  plan.attempt = attempt;
  plan.step = std::move(step);
  plan.activity.clear();
  plan.running = engine::Usage();
  plan.waits_until = 0;
  ++plan.attempts;
}

void ProgressFold::on(const attempt_started& e, std::int64_t time) {
  PlanProgress& plan = line({e.plan, e.task}, time);
  begin_attempt(plan, e.role, e.attempt, e.role + " " + purpose_text(e.reason));
  const auto limit = limits_.find(e.runtime);
  if (limit == limits_.end() || limit->second <= time) return;
  plan.waits_for = e.runtime;
  plan.waits_until = limit->second;
}

void ProgressFold::on(const engine::event::attempt_adopted& e, std::int64_t time) {
  begin_attempt(line({e.plan, e.task}, time), e.role, e.attempt, e.role + " works on");
}

void ProgressFold::on(const attempt_finished& e, std::int64_t time) {
  PlanProgress& plan = line({e.plan, e.task}, time);
  engine::add(plan.task_usage, e.usage);
  engine::add(plan.usage, e.usage);
  plan.running = engine::Usage();
  plan.role.clear();
  plan.activity.clear();
  plan.step = e.cause == "done" ? e.role + " is done" : e.role + ": " + e.cause;
}

void ProgressFold::on(const status_reported& e, std::int64_t time) {
  line({e.plan, e.task}, time).step =
      e.status == "DONE" ? "checking its work" : "it says " + e.status;
}

void ProgressFold::on(const gate_checked& e, std::int64_t time) {
  line({e.plan, e.task}, time).step = e.passed ? "gates passed" : "gates failed";
}

// The attempt that is told of next waits for it.
void ProgressFold::on(const quota_waiting& e, std::int64_t) {
  limits_[e.runtime] = e.until;
}

void ProgressFold::on(const task_completed& e, std::int64_t time) {
  if (e.rebuilt) return;
  const TaskAddress task{e.plan, e.task};
  const auto found = progress_.running.find(e.plan);
  if (found == progress_.running.end()) return;
  if (found->second.task == task && time >= found->second.since) {
    engine::TaskDurations& known = rules_.durations;
    const double seconds = static_cast<double>(time - found->second.since) / 1000;
    const auto count = static_cast<double>(known.count);
    known.typical = (known.typical * count + seconds) / (count + 1);
    known.own[task] = seconds;
    ++known.count;
  }
  found->second.step = "filing it";
  if (state_ == nullptr || !state_->are_tasks_completed(e.plan)) return;
  line({e.plan, 0}, time).step = "merging";
}

void ProgressFold::on(const merge_finished& e, std::int64_t time) {
  if (progress_.running.count(e.plan) == 0) return;
  line({e.plan, 0}, time).step = e.result == "conflict" ? "it conflicts" : "merged";
}

void ProgressFold::on(const holistic_finished&, std::int64_t) {
  progress_.running.erase(0);
}

void ProgressFold::on(const run_finished&, std::int64_t) {
  progress_.running.clear();
  progress_.is_over = true;
}

void ProgressFold::drop_what_is_over() {
  std::erase_if(progress_.running, [this](const auto& entry) {
    const bool has_attempt = !entry.second.role.empty();
    return entry.first != 0 && !has_attempt && !is_plan_running(*state_, entry.first);
  });
}

void ProgressFold::count_tasks() {
  progress_.tasks = 0;
  progress_.tasks_completed = 0;
  progress_.tasks_open = 0;
  progress_.waves = 0;
  for (const auto& [number, record] : state_->plans()) {
    if (!engine::is_in_scope(scope_, number, record)) continue;
    progress_.waves = std::max(progress_.waves, record.definition.wave);
    for (const engine::TaskRecord* task : state_->tasks_of(number)) {
      if (scope_.only && *scope_.only != task->address) continue;
      if (std::holds_alternative<engine::state::split>(task->state)) continue;
      ++progress_.tasks;
      if (std::holds_alternative<engine::state::completed>(task->state))
        ++progress_.tasks_completed;
      if (is_open(task->state)) ++progress_.tasks_open;
    }
  }
}

// Of what is under way; while nothing is, the first that holds what is still to do.
void ProgressFold::count_waves() {
  progress_.first_wave = 0;
  progress_.last_wave = 0;
  for (const auto& [number, plan] : progress_.running) {
    if (number == 0) continue;
    const bool is_first = progress_.first_wave == 0;
    progress_.first_wave = is_first ? plan.wave : std::min(progress_.first_wave, plan.wave);
    progress_.last_wave = std::max(progress_.last_wave, plan.wave);
  }
  if (progress_.first_wave != 0) return;
  for (const auto& [number, record] : state_->plans()) {
    const bool is_next = engine::is_in_scope(scope_, number, record) &&
                         std::holds_alternative<engine::plan_state::waiting>(record.state);
    if (!is_next) continue;
    const int wave = record.definition.wave;
    if (progress_.first_wave == 0 || wave < progress_.first_wave) progress_.first_wave = wave;
    progress_.last_wave = progress_.first_wave;
  }
}

void ProgressFold::expect_rest(std::int64_t now) {
  progress_.rest_seconds.reset();
  if (rules_.durations.typical <= 0 || scope_.only) return;
  engine::TaskSeconds under_way;
  for (const auto& [number, plan] : progress_.running)
    under_way[plan.task] = static_cast<double>(now - plan.since) / 1000;
  progress_.rest_seconds = engine::expected_makespan(*state_, rules_, scope_, under_way);
  progress_.rest_at = now;
}

}  // namespace konductor::cli
