// SPDX-License-Identifier: MIT
// Why attempts were started: each follows from the events before it.
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "engine/event_json.hpp"
#include "engine/explanation.hpp"

namespace konductor::engine {
namespace {

constexpr std::size_t kFindingsMax = 5;

std::string counted_findings(const std::vector<Finding>& findings) {
  return std::to_string(findings.size()) + (findings.size() == 1 ? " finding" : " findings");
}

std::string with_detail(std::string text, const std::string& detail) {
  return detail.empty() ? text : std::move(text) + ": " + detail;
}

// Of a commit: what people tell it by.
std::string short_name(const std::string& commit) {
  constexpr std::size_t kShown = 10;
  return commit.substr(0, kShown);
}

// A few words of what an event says; its name says the rest.
std::string words_of(const EventBody& body) {
  return std::visit(
      Overloaded{
          [](const event::run_started& e) { return "by konductor " + e.version + " on " + e.host; },
          [](const event::run_finished& e) {
            return e.outcome + ", exit " + std::to_string(e.exit);
          },
          [](const event::task_started& e) { return "at commit " + short_name(e.commit); },
          [](const event::attempt_started& e) {
            return e.role + " " + std::to_string(e.attempt) + " (" + e.reason + ")";
          },
          [](const event::attempt_adopted& e) {
            return e.role + " " + std::to_string(e.attempt) + " of run " + e.started_in;
          },
          [](const event::attempt_finished& e) {
            return with_detail(e.role + " " + std::to_string(e.attempt) + " " + e.cause, e.detail);
          },
          [](const event::status_reported& e) { return with_detail(e.status, e.text); },
          [](const event::concerns_assessed& e) {
            return std::to_string(e.actionable.size()) + " to act on";
          },
          [](const event::context_provided& e) { return with_detail("by " + e.source, e.text); },
          [](const event::gate_checked& e) {
            return e.passed ? "passed" : "failed, " + counted_findings(e.findings);
          },
          [](const event::review_finished& e) {
            return e.stage + " review: " + e.verdict +
                   (e.findings.empty() ? "" : ", " + counted_findings(e.findings));
          },
          [](const event::task_completed& e) {
            return e.rebuilt ? "taken over from its summary file"
                             : "at commit " + short_name(e.commit);
          },
          [](const event::task_failed& e) { return e.reason; },
          [](const event::task_blocked& e) { return e.reason; },
          [](const event::task_needs_manual& e) { return e.reason; },
          [](const event::task_reset& e) { return e.reason; },
          [](const event::task_unblocked& e) { return with_detail("by a person", e.context); },
          [](const event::task_split& e) {
            return "into " + std::to_string(e.tasks.size()) + " tasks";
          },
          [](const event::plan_skipped& e) { return e.reason; },
          [](const event::plan_needs_manual& e) { return e.reason; },
          [](const event::plan_reopened& e) { return e.reason; },
          [](const event::plan_completed& e) {
            return std::string(e.rebuilt ? "taken over from its summary file" : "");
          },
          [](const event::merge_finished& e) {
            return with_detail(e.result, join(e.conflicts, ", "));
          },
          [](const event::conflict_predicted& e) {
            return (e.other == 0 ? "with what is merged" : "with plan " + plan_text(e.other)) +
                   ": " + join(e.conflicts, ", ");
          },
          [](const event::quota_waiting& e) {
            return e.runtime + " (" + e.cause + ") until " + time_text(e.until);
          },
          [](const event::budget_reached& e) { return e.scope + ", " + e.resource; },
          [](const event::breaker_tripped& e) { return with_detail(e.kind, join(e.tasks, ", ")); },
          [](const event::holistic_finished& e) { return with_detail(e.verdict, e.reason); },
          [](const event::marker_filed& e) { return join(e.files, ", "); },
          [](const event::note_recorded& e) { return e.text; },
          [](const auto&) { return std::string(); },
      },
      body);
}

// What led to the next attempt: the newest event that did.
struct Trigger {
  const Event* event = nullptr;
  const Event* began = nullptr;  // Why the task began at all, or again.
};

bool is_about(const Event& event, const TaskAddress& address) {
  const std::optional<TaskAddress> subject = subject_of(event.body);
  if (!subject)
    return address.is_phase() && std::holds_alternative<event::holistic_finished>(event.body);
  return *subject == address;
}

bool leads_to_attempt(const EventBody& body) {
  if (const auto* finished = std::get_if<event::attempt_finished>(&body))
    return finished->cause != "done";
  if (const auto* merged = std::get_if<event::merge_finished>(&body))
    return !merged->fix_from.empty();
  return std::holds_alternative<event::task_started>(body) ||
         std::holds_alternative<event::task_reset>(body) ||
         std::holds_alternative<event::task_unblocked>(body) ||
         std::holds_alternative<event::status_reported>(body) ||
         std::holds_alternative<event::concerns_assessed>(body) ||
         std::holds_alternative<event::context_provided>(body) ||
         std::holds_alternative<event::gate_checked>(body) ||
         std::holds_alternative<event::review_finished>(body) ||
         std::holds_alternative<event::workspace_prepared>(body);
}

void add_findings(const std::vector<Finding>& findings, std::vector<Evidence>& evidence) {
  for (std::size_t i = 0; i < findings.size() && i < kFindingsMax; ++i)
    evidence.push_back({"finding", findings[i].source,
                        "[" + findings[i].severity + "] " + findings[i].text, 0, ""});
  if (findings.size() > kFindingsMax)
    evidence.push_back({"finding", "more",
                        std::to_string(findings.size() - kFindingsMax) + " more findings", 0, ""});
}

struct Told {
  std::string name;
  std::string text;
};

Told reason_for(const event::attempt_started& started, const Event* trigger) {
  const EventBody* body = trigger == nullptr ? nullptr : &trigger->body;
  const auto* failed = body == nullptr ? nullptr : std::get_if<event::attempt_finished>(body);
  if (failed != nullptr && is_excused(failed->cause)) {
    const bool is_engine = failed->cause == "interrupted" || failed->cause == "cancelled";
    return {is_engine ? "cut_off_before" : "refused_before",
            (is_engine ? "the attempt before it was cut off (" : "its provider gave no answer (") +
                failed->cause + "), and what was due stays due"};
  }
  if (failed != nullptr)
    return {"attempt_failed",
            with_detail("the attempt before it failed: " + failed->cause, failed->detail)};
  if (body != nullptr && std::holds_alternative<event::task_unblocked>(*body))
    return {"unblocked", "a person freed the task"};
  if (const auto* gates = body == nullptr ? nullptr : std::get_if<event::gate_checked>(body))
    return gates->passed ? Told{"gates_passed", "the gates passed"}
                         : Told{"gates_failed", "the gates found something to fix"};
  if (const auto* review = body == nullptr ? nullptr : std::get_if<event::review_finished>(body))
    return review->verdict == "pass"
               ? Told{"review_passed", "the " + review->stage + " review passed"}
               : Told{"review_failed", "the " + review->stage + " review found something to fix"};
  if (const auto* context = body == nullptr ? nullptr : std::get_if<event::context_provided>(body))
    return {"context_provided", "the context that was missing came from the " + context->source};
  if (const auto* status = body == nullptr ? nullptr : std::get_if<event::status_reported>(body)) {
    if (status->status == "NEEDS_CONTEXT")
      return {"context_missing", "the executor asked for context"};
    if (status->status == "BLOCKED") return {"blocker_reported", "the executor reported a blocker"};
    return {"concerns_reported", "the executor reported concerns"};
  }
  if (body != nullptr && std::holds_alternative<event::concerns_assessed>(*body))
    return {"concerns_assessed", "concerns of the executor ask for a fix"};
  if (const auto* merged = body == nullptr ? nullptr : std::get_if<event::merge_finished>(body))
    return {"merge_conflict", "the plan's merge conflicts in " + join(merged->conflicts, ", ")};
  if (started.role != to_string(RoleName::executor) && started.plan == 0)
    return {"plans_complete", "all plans of the phase are complete"};
  return {"began", "the task began"};
}

}  // namespace

Evidence evidence_of(const Event& event) {
  return {"event", std::string(event_name(event.body)), words_of(event.body), event.time,
          event.run};
}

std::vector<Cause> explain_attempts(const ExplanationFacts& facts, const TaskAddress& address) {
  std::vector<Cause> causes;
  Trigger trigger;
  for (const Event& event : facts.events) {
    if (!is_about(event, address)) continue;
    if (std::holds_alternative<event::task_reset>(event.body)) trigger.began = &event;
    if (const auto* started = std::get_if<event::attempt_started>(&event.body)) {
      const Told told = reason_for(*started, trigger.event);
      Cause cause{told.name,
                  started->role + " " + std::to_string(started->attempt) + ": " + told.text,
                  {evidence_of(event)}};
      const bool is_again = told.name == "began" && trigger.began != nullptr;
      if (is_again) {
        cause.name = "began_again";
        const auto& reset = std::get<event::task_reset>(trigger.began->body);
        cause.text += " again, because: " + reset.reason;
        cause.evidence.push_back(evidence_of(*trigger.began));
      } else if (trigger.event != nullptr) {
        cause.evidence.push_back(evidence_of(*trigger.event));
        const EventBody& body = trigger.event->body;
        if (const auto* gates = std::get_if<event::gate_checked>(&body))
          add_findings(gates->findings, cause.evidence);
        const auto* review = std::get_if<event::review_finished>(&body);
        if (review != nullptr && review->verdict != "pass")
          add_findings(review->findings, cause.evidence);
      }
      causes.push_back(std::move(cause));
    } else if (leads_to_attempt(event.body)) {
      trigger.event = &event;
    }
  }
  return causes;
}

}  // namespace konductor::engine
