// SPDX-License-Identifier: MIT
#include "cli/status_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/cost_command.hpp"
#include "cli/output.hpp"
#include "cli/phase_report.hpp"
#include "cli/text_table.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Totals {
  std::size_t plans = 0;
  std::size_t plans_completed = 0;
  int tasks = 0;
  int tasks_completed = 0;

  [[nodiscard]] bool are_plans_complete() const { return plans > 0 && plans_completed == plans; }
};

Totals count(const engine::RunState& state) {
  Totals totals;
  for (const auto& [number, plan] : state.plans()) {
    if (number == 0) continue;
    ++totals.plans;
    if (std::holds_alternative<engine::plan_state::completed>(plan.state)) ++totals.plans_completed;
    totals.tasks += count_tasks(state, number);
    totals.tasks_completed += count_completed_tasks(state, number);
  }
  return totals;
}

// Only while an engine lives does anything run, whatever the journal of a dead one says.
std::string plan_status(const StatusView& view, const engine::PlanRecord& plan) {
  if (!view.holder && std::holds_alternative<engine::plan_state::running>(plan.state))
    return "interrupted";
  const bool is_over = std::holds_alternative<engine::plan_state::completed>(plan.state) ||
                       std::holds_alternative<engine::plan_state::running>(plan.state);
  if (!plan.skip_reason.empty() && !is_over) return "skipped";
  return std::string(engine::status_name(plan.state));
}

std::string holistic_status(const engine::RunState& state) {
  const engine::TaskState& holistic = state.holistic().state;
  if (std::holds_alternative<engine::state::completed>(holistic)) return "passed";
  if (std::holds_alternative<engine::state::blocked>(holistic)) return "does not pass";
  if (std::holds_alternative<engine::state::waiting>(holistic)) return "not reached";
  return "begun";
}

// Attempts in flight, in the plan's row: "002/3 executor".
std::string current_work(const StatusView& view, int plan) {
  if (!view.holder) return {};
  for (const engine::TaskRecord* task : view.progress.state.tasks_of(plan)) {
    const auto* active = std::get_if<engine::state::active>(&task->state);
    if (active == nullptr) continue;
    std::string text = address_text(view.phase, task->address) + " " +
                       std::string(to_string(engine::role_of(active->action)));
    const auto started = view.started.find(task->address);
    if (started != view.started.end() && view.now > started->second)
      text += " for " + duration_text(static_cast<double>(view.now - started->second) / 1000);
    return text;
  }
  return {};
}

std::string painted(const std::string& line, const std::string& status, const Paint& paint) {
  if (status == "completed") return paint.green(line);
  if (status == "running") return paint.bold(line);
  if (status == "stopped" || status == "needs_manual") return paint.red(line);
  if (status == "skipped" || status == "interrupted") return paint.yellow(line);
  return line;
}

std::string plans_table(const StatusView& view, const Paint& paint) {
  const engine::RunState& state = view.progress.state;
  std::map<int, std::vector<int>> waves;
  TextTable table;
  for (const auto& [number, plan] : state.plans()) {
    if (number == 0) continue;
    waves[plan.definition.wave].push_back(number);
    table.add({plan_address_text(view.phase, number), one_line(plan.definition.title, 60),
               plan_status(view, plan),
               std::to_string(count_completed_tasks(state, number)) + "/" +
                   std::to_string(count_tasks(state, number)),
               current_work(view, number)});
  }
  const std::vector<std::string> lines = table.lines("  ");
  std::map<int, std::string> line_of;
  std::size_t row = 0;
  for (const auto& [number, plan] : state.plans())
    if (number != 0) line_of[number] = lines[row++];
  std::string text;
  for (const auto& [wave, plans] : waves) {
    text += "wave " + std::to_string(wave) + "\n";
    for (const int plan : plans)
      text += painted(line_of[plan], plan_status(view, *state.plan(plan)), paint) + "\n";
  }
  return text;
}

std::string holder_text(const LockHolder& holder) {
  std::string text = "running now: pid " + std::to_string(holder.pid);
  if (!holder.host.empty()) text += " on " + one_line(holder.host);
  if (!holder.started.empty()) text += ", since " + one_line(holder.started);
  if (!holder.is_on_this_host) text += " (on another host: whether it lives is not known here)";
  return text + "\n";
}

bool is_paused(const StatusView& view) {
  return view.holder && view.progress.state.is_paused();
}

std::string last_run_text(const StatusView& view) {
  const std::optional<platform::LastRun>& run = view.progress.last_run;
  if (!run && view.progress.has_journal) return {};
  if (!run)
    return count(view.progress.state).tasks_completed == 0
               ? "never executed\n"
               : "no journal: the summary files tell what is complete\n";
  std::string text = "last run: " + run->run + ", " + engine::time_text(run->started_at);
  if (view.cost.attempts > 0)
    text += ", " + counted(static_cast<std::size_t>(view.cost.attempts), "attempt") +
            (money_text(view.cost) == "?" ? ", cost not told" : " for " + money_text(view.cost));
  if (!run->finished) return text + (view.holder ? ", goes on\n" : ", cut off\n");
  text += ", " + run->finished->outcome + " (exit " + std::to_string(run->finished->exit) + ")\n";
  if (run->finished->delivery == "kept" && !run->finished->command.empty())
    text += "the result is kept on its own branch; bring it home with\n      " +
            one_line(run->finished->command) + "\n";
  return text;
}

// With the command of each.
Json with_commands(Json list, const std::vector<OpenMatter>& matters) {
  for (std::size_t i = 0; i < matters.size(); ++i)
    list[i]["command"] = matters[i].command.empty() ? Json() : Json(matters[i].command);
  return list;
}

Json running_json(const StatusView& view) {
  Json list = Json::array();
  if (!view.holder) return list;
  for (const auto& [number, plan] : view.progress.state.plans())
    for (const engine::TaskRecord* task : view.progress.state.tasks_of(number)) {
      const auto* active = std::get_if<engine::state::active>(&task->state);
      if (active == nullptr) continue;
      const auto started = view.started.find(task->address);
      list.push_back(
          {{"task", address_text(view.phase, task->address)},
           {"role", to_string(engine::role_of(active->action))},
           {"attempt", active->attempt},
           {"started",
            started == view.started.end() ? Json() : Json(engine::time_text(started->second))}});
    }
  return list;
}

Json plans_json(const StatusView& view) {
  const engine::RunState& state = view.progress.state;
  Json list = Json::array();
  for (const auto& [number, plan] : state.plans()) {
    if (number == 0) continue;
    Json entry;
    entry["address"] = plan_address_text(view.phase, number);
    entry["plan"] = number;
    entry["title"] = plan.definition.title;
    entry["wave"] = plan.definition.wave;
    entry["status"] = plan_status(view, plan);
    entry["tasks_total"] = count_tasks(state, number);
    entry["tasks_completed"] = count_completed_tasks(state, number);
    list.push_back(std::move(entry));
  }
  return list;
}

Json last_run_json(const StatusView& view) {
  const std::optional<platform::LastRun>& run = view.progress.last_run;
  if (!run) return nullptr;
  Json json;
  json["run"] = run->run;
  json["started"] = engine::time_text(run->started_at);
  json["finished"] = nullptr;
  if (!run->finished) return json;
  json["finished"] = engine::time_text(run->finished_at);
  json["exit"] = run->finished->exit;
  json["outcome"] = run->finished->outcome;
  json["delivery"]["state"] = run->finished->delivery;
  json["delivery"]["command"] = run->finished->command;
  return json;
}

}  // namespace

void StatusFold::apply(const engine::Event& event) {
  if (std::holds_alternative<engine::event::run_started>(event.body)) {
    quotas_.clear();
    budgets_.clear();
    cost_ = {};
  } else if (const auto* started = std::get_if<engine::event::attempt_started>(&event.body)) {
    started_[{started->plan, started->task}] = event.time;
    quotas_.erase(started->runtime);
  } else if (const auto* finished = std::get_if<engine::event::attempt_finished>(&event.body)) {
    started_.erase({finished->plan, finished->task});
    cost_.add(*finished);
  } else if (const auto* quota = std::get_if<engine::event::quota_waiting>(&event.body)) {
    quotas_[quota->runtime] = *quota;
  } else if (const auto* budget = std::get_if<engine::event::budget_reached>(&event.body)) {
    budgets_.push_back(*budget);
  }
}

void StatusFold::finish(StatusView& view) const {
  view.started = started_;
  view.cost = cost_;
  for (const auto& [runtime, quota] : quotas_)
    if (view.holder && quota.until > view.now)
      view.waits.push_back(runtime + " waits for its provider (" + quota.cause + ") until " +
                           engine::time_text(quota.until));
  for (const engine::event::budget_reached& budget : budgets_) {
    const TaskAddress address{budget.plan, budget.task};
    const std::string what =
        budget.plan == 0 ? "phase " + view.phase : address_text(view.phase, address);
    view.waits.push_back("the budget of " + what + " is reached (" + budget.resource + ")");
  }
}

std::string next_step(const StatusView& view) {
  const std::string execute = "konductor execute " + view.phase;
  if (view.plan_errors > 0) return "mend the plans: konductor plan check " + view.phase;
  if (view.progress.state.plans().size() == 1)
    return "write a plan to .konductor/phases/" + view.directory_name +
           "/plans/001.md (`konductor plan --help` shows one)";
  if (is_paused(view)) return "let it go on: konductor resume " + view.phase;
  if (view.holder) return "wait for the engine that runs the phase";
  const PhaseReport report = report_phase(view.phase, view.progress.state);
  if (!report.blockers.empty())
    return "free what is blocked: " + unblock_command(report.blockers.front());
  if (!report.failed.empty()) return "try again: " + execute;
  const auto task = std::find_if(report.needs_manual.begin(), report.needs_manual.end(),
                                 [](const OpenMatter& matter) { return matter.can_be_retried; });
  if (task != report.needs_manual.end())
    return "settle what needs you, or run it again: " + execute + " --retry " + task->name;
  const auto waiting =
      std::find_if(report.skipped.begin(), report.skipped.end(),
                   [](const OpenMatter& matter) { return !matter.command.empty(); });
  if (waiting != report.skipped.end()) return "allow what waits for you: " + waiting->command;
  const Totals totals = count(view.progress.state);
  const std::optional<platform::LastRun>& run = view.progress.last_run;
  const bool is_done = run && run->finished && run->finished->outcome == "complete";
  if (totals.are_plans_complete() && is_done) {
    if (run->finished->delivery == "kept" && !run->finished->command.empty())
      return "bring the result home: " + run->finished->command;
    return "nothing: the phase is complete";
  }
  return (view.progress.has_journal ? "go on: " : "start: ") + execute;
}

std::string status_text(const StatusView& view, const Paint& paint) {
  const engine::RunState& state = view.progress.state;
  const Totals totals = count(state);
  std::string text;
  if (!view.project.empty()) text += "project " + one_line(view.project) + "\n";
  text += paint.bold("phase " + view.directory_name);
  if (!view.step.empty()) text += ": " + one_line(view.step);
  text += "\n" + std::to_string(totals.plans_completed) + " of " + counted(totals.plans, "plan") +
          " and " + std::to_string(totals.tasks_completed) + " of " +
          counted(static_cast<std::size_t>(totals.tasks), "task") + " complete; holistic review " +
          holistic_status(state) + "\n";
  if (view.plan_errors > 0)
    text += counted(view.plan_errors, "error") +
            " in plan files; plans that cannot be read are not shown\n";
  if (view.holder) text += holder_text(*view.holder);
  if (is_paused(view))
    text += "paused: no attempt starts until `konductor resume " + view.phase + "`\n";
  text += "\n";
  if (totals.plans > 0) text += plans_table(view, paint) + "\n";
  for (const std::string& wait : view.waits)
    text += paint.yellow(one_line(wait)) + "\n";
  text += report_text(report_phase(view.phase, state));
  text += last_run_text(view);
  return text + paint.bold("next: ") + next_step(view) + "\n";
}

Json status_json(const StatusView& view) {
  const engine::RunState& state = view.progress.state;
  const Totals totals = count(state);
  const PhaseReport report = report_phase(view.phase, state);
  Json json;
  json["schema_version"] = 1;
  json["command"] = "status";
  json["exit"] = 0;
  json["project"] = view.project;
  json["phase"] = view.phase;
  json["directory"] = view.directory_name;
  json["step"] = view.step;
  json["plan_errors"] = view.plan_errors;
  json["engine"] = nullptr;
  if (view.holder)
    json["engine"] = {{"pid", view.holder->pid},
                      {"host", view.holder->host},
                      {"started", view.holder->started},
                      {"paused", is_paused(view)}};
  json["plans_total"] = totals.plans;
  json["plans_completed"] = totals.plans_completed;
  json["tasks_total"] = totals.tasks;
  json["tasks_completed"] = totals.tasks_completed;
  json["plans"] = plans_json(view);
  json["holistic"] = holistic_status(state);
  json["blockers"] = with_commands(matters_json(report.blockers, "task"), report.blockers);
  json["failed"] = with_commands(matters_json(report.failed, "task"), report.failed);
  json["needs_manual"] =
      with_commands(matters_json(report.needs_manual, "task"), report.needs_manual);
  json["skipped"] = with_commands(skipped_json(report.skipped), report.skipped);
  json["running"] = running_json(view);
  json["waits"] = view.waits;
  json["cost"] = cost_sum_json(view.cost);
  json["last_run"] = last_run_json(view);
  json["next"] = next_step(view);
  return json;
}

}  // namespace konductor::cli
