// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/cost_command.hpp"
#include "cli/runs_command.hpp"
#include "cli/text_table.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {
namespace {

using engine::RunRecord;
using engine::TaskChange;
using Json = nlohmann::ordered_json;

// "2026-01-31 12:00:00": to the second, UTC.
std::string when(std::int64_t time) {
  std::string text = engine::time_text(time).substr(0, 19);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string exit_text(const RunRecord& run) {
  return run.finished ? std::to_string(run.finished->exit) : "-";
}

std::string difference_text(double before, double after) {
  const double difference = after - before;
  if (std::abs(difference) < 0.05) return "";
  return (difference > 0 ? "+" : "-") + duration_text(std::abs(difference));
}

std::string arrow(const std::string& before, const std::string& after) {
  return before == after ? after : before + " > " + after;
}

std::string word(const std::string& outcome) {
  return outcome.empty() ? "not begun" : outcome;
}

std::string cost_cell(const engine::TaskInRun& task) {
  return task.cost.attempts == 0 ? "-" : money_text(task.cost);
}

std::string table_lines(const TextTable& table) {
  std::string text;
  for (const std::string& line : table.lines("  "))
    text += line + "\n";
  return text;
}

Json run_json(const RunsView& view, const RunRecord& run) {
  Json json;
  json["run"] = run.run;
  json["started"] = engine::time_text(run.started_at);
  json["finished"] = nullptr;
  if (run.finished) json["finished"] = engine::time_text(run.last_event_at);
  json["seconds"] = run.seconds();
  json["outcome"] = outcome_of(view, run);
  json["exit"] = nullptr;
  if (run.finished) json["exit"] = run.finished->exit;
  json["tasks_completed"] = run.tasks_completed;
  json["tasks_worked_at"] = run.tasks.size();
  json["attempts"] = run.attempts_started;
  json["cost"] = cost_sum_json(run.cost);
  return json;
}

Json task_json(const std::string& outcome, const engine::TaskInRun& task) {
  Json json;
  json["outcome"] = nullptr;
  if (!outcome.empty()) json["outcome"] = outcome;
  json["attempts"] = task.attempts_started;
  json["seconds"] = task.cost.seconds;
  json["cost"] = cost_sum_json(task.cost);
  return json;
}

}  // namespace

std::string outcome_of(const RunsView& view, const RunRecord& run) {
  if (run.finished) return run.finished->outcome;
  return run.run == view.live_run ? "running" : "cut_off";
}

std::string runs_text(const RunsView& view, const Paint& paint) {
  TextTable table;
  for (const std::size_t column : {2U, 4U, 5U, 6U, 7U})
    table.align_right(column);
  table.add({"run", "started (UTC)", "took", "outcome", "exit", "tasks", "attempts", "cost"});
  for (const RunRecord& run : view.runs)
    table.add({one_line(run.run, 80), when(run.started_at), duration_text(run.seconds()),
               one_line(outcome_of(view, run), 40), exit_text(run),
               std::to_string(run.tasks_completed), std::to_string(run.attempts_started),
               run.cost.attempts == 0 ? "-" : money_text(run.cost)});
  std::string text = paint.bold("phase " + view.phase) + ": " + counted(view.runs.size(), "run") +
                     ", oldest first\n\n" + table_lines(table);
  const bool is_any_cut_off =
      std::any_of(view.runs.begin(), view.runs.end(),
                  [&](const RunRecord& run) { return outcome_of(view, run) == "cut_off"; });
  const bool is_any_unknown =
      std::any_of(view.runs.begin(), view.runs.end(),
                  [](const RunRecord& run) { return !run.cost.is_cost_known(); });
  if (is_any_cut_off) text += "\ncut_off: its engine did not come to its end\n";
  if (is_any_unknown)
    text += "\n?: of some attempts no price is known (`konductor cost " + view.phase + "`)\n";
  return text;
}

Json runs_json(const RunsView& view) {
  Json json;
  json["schema_version"] = 1;
  json["command"] = "runs";
  json["exit"] = 0;
  json["phase"] = view.phase;
  json["runs"] = Json::array();
  for (const RunRecord& run : view.runs)
    json["runs"].push_back(run_json(view, run));
  return json;
}

std::string runs_diff_text(const RunsView& view, const RunsDiff& diff, const Paint& paint) {
  const RunRecord& before = *diff.before;
  const RunRecord& after = *diff.after;
  std::string text = paint.bold("phase " + diff.phase) + "\n";
  for (const RunRecord* run : {&before, &after})
    text += std::string(run == &before ? "- " : "+ ") + one_line(run->run, 80) + ", " +
            when(run->started_at) + " UTC, " + outcome_of(view, *run) + " after " +
            duration_text(run->seconds()) + "\n";
  if (diff.changes.empty()) return text + "\nno task was worked at in either of them\n";
  TextTable table;
  for (const std::size_t column : {2U, 3U, 4U, 5U})
    table.align_right(column);
  table.add({"task", "outcome", "attempts", "time", "", "cost"});
  for (const TaskChange& change : diff.changes)
    table.add({address_text(diff.phase, change.address),
               arrow(word(change.before), word(change.after)),
               arrow(std::to_string(change.in_before.attempts_started),
                     std::to_string(change.in_after.attempts_started)),
               arrow(duration_text(change.in_before.cost.seconds),
                     duration_text(change.in_after.cost.seconds)),
               difference_text(change.in_before.cost.seconds, change.in_after.cost.seconds),
               arrow(cost_cell(change.in_before), cost_cell(change.in_after))});
  table.add({"total", "",
             arrow(std::to_string(before.attempts_started), std::to_string(after.attempts_started)),
             arrow(duration_text(before.cost.seconds), duration_text(after.cost.seconds)),
             difference_text(before.cost.seconds, after.cost.seconds),
             arrow(before.cost.attempts == 0 ? "-" : money_text(before.cost),
                   after.cost.attempts == 0 ? "-" : money_text(after.cost))});
  return text + "\n" + table_lines(table);
}

Json runs_diff_json(const RunsView& view, const RunsDiff& diff) {
  Json json;
  json["schema_version"] = 1;
  json["command"] = "runs diff";
  json["exit"] = 0;
  json["phase"] = diff.phase;
  json["before"] = run_json(view, *diff.before);
  json["after"] = run_json(view, *diff.after);
  json["tasks"] = Json::array();
  for (const TaskChange& change : diff.changes) {
    Json entry;
    entry["task"] = address_text(diff.phase, change.address);
    entry["changed"] = change.before != change.after;
    entry["before"] = task_json(change.before, change.in_before);
    entry["after"] = task_json(change.after, change.in_after);
    json["tasks"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace konductor::cli
