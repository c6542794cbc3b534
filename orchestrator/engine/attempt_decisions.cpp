// SPDX-License-Identifier: MIT
// What follows when an attempt has ended: the status table, the review rounds and the retry limits.
#include <set>

#include "base/check.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "engine/concern_marks.hpp"
#include "engine/lease.hpp"
#include "engine/run_machine.hpp"

namespace konductor::engine {
namespace {

std::string describe_attempt(const event::attempt_finished& finished) {
  std::string text = finished.role + " attempt " + std::to_string(finished.attempt) + " failed (" +
                     finished.cause + ")";
  if (!finished.detail.empty()) text += ": " + finished.detail;
  return text;
}

std::string_view without_mark(std::string_view concern) {
  for (const std::string_view mark : {kActionable, kInformational})
    if (concern.substr(0, mark.size()) == mark) return trim(concern.substr(mark.size()));
  return trim(concern);
}

// What asks for a fix: what the assessor says, and what the executor itself had marked so.
std::vector<std::string> all_actionable(const std::vector<std::string>& concerns,
                                        std::vector<std::string> actionable) {
  std::set<std::string_view> listed;
  for (const std::string& concern : actionable)
    listed.insert(without_mark(concern));
  std::vector<std::string> marked;
  for (const std::string& concern : concerns)
    if (concern.rfind(kActionable, 0) == 0 && listed.count(without_mark(concern)) == 0)
      marked.push_back(concern);
  actionable.insert(actionable.end(), marked.begin(), marked.end());
  return actionable;
}

bool is_asking_for_files(const SummaryReport& report) {
  return report.status == "NEEDS_CONTEXT" && !report.files_needed.empty();
}

// What an executor that wants something says; one that says nothing still needs a reader.
std::string said_in(const SummaryReport& report) {
  if (!report.text.empty()) return report.text;
  if (is_asking_for_files(report)) return "it asks for more files than its task declares";
  if (report.status == "BLOCKED") return "it does not say by what";
  if (report.status == "NEEDS_CONTEXT") return "it does not say which";
  return {};
}

std::string first_text(const std::vector<Finding>& findings) {
  return findings.empty() ? std::string("no finding was given") : findings.front().text;
}

}  // namespace

void RunMachine::on(const AttemptEnded& ended) {
  const event::attempt_finished& finished = ended.finished;
  const TaskAddress address{finished.plan, finished.task};
  busy_tasks_.erase(address);
  const TaskRecord* task = state_.task(address);
  KON_CHECK(task != nullptr);
  const auto* active = std::get_if<state::active>(&task->state);
  KON_CHECK(active != nullptr);
  const Action action = active->action;
  budget_.finish(address, spending_of(finished), !is_excused(finished.cause));
  emit(finished);
  for (const std::string& note : ended.notes)
    emit(event::note_recorded{address.plan, address.task, note});
  if (ended.waiting) emit(*ended.waiting);
  for (const event::conflict_predicted& predicted : ended.predicted)
    predict_conflict(predicted);
  if (ended.fatal) on(EngineFailed{*ended.fatal, address});
  if (action == Action::execute) unanswered_.erase(address);
  if (is_excused(finished.cause) || state_.wanted_skips().count(address) != 0) return;
  if (finished.cause != "done")
    decide_failed_attempt(address, action, describe_attempt(finished));
  else
    decide_report(ended, action);
}

// After the retries of a dispatch are used up, what is missing decides what becomes of the task.
void RunMachine::decide_failed_attempt(const TaskAddress& address, Action action,
                                       const std::string& why) {
  const TaskRecord& task = *state_.task(address);
  if (task.crashes <= rules_.max_crash_retries) return;
  switch (action) {
    case Action::execute:
      if (address.is_phase() || address.is_merge()) {
        leave_to_person(address, why);
      } else {
        emit(event::task_failed{address.plan, address.task, why});
        unfiled_.insert(address);
      }
      return;
    case Action::research:
      block(address, "no answer to its missing context (" + why + "): " + task.question);
      return;
    case Action::assess_blocker:
      block(address, task.question);
      return;
    case Action::assess_concerns:
      assume_concerns(task);
      return;
    case Action::review_spec:
    case Action::review_quality:
    case Action::review_holistic:
      leave_to_person(address, "no verdict from a reviewer: " + why);
      return;
    case Action::check_gates:
      break;
  }
  KON_CHECK(false);
}

// With nobody to assess them, concerns that the executor did not call informational ask for a fix.
void RunMachine::assume_concerns(const TaskRecord& task) {
  event::concerns_assessed assumed;
  assumed.plan = task.address.plan;
  assumed.task = task.address.task;
  for (const std::string& concern : task.concerns)
    (concern.rfind(kInformational, 0) == 0 ? assumed.informational : assumed.actionable)
        .push_back(concern);
  emit(std::move(assumed));
}

void RunMachine::decide_report(const AttemptEnded& ended, Action action) {
  const TaskAddress address{ended.finished.plan, ended.finished.task};
  std::visit(
      Overloaded{
          [&](const SummaryReport& report) { decide_summary(ended.finished, report); },
          [&](const ReviewReport& report) { decide_review(address, action, report); },
          [&](const ContextReport& report) { provide_context(address, "researcher", report.text); },
          [&](const AssessmentReport& report) { decide_assessment(address, report); },
          [&](const ConcernsReport& report) {
            const TaskRecord& task = *state_.task(address);
            emit(event::concerns_assessed{address.plan, address.task,
                                          all_actionable(task.concerns, report.actionable),
                                          report.informational});
          },
          [](const std::monostate&) { KON_CHECK(false); },
      },
      ended.report);
}

void RunMachine::decide_summary(const event::attempt_finished& finished,
                                const SummaryReport& report) {
  const TaskAddress address{finished.plan, finished.task};
  event::status_reported status;
  status.plan = finished.plan;
  status.task = finished.task;
  status.attempt = finished.attempt;
  status.status = report.status;
  status.text = said_in(report);
  status.concerns = report.concerns;
  if (rules_.is_lease_declared) status.files_needed = report.files_needed;
  const std::string status_text = status.text;
  emit(std::move(status));
  const TaskRecord& task = *state_.task(address);
  if (address.is_merge() && (report.status == "NEEDS_CONTEXT" || report.status == "BLOCKED")) {
    leave_to_person(address,
                    "the fix of its merge conflict says " + report.status + ": " + status_text);
    return;
  }
  if (report.status == "NEEDS_CONTEXT") {
    if (task.context_rounds > rules_.context_rounds_max)
      block(address, "still needs context after " + std::to_string(rules_.context_rounds_max) +
                         " answers: " + status_text);
    else if (!task.files_needed.empty() && report.text.empty())
      provide_context(address, "lease", {});
  } else if (report.status == "BLOCKED") {
    if (task.is_blocker_assessed) block(address, status_text);
  }
  if (const auto* due = std::get_if<state::due>(&task.state); due != nullptr)
    decide_without_role(task, due->action);
}

// An answer to what the executor asked, and to what it wants to write.
void RunMachine::provide_context(const TaskAddress& address, const std::string& source,
                                 std::string text) {
  LeaseAnswer answer = answer_lease(state_, address);
  if (!text.empty() && !answer.text.empty()) text += "\n\n";
  text += answer.text;
  emit(event::context_provided{address.plan, address.task, source, std::move(text),
                               std::move(answer.granted)});
}

// What follows when nobody is there to be asked, in this run or since an earlier one. False when
// there is.
bool RunMachine::decide_without_role(const TaskRecord& task, Action action) {
  if (is_person_to_ask(task, action)) return false;
  const std::string question = task.question;
  if (action == Action::research && !rules_.is_researcher_enabled) {
    block(task.address, "needs context, and no researcher is enabled: " + question);
  } else if (action == Action::assess_blocker && !rules_.is_assessor_enabled) {
    block(task.address, question);
  } else if (action == Action::assess_concerns && !rules_.is_assessor_enabled) {
    assume_concerns(task);
  } else {
    return false;
  }
  return true;
}

// Somebody who can answer is there, and has not left this question open.
bool RunMachine::is_person_to_ask(const TaskRecord& task, Action action) const {
  return rules_.asks_person && (action == Action::research || action == Action::assess_blocker) &&
         unanswered_.count(task.address) == 0;
}

bool RunMachine::ask_person(const TaskRecord& task, Action action) {
  if (!is_person_to_ask(task, action)) return false;
  busy_tasks_.insert(task.address);
  request(command::ask_person{task.address, action, task.question});
  return true;
}

// Without an answer the question goes where it goes when nobody is there.
void RunMachine::on(const PersonAnswered& answer) {
  busy_tasks_.erase(answer.address);
  const TaskRecord* task = state_.task(answer.address);
  KON_CHECK(task != nullptr && std::holds_alternative<state::due>(task->state));
  if (answer.text && !trim(*answer.text).empty())
    provide_context(answer.address, "person", *answer.text);
  else
    unanswered_.insert(answer.address);
}

void RunMachine::decide_assessment(const TaskAddress& address, const AssessmentReport& report) {
  const TaskRecord& task = *state_.task(address);
  const bool may_split = !address.is_phase() && !task.sub_task;
  if (report.decision == AssessmentReport::Decision::context) {
    provide_context(address, "assessor", report.context);
  } else if (report.decision == AssessmentReport::Decision::split && may_split &&
             !report.tasks.empty()) {
    split_task(address, report.tasks);
  } else {
    block(address, task.question);
  }
}

void RunMachine::split_task(const TaskAddress& address, std::vector<SubTask> tasks) {
  int number = state_.next_free_task(address.plan);
  for (SubTask& sub_task : tasks)
    sub_task.task = number++;
  emit(event::task_split{address.plan, address.task, std::move(tasks)});
  unfiled_.insert(address);
}

void RunMachine::decide_review(const TaskAddress& address, Action action,
                               const ReviewReport& report) {
  const std::string stage = action == Action::review_spec      ? "spec"
                            : action == Action::review_quality ? "quality"
                                                               : "holistic";
  emit(event::review_finished{address.plan, address.task, stage, report.is_pass ? "pass" : "fail",
                              report.findings});
  if (!report.is_pass) {
    check_round_limit(address, stage, report.findings);
  } else if (stage == "holistic") {
    emit(event::holistic_finished{"pass", ""});
    unfiled_.insert(address);
  } else if (stage == "quality" || !rules_.is_quality_review_enabled) {
    complete_task(address);
  }
}

void RunMachine::check_round_limit(const TaskAddress& address, const std::string& stage,
                                   const std::vector<Finding>& findings) {
  const TaskRecord& task = *state_.task(address);
  const int rounds = stage == "holistic"  ? task.holistic_rounds
                     : stage == "quality" ? task.quality_rounds
                     : stage == "gates"   ? task.gate_rounds
                                          : task.spec_rounds;
  const int limit = stage == "holistic" ? rules_.holistic_rounds_max : rules_.review_rounds_max;
  if (address.is_merge()) {
    leave_to_person(address, "the fix of its merge conflict was not accepted (" + stage +
                                 "): " + first_text(findings));
    return;
  }
  if (rounds <= limit) return;
  leave_to_person(address, "still not accepted after " + std::to_string(limit) + " fix rounds (" +
                               stage + "): " + first_text(findings));
}

std::string RunMachine::gate_stage(const TaskRecord& task) const {
  if (task.address.is_phase()) return "holistic";
  if (task.stage == ReviewStage::spec && !is_switched_off_review(Action::review_spec))
    return "spec";
  return is_switched_off_review(Action::review_quality) ? "gates" : "quality";
}

void RunMachine::block(const TaskAddress& address, const std::string& reason) {
  if (address.is_phase())
    emit(event::holistic_finished{"fail", reason});
  else
    emit(event::task_blocked{address.plan, address.task, reason});
  unfiled_.insert(address);
}

void RunMachine::leave_to_person(const TaskAddress& address, const std::string& reason) {
  if (address.is_merge()) {
    emit(event::plan_needs_manual{address.plan, reason + how_to_merge(address.plan)});
    busy_plans_.insert(address.plan);
    request(command::drop_merge_fix{address.plan});
    return;
  }
  if (address.is_phase())
    emit(event::holistic_finished{"fail", reason});
  else
    emit(event::task_needs_manual{address.plan, address.task, reason});
  unfiled_.insert(address);
}

void RunMachine::complete_task(const TaskAddress& address) {
  const TaskRecord& task = *state_.task(address);
  if (address.is_merge()) {
    emit(event::merge_fixed{address.plan, task.head_commit});
    return;
  }
  emit(event::task_completed{address.plan, address.task, task.head_commit,
                             state_.fingerprint_of(address), false});
  unfiled_.insert(address);
}

// The commands that finish a merge by hand.
std::string RunMachine::how_to_merge(int plan) const {
  const std::string& directory = state_.plan(plan)->directory;
  const std::string phase = state_.last_run() == nullptr ? "" : state_.last_run()->phase;
  return "; merge it by hand: `cd '" + directory + "' && git merge konductor/" + phase +
         "/main`, resolve what conflicts, `git commit`, then `konductor execute " + phase + "`";
}

// Told once for each path: trial merges are made after every commit.
void RunMachine::predict_conflict(const event::conflict_predicted& predicted) {
  const auto& known = state_.plan(predicted.plan)->predicted;
  const auto found = known.find(predicted.other);
  if (found == known.end() || found->second != predicted.conflicts) emit(predicted);
}

}  // namespace konductor::engine
