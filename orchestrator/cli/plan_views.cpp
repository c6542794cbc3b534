// SPDX-License-Identifier: MIT
#include "cli/plan_views.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/phase_view.hpp"
#include "cli/text_table.hpp"
#include "plan/graph.hpp"
#include "plan/plan_check.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view type_name(plan::PlanType type) {
  return type == plan::PlanType::tdd ? "tdd" : "execute";
}

std::string status_of(const engine::RunState& state, int plan) {
  const engine::PlanRecord* record = state.plan(plan);
  return record == nullptr ? "waiting" : std::string(engine::status_name(record->state));
}

std::string number_list(const std::vector<int>& numbers) {
  std::vector<std::string> texts;
  for (const int number : numbers)
    texts.push_back(plan_text(number));
  return join(texts, ", ");
}

std::map<int, std::vector<const plan::Plan*>> by_wave(const PlansByNumber& plans) {
  std::map<int, std::vector<const plan::Plan*>> waves;
  for (const auto& [number, plan] : plans)
    waves[plan.wave].push_back(&plan);
  return waves;
}

Json document(const std::string& command, const std::string& phase, int exit) {
  Json json;
  json["schema_version"] = 1;
  json["command"] = command;
  json["phase"] = phase;
  json["exit"] = exit;
  return json;
}

std::string expectation(const plan::VerifyStep& step) {
  if (step.kind == plan::VerifyStep::Kind::file_exists) return "must exist";
  switch (step.expect) {
    case plan::VerifyStep::Expect::success:
      return "must exit 0";
    case plan::VerifyStep::Expect::failure:
      return "must not exit 0";
    case plan::VerifyStep::Expect::exit_code:
      break;
  }
  return "must exit " + std::to_string(step.exit_code);
}

std::string_view kind_name(plan::VerifyStep::Kind kind) {
  switch (kind) {
    case plan::VerifyStep::Kind::command:
      return "command";
    case plan::VerifyStep::Kind::script:
      return "script";
    case plan::VerifyStep::Kind::file_exists:
      break;
  }
  return "file_exists";
}

Json step_json(const plan::VerifyStep& step) {
  Json json;
  json["kind"] = kind_name(step.kind);
  json["text"] = step.text;
  if (step.kind == plan::VerifyStep::Kind::file_exists) return json;
  json["expect"] = step.expect == plan::VerifyStep::Expect::failure ? "failure" : "exit";
  if (step.expect != plan::VerifyStep::Expect::failure) json["exit_code"] = step.exit_code;
  return json;
}

// A script keeps its lines, below each other.
std::string step_text(const plan::VerifyStep& step) {
  const std::string indent = "              ";
  if (step.kind != plan::VerifyStep::Kind::script)
    return one_line(step.text) + "  (" + expectation(step) + ")";
  std::string text = "script (" + expectation(step) + ")";
  for (const std::string_view line : split_lines(step.text))
    text += "\n" + indent + "  " + one_line(line);
  return text;
}

std::string task_text(const std::string& phase, int plan, const plan::Task& task,
                      const plan::FileLookup& lookup) {
  std::string text =
      "\n" + address_text(phase, {plan, task.number}) + "  " + one_line(task.title) + "\n";
  text += "    files:    " + (task.files.empty() ? "none" : join(task.files, ", ")) + "\n";
  const std::vector<plan::VerifyStep> steps = plan::parse_verify(task.verify, task.files, lookup);
  std::string label = "    verify:   ";
  for (const plan::VerifyStep& step : steps) {
    text += label + step_text(step) + "\n";
    label = "              ";
  }
  if (steps.empty()) text += label + "no command; the reviewers judge it\n";
  if (!task.done.empty()) text += "    done:     " + one_line(task.done) + "\n";
  return text;
}

void add_list(std::string& text, const std::string& label, const std::vector<std::string>& items) {
  for (const std::string& item : items)
    text += label + one_line(item) + "\n";
}

}  // namespace

std::string check_text(const std::string& phase, const PlansByNumber& plans,
                       const std::vector<plan::Diagnostic>& diagnostics) {
  std::string text;
  for (const plan::Diagnostic& diagnostic : diagnostics)
    text += plan::format_diagnostic(diagnostic) + "\n";
  text += "phase " + phase + ": ";
  if (plan::has_errors(diagnostics)) return text + count_text(diagnostics) + "\n";
  std::size_t tasks = 0;
  for (const auto& [number, plan] : plans)
    tasks += plan.tasks.size();
  text += counted(plans.size(), "plan") + ", " + counted(tasks, "task") + ", " +
          counted(by_wave(plans).size(), "wave") + ", no errors";
  if (!diagnostics.empty()) text += ", " + count_text(diagnostics);
  return text + "\n";
}

Json check_json(const std::string& phase, const std::vector<plan::Diagnostic>& diagnostics,
                int exit) {
  Json json = document("plan check", phase, exit);
  json["diagnostics"] = Json::array();
  for (const plan::Diagnostic& diagnostic : diagnostics) {
    Json entry;
    entry["path"] = diagnostic.path;
    entry["line"] = diagnostic.position.line;
    entry["column"] = diagnostic.position.column;
    entry["severity"] = diagnostic.severity == plan::Severity::error ? "error" : "warning";
    entry["message"] = diagnostic.message;
    entry["hint"] = diagnostic.hint;
    json["diagnostics"].push_back(std::move(entry));
  }
  return json;
}

std::string list_text(const std::string& phase, const PlansByNumber& plans,
                      const engine::RunState& state) {
  TextTable table;
  for (const auto& [number, plan] : plans) {
    std::string after;
    if (!plan.depends_on.empty()) after = "after " + number_list(plan.depends_on);
    const std::string tasks = std::to_string(count_completed_tasks(state, number)) + "/" +
                              counted(static_cast<std::size_t>(count_tasks(state, number)), "task");
    std::string type(type_name(plan.type));
    if (!plan.autonomous) type += ", waits for --approve";
    table.add({plan_address_text(phase, number), one_line(plan.title, 60), tasks,
               status_of(state, number), type, after});
  }
  // The rows of one table in the order of the numbers, shown wave by wave.
  const std::vector<std::string> lines = table.lines("  ");
  std::map<int, std::string> line_of;
  std::size_t row = 0;
  for (const auto& [number, plan] : plans)
    line_of[number] = lines[row++];
  std::string text;
  for (const auto& [wave, members] : by_wave(plans)) {
    text += "wave " + std::to_string(wave) + "\n";
    for (const plan::Plan* plan : members)
      text += line_of[plan->number] + "\n";
  }
  return text;
}

Json list_json(const std::string& phase, const PlansByNumber& plans, const engine::RunState& state,
               int exit) {
  Json json = document("plan list", phase, exit);
  json["plans"] = Json::array();
  for (const auto& [wave, members] : by_wave(plans)) {
    for (const plan::Plan* plan : members) {
      Json entry;
      entry["address"] = plan_address_text(phase, plan->number);
      entry["plan"] = plan->number;
      entry["title"] = plan->title;
      entry["wave"] = wave;
      entry["type"] = type_name(plan->type);
      entry["autonomous"] = plan->autonomous;
      entry["depends_on"] = plan->depends_on;
      entry["requirements"] = plan->requirements;
      entry["status"] = status_of(state, plan->number);
      entry["tasks_total"] = count_tasks(state, plan->number);
      entry["tasks_completed"] = count_completed_tasks(state, plan->number);
      entry["path"] = plan->path;
      json["plans"].push_back(std::move(entry));
    }
  }
  return json;
}

std::string show_text(const std::string& phase, const plan::Plan& plan,
                      const plan::FileLookup& lookup) {
  std::string text = plan_address_text(phase, plan.number) + "  " + one_line(plan.title) + "\n";
  text += "    file:     " + plan.path + "\n";
  text += "    wave:     " + std::to_string(plan.wave) + "\n";
  text += "    type:     " + std::string(type_name(plan.type)) + "\n";
  if (!plan.autonomous) text += "    waits for --approve: it is not autonomous\n";
  if (!plan.depends_on.empty()) text += "    after:    " + number_list(plan.depends_on) + "\n";
  if (!plan.requirements.empty()) text += "    covers:   " + join(plan.requirements, ", ") + "\n";
  add_list(text, "    artifact: ", plan.must_haves.artifacts);
  add_list(text, "    truth:    ", plan.must_haves.truths);
  add_list(text, "    link:     ", plan.must_haves.key_links);
  for (const plan::Task& task : plan.tasks)
    text += task_text(phase, plan.number, task, lookup);
  return text;
}

Json show_json(const std::string& phase, const plan::Plan& plan, const plan::FileLookup& lookup) {
  Json json = document("plan show", phase, 0);
  json["address"] = plan_address_text(phase, plan.number);
  json["plan"] = plan.number;
  json["title"] = plan.title;
  json["path"] = plan.path;
  json["wave"] = plan.wave;
  json["type"] = type_name(plan.type);
  json["autonomous"] = plan.autonomous;
  json["depends_on"] = plan.depends_on;
  json["requirements"] = plan.requirements;
  json["files_modified"] = plan.files_modified;
  json["must_haves"]["truths"] = plan.must_haves.truths;
  json["must_haves"]["artifacts"] = plan.must_haves.artifacts;
  json["must_haves"]["key_links"] = plan.must_haves.key_links;
  json["tasks"] = Json::array();
  for (const plan::Task& task : plan.tasks) {
    Json entry;
    entry["address"] = address_text(phase, {plan.number, task.number});
    entry["task"] = task.number;
    entry["title"] = task.title;
    entry["files"] = task.files;
    entry["action"] = task.action;
    entry["verify"] = task.verify;
    entry["verify_steps"] = Json::array();
    for (const plan::VerifyStep& step : plan::parse_verify(task.verify, task.files, lookup))
      entry["verify_steps"].push_back(step_json(step));
    entry["done"] = task.done;
    json["tasks"].push_back(std::move(entry));
  }
  return json;
}

Json graph_json(const std::string& phase, const std::vector<plan::Plan>& plans) {
  const plan::PlanGraph graph(plans);
  Json json = document("plan graph", phase, 0);
  json["waves"] = Json::array();
  for (const plan::Wave& wave : graph.waves())
    json["waves"].push_back({{"wave", wave.number}, {"plans", wave.plans}});
  json["plans"] = Json::array();
  json["edges"] = Json::array();
  for (const plan::Plan& plan : plans) {
    Json entry;
    entry["plan"] = plan.number;
    entry["title"] = plan.title;
    entry["wave"] = plan.wave;
    entry["tasks"] = plan.tasks.size();
    entry["depends_on"] = graph.dependencies(plan.number);
    entry["remaining_path"] = graph.longest_remaining_path(plan.number);
    json["plans"].push_back(std::move(entry));
    for (const int dependant : graph.dependants(plan.number))
      json["edges"].push_back({{"from", plan.number}, {"to", dependant}});
  }
  return json;
}

}  // namespace konductor::cli
