// SPDX-License-Identifier: MIT
#include "cli/show_plan.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/cost_command.hpp"
#include "cli/text_table.hpp"
#include "cli/transcript_view.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

engine::CostSum cost_of(const PlanShow& show, const TaskAddress& address) {
  engine::CostSum sum;
  for (const AttemptStory& attempt : show.story->all_attempts())
    if (attempt.address == address && attempt.is_finished) sum.add(attempt.finished);
  return sum;
}

// The plan's tasks in their order, its merge last when that had attempts.
std::vector<TaskAddress> rows_of(const PlanShow& show) {
  std::vector<TaskAddress> rows;
  for (const engine::TaskRecord* task : show.state->tasks_of(show.plan))
    rows.push_back(task->address);
  if (show.state->merge_fix(show.plan) != nullptr) rows.push_back({show.plan, 0});
  return rows;
}

std::string status_of(const PlanShow& show, const TaskAddress& address) {
  const engine::TaskRecord* task = show.state->task(address);
  return task == nullptr ? std::string() : std::string(engine::status_name(task->state));
}

engine::CostSum total_of(const PlanShow& show) {
  engine::CostSum total;
  for (const TaskAddress& address : rows_of(show))
    total.add(cost_of(show, address));
  return total;
}

std::string tasks_text(const PlanShow& show) {
  TextTable table;
  for (const std::size_t column : {3U, 4U, 6U})
    table.align_right(column);
  for (const TaskAddress& address : rows_of(show)) {
    const engine::CostSum cost = cost_of(show, address);
    table.add(
        {address_text(show.phase, address), one_line(show.state->title_of(address), 60),
         status_of(show, address),
         cost.attempts == 0 ? "" : counted(static_cast<std::size_t>(cost.attempts), "attempt"),
         cost.attempts == 0 ? "" : duration_text(cost.seconds),
         usage_words(
             {cost.usage.input_tokens, cost.usage.output_tokens, cost.usage.cache_read_tokens, 0}),
         cost.attempts == 0 ? "" : money_text(cost)});
  }
  std::string text;
  for (const std::string& line : table.lines("  "))
    text += line + "\n";
  return text;
}

}  // namespace

std::string plan_show_text(const PlanShow& show) {
  const engine::PlanRecord& plan = *show.state->plan(show.plan);
  std::vector<std::string> dependencies;
  for (const int dependency : plan.definition.depends_on)
    dependencies.push_back(plan_address_text(show.phase, dependency));
  std::string text = show.subject + " " + one_line(plan.definition.title, 200) + ": " +
                     std::string(engine::status_name(plan.state)) + "\nwave " +
                     std::to_string(plan.definition.wave) +
                     (dependencies.empty() ? "" : ", after " + join(dependencies, ", ")) + "\n";
  if (const std::string reason = reason_of(plan.state); !reason.empty())
    text += one_line(reason, 1000) + "\n";
  text += "\ntasks\n" + tasks_text(show);
  const engine::CostSum total = total_of(show);
  if (total.attempts > 0)
    text += "\n" + counted(static_cast<std::size_t>(total.attempts), "attempt") + ", " +
            duration_text(total.seconds) + ", " + money_text(total) + "\n";
  return text + changes_text(show.changes);
}

Json plan_show_json(const PlanShow& show) {
  const engine::PlanRecord& plan = *show.state->plan(show.plan);
  Json json;
  json["schema_version"] = 1;
  json["command"] = "show";
  json["exit"] = 0;
  json["subject"] = show.subject;
  json["title"] = plan.definition.title;
  json["state"] = engine::status_name(plan.state);
  json["reason"] = reason_of(plan.state);
  json["wave"] = plan.definition.wave;
  json["depends_on"] = plan.definition.depends_on;
  json["tasks"] = Json::array();
  for (const TaskAddress& address : rows_of(show))
    json["tasks"].push_back({{"subject", address_text(show.phase, address)},
                             {"title", show.state->title_of(address)},
                             {"state", status_of(show, address)},
                             {"cost", cost_sum_json(cost_of(show, address))}});
  json["files"] = changes_json(show.changes);
  json["usage"] = usage_json(total_of(show).usage);
  return json;
}

std::vector<platform::FileCount> changed_files(const ChosenPhase& chosen, const PhaseWork& work,
                                               const Result<engine::WorkRange>& range) {
  if (range.has_error()) return {};
  const Result<platform::GitHistory> git =
      platform::GitHistory::open(chosen.layout.root, work.isolation, chosen.location.id);
  if (git.has_error()) return {};
  for (const std::string& commit : {range.value().from, range.value().to})
    if (!git.value().has_commit(commit)) return {};
  const auto counts = git.value().counts(range.value().from, range.value().to);
  return counts.has_value() ? counts.value() : std::vector<platform::FileCount>();
}

std::string changes_text(const std::vector<platform::FileCount>& changes) {
  std::string text = changes.empty() ? "" : "\nchanged files\n";
  for (const platform::FileCount& file : changes)
    text += "  " + one_line(file.change.path) +
            (file.is_binary
                 ? " | binary"
                 : " | +" + std::to_string(file.added) + " -" + std::to_string(file.removed)) +
            "\n";
  return text;
}

Json changes_json(const std::vector<platform::FileCount>& changes) {
  Json list = Json::array();
  for (const platform::FileCount& file : changes)
    list.push_back({{"path", file.change.path},
                    {"added", file.added},
                    {"removed", file.removed},
                    {"binary", file.is_binary}});
  return list;
}

}  // namespace konductor::cli
