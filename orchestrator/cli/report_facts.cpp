// SPDX-License-Identifier: MIT
#include "cli/report_facts.hpp"

#include "cli/phase_report.hpp"
#include "cli/phase_view.hpp"

namespace konductor::cli {
namespace {

using Outcome = ReportLine::Outcome;

bool is_done(const engine::TaskState& state) {
  return std::holds_alternative<engine::state::completed>(state);
}

bool is_given_up(const engine::TaskState& state) {
  return std::holds_alternative<engine::state::failed>(state) ||
         std::holds_alternative<engine::state::blocked>(state) ||
         std::holds_alternative<engine::state::needs_manual>(state);
}

engine::TaskInRun work_at(const ReportFacts& facts, const TaskAddress& address) {
  const auto found = facts.run.tasks.find(address);
  return found == facts.run.tasks.end() ? engine::TaskInRun() : found->second;
}

void judge(ReportLine& line, const engine::TaskState& state) {
  line.state = engine::status_name(state);
  if (is_done(state)) {
    line.outcome = Outcome::passed;
  } else if (is_given_up(state)) {
    line.outcome = Outcome::failed;
    line.reason = reason_of(state);
  }
}

// Why nothing came of a task that nobody gave up.
void excuse(const ReportFacts& facts, const engine::PlanRecord& plan, ReportLine& line) {
  if (line.outcome != Outcome::skipped) return;
  const std::string why = reason_of(plan.state);
  const bool was_skipped = std::holds_alternative<engine::plan_state::skipped>(plan.state);
  if (was_skipped) {
    line.state = "skipped";
    line.reason = "its plan " + why;
  } else if (line.took.attempts_started > 0 || line.state == "running") {
    line.state = "unfinished";
    line.reason = "the run ended before it did (" + facts.document.outcome + ")";
  } else {
    line.state = "not_reached";
    line.reason = facts.document.run ? "the run did not come to it (" + facts.document.outcome + ")"
                                     : "nothing was started (" + facts.document.outcome + ")";
  }
}

// Its tasks are all right, and still it cannot complete: an artifact is missing, or its merge
// conflicts.
void add_plan_line(const ReportFacts& facts, const PhaseReport& report, int number,
                   std::vector<ReportLine>& lines) {
  for (const OpenMatter& matter : report.needs_manual) {
    if (!matter.address.is_merge() || matter.address.plan != number) continue;
    ReportLine line;
    line.address = matter.address;
    line.plan = plan_address_text(facts.document.phase, number);
    line.name = "plan";
    line.wave = facts.state.plan(number)->definition.wave;
    line.outcome = Outcome::failed;
    line.state = "needs_manual";
    line.reason = matter.reason;
    line.took = work_at(facts, matter.address);
    lines.push_back(std::move(line));
  }
}

void add_review_line(const ReportFacts& facts, std::vector<ReportLine>& lines) {
  const engine::RunScope& scope = facts.document.scope;
  if (!facts.document.is_review_enabled || scope.plan || scope.only) return;
  ReportLine line;
  line.address = kPhaseAddress;
  line.plan = facts.document.phase;
  line.name = "holistic review";
  line.took = work_at(facts, kPhaseAddress);
  const engine::TaskState& state = facts.state.holistic().state;
  judge(line, state);
  excuse(facts, *facts.state.plan(0), line);
  lines.push_back(std::move(line));
}

}  // namespace

std::vector<ReportLine> report_lines(const ReportFacts& facts) {
  const PhaseReport report = report_phase(facts.document.phase, facts.state);
  std::vector<ReportLine> lines;
  for (const auto& [number, plan] : facts.state.plans()) {
    if (number == 0) continue;
    for (const engine::TaskRecord* task : facts.state.tasks_of(number)) {
      if (std::holds_alternative<engine::state::split>(task->state)) continue;
      ReportLine line;
      line.address = task->address;
      line.plan = plan_address_text(facts.document.phase, number);
      line.name = std::to_string(task->address.task) + " " + facts.state.title_of(task->address);
      line.wave = plan.definition.wave;
      line.took = work_at(facts, task->address);
      judge(line, task->state);
      excuse(facts, plan, line);
      lines.push_back(std::move(line));
    }
    add_plan_line(facts, report, number, lines);
  }
  add_review_line(facts, lines);
  return lines;
}

}  // namespace konductor::cli
