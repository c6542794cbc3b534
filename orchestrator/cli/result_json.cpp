// SPDX-License-Identifier: MIT
#include "cli/result_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/phase_report.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

Json error_json(const ResultError& error) {
  Json json;
  json["code"] = to_string(error.code);
  json["message"] = error.message;
  if (!error.hint.empty()) json["hint"] = error.hint;
  if (!error.path.empty()) json["path"] = error.path;
  if (error.line > 0) json["line"] = error.line;
  if (error.column > 0) json["column"] = error.column;
  return json;
}

int count_attempts(const engine::TaskRecord& task) {
  int count = 0;
  for (const auto& [role, attempts] : task.attempts)
    count += attempts;
  return count;
}

Json plan_json(const engine::RunState& state, int number, const engine::PlanRecord& plan) {
  Json json;
  json["plan"] = number;
  json["title"] = plan.definition.title;
  json["wave"] = plan.definition.wave;
  json["status"] = engine::status_name(plan.state);
  json["tasks"] = Json::array();
  for (const engine::TaskRecord* task : state.tasks_of(number)) {
    Json entry;
    entry["task"] = task->address.task;
    entry["title"] = state.title_of(task->address);
    entry["status"] = engine::status_name(task->state);
    entry["attempts"] = count_attempts(*task);
    entry["reason"] = reason_of(task->state);
    json["tasks"].push_back(std::move(entry));
  }
  return json;
}

Json holistic_json(const ResultDocument& document) {
  Json json;
  json["state"] = document.is_review_enabled ? "not_reached" : "off";
  json["reason"] = "";
  if (document.state == nullptr) return json;
  const engine::TaskState& state = document.state->holistic().state;
  if (std::holds_alternative<engine::state::completed>(state)) json["state"] = "pass";
  if (std::holds_alternative<engine::state::blocked>(state)) json["state"] = "fail";
  json["reason"] = reason_of(state);
  return json;
}

// `state` is that of the run; without one nothing was used.
Json total_usage_json(const engine::RunState& state) {
  const engine::Usage& usage = state.usage();
  Json json;
  json["attempts"] = state.attempts_started();
  json["input_tokens"] = usage.input_tokens;
  json["output_tokens"] = usage.output_tokens;
  json["cache_read_tokens"] = usage.cache_read_tokens;
  json["cost_usd"] = usage.cost_usd;
  return json;
}

// Plans, blockers, skipped, needs_manual, holistic, usage.
void add_phase(Json& json, const ResultDocument& document) {
  const engine::RunState nothing;
  const engine::RunState& state = document.state == nullptr ? nothing : *document.state;
  const PhaseReport report = report_phase(document.phase, state);
  json["plans"] = Json::array();
  for (const auto& [number, plan] : state.plans())
    if (number != 0) json["plans"].push_back(plan_json(state, number, plan));
  json["blockers"] = matters_json(report.blockers, "task");
  json["skipped"] = skipped_json(report.skipped);
  json["needs_manual"] = matters_json(report.needs_manual, "task");
  json["holistic"] = holistic_json(document);
  json["usage"] = total_usage_json(document.run ? state : nothing);
}

}  // namespace

ResultError result_error(const Error& error) {
  ResultError result;
  result.code = error.code;
  result.message = error.message;
  return result;
}

ResultError result_error(const plan::Diagnostic& diagnostic) {
  return ResultError{ErrorCode::invalid_input, diagnostic.message,
                     diagnostic.hint,          diagnostic.path,
                     diagnostic.position.line, diagnostic.position.column};
}

Json result_object(const ResultDocument& document) {
  Json json;
  json["schema_version"] = 1;
  json["command"] = "execute";
  json["phase"] = document.phase;
  json["run"] = nullptr;
  if (document.run) json["run"] = *document.run;
  json["exit"] = document.exit;
  json["outcome"] = document.outcome;
  json["message"] = document.message;
  json["errors"] = Json::array();
  for (const ResultError& error : document.errors)
    json["errors"].push_back(error_json(error));
  add_phase(json, document);
  json["delivery"]["state"] = document.delivery_state.empty() ? "none" : document.delivery_state;
  json["delivery"]["detail"] = document.delivery.detail;
  json["delivery"]["command"] = document.delivery.command;
  if (!document.delivery.branches.empty())
    json["delivery"]["branches"] = document.delivery.branches;
  for (const ports::BehindBranch& behind : document.delivery.behind)
    json["delivery"]["behind"].push_back(
        {{"branch", behind.branch}, {"of", behind.of}, {"command", behind.command}});
  json["seconds"] = document.seconds;
  json["expected_seconds"] = document.expected_seconds;
  return json;
}

std::string result_json(const ResultDocument& document) {
  return result_object(document).dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace konductor::cli
