// SPDX-License-Identifier: MIT
#include "engine/task_machine.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "engine/concern_marks.hpp"

namespace konductor::engine {
namespace {

template <class T>
const T* state_as(const TaskRecord& task) {
  return std::get_if<T>(&task.state);
}

bool is_ended(const TaskRecord& task, Action action) {
  const auto* ended = state_as<state::ended>(task);
  return ended != nullptr && ended->action == action;
}

// A new dispatch: the crash counter starts again.
void make_due(TaskRecord& task, Action action) {
  task.state = state::due{action};
  task.crashes = 0;
  task.is_retry = false;
  task.kept.clear();
  task.failure.clear();
}

void make_fix_due(TaskRecord& task, std::string reason) {
  make_due(task, Action::execute);
  task.reason = std::move(reason);
}

void clear_limits(TaskRecord& task) {
  task.crashes = 0;
  task.context_rounds = 0;
  task.spec_rounds = 0;
  task.quality_rounds = 0;
  task.gate_rounds = 0;
  task.holistic_rounds = 0;
  task.is_blocker_assessed = false;
  task.is_concerns_fix_used = false;
}

Result<Transition> invalid(const TaskRecord& task, std::string_view event) {
  return Error{ErrorCode::internal,
               "event " + quote(event) + " does not fit task " + std::to_string(task.address.plan) +
                   "/" + std::to_string(task.address.task) + " in state " + describe(task.state)};
}

Action review_of(ReviewStage stage) {
  switch (stage) {
    case ReviewStage::spec:
      return Action::review_spec;
    case ReviewStage::quality:
      return Action::review_quality;
    case ReviewStage::holistic:
      break;
  }
  return Action::review_holistic;
}

std::optional<ReviewStage> parse_stage(std::string_view text) {
  if (text == "spec") return ReviewStage::spec;
  if (text == "quality") return ReviewStage::quality;
  if (text == "holistic") return ReviewStage::holistic;
  return std::nullopt;
}

// The phase's own record has the holistic stage and no other; no task has it.
bool is_stage_of(const TaskRecord& task, std::string_view stage) {
  if (stage != "gates" && !parse_stage(stage)) return false;
  return (stage == "holistic") == task.address.is_phase();
}

// Counts a failed gate or review against its stage and makes the fix attempt due.
void count_round(TaskRecord& task, std::string_view stage) {
  if (stage == "holistic") {
    ++task.holistic_rounds;
    make_fix_due(task, "holistic_fix");
  } else if (stage == "quality") {
    ++task.quality_rounds;
    make_fix_due(task, "quality_fix");
  } else {
    ++(stage == "gates" ? task.gate_rounds : task.spec_rounds);
    make_fix_due(task, "spec_fix");
  }
}

void forget_session(TaskRecord& task) {
  task.session.clear();
  task.session_usage = {};
  task.is_cut_off = false;
  task.session_kept.clear();
}

Result<Transition> on_run_started(TaskRecord& task) {
  if (is_settled(task.state)) return Transition::ignored;
  clear_limits(task);
  task.is_retry = false;
  // An attempt in flight stays so until recovery has said what became of it.
  const auto* ended = state_as<state::ended>(task);
  if (ended == nullptr) return Transition::recorded;
  task.state = state::due{ended->action};
  return Transition::changed;
}

Result<Transition> on_task_started(TaskRecord& task, const event::task_started& e) {
  if (state_as<state::waiting>(task) == nullptr) return invalid(task, e.kName);
  const bool is_answered = !task.contexts.empty();
  forget_session(task);  // What it did may be gone from the tree.
  make_fix_due(task, is_answered ? "context" : "execute");
  task.start_commit = e.commit;
  task.head_commit = e.commit;
  task.gated_commit = e.commit;
  return Transition::changed;
}

Result<Transition> on_workspace_prepared(TaskRecord& task, const event::workspace_prepared& e) {
  if (!task.address.is_phase() || state_as<state::waiting>(task) == nullptr)
    return Transition::ignored;
  make_due(task, Action::review_holistic);
  task.stage = ReviewStage::holistic;
  task.start_commit = e.base;
  task.head_commit = e.head;
  task.gated_commit = e.head;
  return Transition::changed;
}

// The fix of a conflict is a task of its own, begun from the commit that holds both sides.
Result<Transition> on_merge_finished(TaskRecord& task, const event::merge_finished& e) {
  if (!task.address.is_merge() || e.fix_from.empty()) return Transition::ignored;
  if (state_as<state::waiting>(task) == nullptr) return invalid(task, e.kName);
  make_fix_due(task, "merge_fix");
  task.start_commit = e.fix_from;
  task.head_commit = e.fix_from;
  return Transition::changed;
}

Result<Transition> on_merge_fixed(TaskRecord& task, const event::merge_fixed& e) {
  if (!task.address.is_merge()) return Transition::ignored;
  if (is_settled(task.state)) return invalid(task, e.kName);
  task.state = state::completed{};
  task.head_commit = e.commit;
  return Transition::changed;
}

Result<Transition> on_plan_needs_manual(TaskRecord& task, const event::plan_needs_manual& e) {
  if (!task.address.is_merge() || is_settled(task.state)) return Transition::ignored;
  task.state = state::needs_manual{e.reason};
  return Transition::changed;
}

Result<Transition> on_attempt_started(TaskRecord& task, const event::attempt_started& e) {
  const auto* due = state_as<state::due>(task);
  if (due == nullptr || !is_attempt(due->action)) return invalid(task, e.kName);
  const RoleName role = role_of(due->action);
  if (to_string(role) != e.role) return invalid(task, e.kName);
  task.attempts[role] = e.attempt;
  if (role == RoleName::executor) task.newest_text = e.fingerprint;
  task.state = state::active{due->action, e.attempt};
  return Transition::changed;
}

Result<Transition> on_attempt_adopted(TaskRecord& task, const event::attempt_adopted& e) {
  const auto* active = state_as<state::active>(task);
  const bool is_same = active != nullptr && active->attempt == e.attempt &&
                       to_string(role_of(active->action)) == e.role;
  if (!is_same) return invalid(task, e.kName);
  return Transition::recorded;
}

// A session that failed, or whose agent names none, is not gone on with.
void note_session(TaskRecord& task, const event::attempt_finished& e) {
  const bool is_excused_end = is_excused(e.cause);
  if (is_excused_end && e.session.empty() && e.cause != "session_lost") {
    // Its agent had not begun: the session is what it was. What another runtime did is not in it.
    const bool is_of_another = !e.runtime.empty() && e.runtime != task.session_runtime;
    if (is_of_another && !e.kept.empty())
      forget_session(task);
    else if (task.is_cut_off && !e.kept.empty())
      task.session_kept = e.kept;
    return;
  }
  if (e.session.empty() || e.session != task.session) forget_session(task);
  task.session_runtime = e.runtime;
  task.is_cut_off = is_excused_end;
  task.session_kept = e.kept;
  const bool goes_on = (e.cause == "done" || is_excused_end) && e.cause != "session_lost";
  if (!goes_on || e.session.empty()) {
    forget_session(task);
  } else {
    task.session = e.session;
    task.session_text = task.newest_text;
  }
  add(task.session_usage, e.usage);
}

Result<Transition> on_attempt_finished(TaskRecord& task, const event::attempt_finished& e) {
  const auto* active = state_as<state::active>(task);
  // A late report of an attempt that a crash already closed.
  if (active == nullptr || active->attempt != e.attempt ||
      to_string(role_of(active->action)) != e.role)
    return Transition::ignored;
  const Action action = active->action;
  if (!e.kept.empty()) task.kept = e.kept;
  if (action == Action::execute) note_session(task, e);
  if (is_excused(e.cause)) {
    task.state = state::due{action};
    return Transition::changed;
  }
  const RoleName role = role_of(action);
  ++task.takes[role];
  if (e.cause != "done") {
    ++task.crashes;
    task.is_retry = true;
    task.failure = e.cause + (e.detail.empty() ? "" : ": " + e.detail);
    task.state = state::due{action};
    return Transition::changed;
  }
  task.accepted[role] = e.attempt;
  if (action == Action::execute) {
    if (!e.commit.empty()) task.head_commit = e.commit;
    task.author_runtime = e.runtime;
    task.author_model = e.model;
    task.violations.insert(task.violations.end(), e.violations.begin(), e.violations.end());
    task.is_filed = false;
  }
  task.state = state::ended{action};
  return Transition::changed;
}

Result<Transition> on_status_reported(TaskRecord& task, const event::status_reported& e) {
  const bool is_known = e.status == "DONE" || e.status == "DONE_WITH_CONCERNS" ||
                        e.status == "NEEDS_CONTEXT" || e.status == "BLOCKED";
  if (!is_known || !is_ended(task, Action::execute)) return invalid(task, e.kName);
  task.question = e.text;
  task.files_needed = e.files_needed;
  if (e.status == "NEEDS_CONTEXT") {
    ++task.context_rounds;
    make_due(task, Action::research);
    return Transition::changed;
  }
  if (e.status == "BLOCKED") {
    make_due(task, Action::assess_blocker);
    return Transition::changed;
  }
  make_due(task, Action::check_gates);
  // A new run clears the counters, but not why this attempt was made.
  const bool is_fix_used =
      task.is_concerns_fix_used || task.reason == "concerns" || task.address.is_merge();
  if (e.status != "DONE_WITH_CONCERNS" || is_fix_used) return Transition::changed;
  bool is_any_unmarked = false;
  std::vector<std::string> actionable;
  for (const std::string& concern : e.concerns) {
    if (concern.rfind(kActionable, 0) == 0)
      actionable.push_back(concern);
    else if (concern.rfind(kInformational, 0) != 0)
      is_any_unmarked = true;
  }
  task.concerns = e.concerns;
  if (is_any_unmarked) {
    make_due(task, Action::assess_concerns);
  } else if (!actionable.empty()) {
    task.concerns = actionable;
    task.is_concerns_fix_used = true;
    make_fix_due(task, "concerns");
  }
  return Transition::changed;
}

Result<Transition> on_concerns_assessed(TaskRecord& task, const event::concerns_assessed& e) {
  const auto* due = state_as<state::due>(task);
  const bool is_given_up = due != nullptr && due->action == Action::assess_concerns;
  if (!is_given_up && !is_ended(task, Action::assess_concerns)) return invalid(task, e.kName);
  if (e.actionable.empty()) {
    make_due(task, Action::check_gates);
    return Transition::changed;
  }
  task.concerns = e.actionable;
  task.is_concerns_fix_used = true;
  make_fix_due(task, "concerns");
  return Transition::changed;
}

Result<Transition> on_context_provided(TaskRecord& task, const event::context_provided& e) {
  const auto* due = state_as<state::due>(task);
  const bool is_from_person =
      due != nullptr && (due->action == Action::research || due->action == Action::assess_blocker);
  if (!is_from_person && !is_ended(task, Action::research) &&
      !is_ended(task, Action::assess_blocker))
    return invalid(task, e.kName);
  if (is_ended(task, Action::assess_blocker)) task.is_blocker_assessed = true;
  task.contexts.push_back(e.text);
  task.leased.insert(task.leased.end(), e.files.begin(), e.files.end());
  task.files_needed.clear();
  make_fix_due(task, "context");
  return Transition::changed;
}

Result<Transition> on_task_split(TaskRecord& task, const event::task_split& e) {
  if (!is_ended(task, Action::assess_blocker)) return invalid(task, e.kName);
  state::split split;
  for (const SubTask& sub_task : e.tasks)
    split.tasks.push_back(sub_task.task);
  task.state = std::move(split);
  return Transition::changed;
}

Result<Transition> on_gate_checked(TaskRecord& task, const event::gate_checked& e) {
  const auto* due = state_as<state::due>(task);
  // They are checked again in the place of a review that was switched off between two runs.
  const bool is_due =
      due != nullptr && (due->action == Action::check_gates || due->action == Action::review_spec ||
                         due->action == Action::review_quality);
  if (!is_due || !is_stage_of(task, e.stage)) return invalid(task, e.kName);
  task.undeclared = e.undeclared;
  task.untouched = e.untouched;
  task.violations.clear();
  if (e.passed) task.gated_commit = task.head_commit;
  if (!e.passed) {
    task.findings = e.findings;
    count_round(task, e.stage);
    return Transition::changed;
  }
  if (e.stage == "gates") {
    task.state = state::ended{Action::check_gates};
    return Transition::changed;
  }
  task.stage = *parse_stage(e.stage);
  make_due(task, review_of(task.stage));
  return Transition::changed;
}

Result<Transition> on_review_finished(TaskRecord& task, const event::review_finished& e) {
  const auto* ended = state_as<state::ended>(task);
  const std::optional<ReviewStage> stage = parse_stage(e.stage);
  if (ended == nullptr || !stage || ended->action != review_of(*stage))
    return invalid(task, e.kName);
  if (e.verdict != "pass") {
    task.findings = e.findings;
    count_round(task, e.stage);
    return Transition::changed;
  }
  if (ended->action == Action::review_spec) {
    task.stage = ReviewStage::quality;
    make_due(task, Action::review_quality);
    return Transition::changed;
  }
  return Transition::recorded;
}

Result<Transition> on_task_completed(TaskRecord& task, const event::task_completed& e) {
  if (is_settled(task.state) && !e.rebuilt) return invalid(task, e.kName);
  task.state = state::completed{};
  task.fingerprint = e.fingerprint;
  if (!e.commit.empty()) task.head_commit = e.commit;
  task.is_filed = false;
  return Transition::changed;
}

template <class NewState>
Result<Transition> give_up(TaskRecord& task, std::string_view event, const std::string& reason) {
  if (is_settled(task.state)) return invalid(task, event);
  task.state = NewState{reason};
  task.is_filed = false;
  return Transition::changed;
}

Result<Transition> on_task_unblocked(TaskRecord& task, const event::task_unblocked& e) {
  if (state_as<state::blocked>(task) == nullptr) return invalid(task, e.kName);
  clear_limits(task);
  if (!e.context.empty()) task.contexts.push_back(e.context);
  // The phase's own record has no task to start: its review simply comes up again.
  task.is_filed = false;
  // What is on disk tells of the block; nobody has removed what is still to be written.
  task.was_filed = false;
  if (task.start_commit.empty() || task.address.is_phase()) {
    task.state = state::waiting{};
  } else {
    make_fix_due(task, "context");
  }
  return Transition::changed;
}

Result<Transition> on_task_reset(TaskRecord& task, const event::task_reset& e) {
  TaskRecord fresh;
  // Nothing of what was rolled back is in the tree.
  fresh.was_completed =
      e.reason != kRolledBack &&
      (task.was_completed || std::holds_alternative<state::completed>(task.state));
  fresh.address = task.address;
  fresh.attempts = task.attempts;
  fresh.takes = task.takes;
  fresh.start_commit = task.start_commit;
  fresh.sub_task = task.sub_task;
  fresh.notes = task.notes;
  task = std::move(fresh);
  return Transition::changed;
}

Result<Transition> on_task_skipped(TaskRecord& task, const event::task_skipped& e) {
  const bool is_done = state_as<state::completed>(task) != nullptr ||
                       state_as<state::split>(task) != nullptr ||
                       state_as<state::skipped>(task) != nullptr;
  // An attempt at it ends first.
  if (is_done || state_as<state::active>(task) != nullptr || task.address.task == 0)
    return invalid(task, e.kName);
  task.state = state::skipped{e.reason};
  return Transition::changed;
}

Result<Transition> on_note_given(TaskRecord& task, const event::note_given& e) {
  task.notes.push_back(e.text);
  return Transition::recorded;
}

Result<Transition> on_marker_filed(TaskRecord& task, const event::marker_filed& e) {
  task.is_filed = true;
  task.was_filed = true;
  task.filed_files = e.files;
  return Transition::recorded;
}

Result<Transition> on_holistic_finished(TaskRecord& task, const event::holistic_finished& e) {
  if (!task.address.is_phase()) return Transition::ignored;
  // Passed, and then its fixes could not be merged.
  const bool is_taken_back = state_as<state::completed>(task) != nullptr && e.verdict != "pass";
  if (is_settled(task.state) && !is_taken_back) return invalid(task, e.kName);
  if (e.verdict == "pass")
    task.state = state::completed{};
  else
    task.state = state::blocked{e.reason};
  task.is_filed = false;
  return Transition::changed;
}

}  // namespace

Result<Transition> advance(TaskRecord& task, const EventBody& body) {
  using R = Result<Transition>;
  return std::visit(
      Overloaded{
          [&](const event::run_started&) -> R { return on_run_started(task); },
          [&](const event::workspace_prepared& e) -> R { return on_workspace_prepared(task, e); },
          [&](const event::task_started& e) -> R { return on_task_started(task, e); },
          [&](const event::attempt_started& e) -> R { return on_attempt_started(task, e); },
          [&](const event::attempt_adopted& e) -> R { return on_attempt_adopted(task, e); },
          [&](const event::attempt_finished& e) -> R { return on_attempt_finished(task, e); },
          [&](const event::status_reported& e) -> R { return on_status_reported(task, e); },
          [&](const event::concerns_assessed& e) -> R { return on_concerns_assessed(task, e); },
          [&](const event::context_provided& e) -> R { return on_context_provided(task, e); },
          [&](const event::task_split& e) -> R { return on_task_split(task, e); },
          [&](const event::gate_checked& e) -> R { return on_gate_checked(task, e); },
          [&](const event::review_finished& e) -> R { return on_review_finished(task, e); },
          [&](const event::task_completed& e) -> R { return on_task_completed(task, e); },
          [&](const event::task_failed& e) -> R {
            return give_up<state::failed>(task, e.kName, e.reason);
          },
          [&](const event::task_blocked& e) -> R {
            return give_up<state::blocked>(task, e.kName, e.reason);
          },
          [&](const event::task_needs_manual& e) -> R {
            return give_up<state::needs_manual>(task, e.kName, e.reason);
          },
          [&](const event::task_unblocked& e) -> R { return on_task_unblocked(task, e); },
          [&](const event::task_reset& e) -> R { return on_task_reset(task, e); },
          [&](const event::task_skipped& e) -> R { return on_task_skipped(task, e); },
          [&](const event::note_given& e) -> R { return on_note_given(task, e); },
          [&](const event::marker_filed& e) -> R { return on_marker_filed(task, e); },
          [&](const event::holistic_finished& e) -> R { return on_holistic_finished(task, e); },
          [&](const event::merge_finished& e) -> R { return on_merge_finished(task, e); },
          [&](const event::merge_fixed& e) -> R { return on_merge_fixed(task, e); },
          [&](const event::plan_needs_manual& e) -> R { return on_plan_needs_manual(task, e); },
          // About plans, waves and the run, not about a task.
          [&](const event::wave_started&) -> R { return Transition::ignored; },
          [&](const event::wave_finished&) -> R { return Transition::ignored; },
          [&](const event::plan_started&) -> R { return Transition::ignored; },
          [&](const event::plan_completed&) -> R { return Transition::ignored; },
          [&](const event::plan_reopened&) -> R { return Transition::ignored; },
          [&](const event::plan_skipped&) -> R { return Transition::ignored; },
          [&](const event::breaker_tripped&) -> R { return Transition::ignored; },
          [&](const event::quota_waiting&) -> R { return Transition::ignored; },
          [&](const event::budget_reached&) -> R { return Transition::ignored; },
          [&](const event::note_recorded&) -> R { return Transition::ignored; },
          [&](const event::conflict_predicted&) -> R { return Transition::ignored; },
          // What people want; what comes of it is told by other events.
          [&](const event::request_taken&) -> R { return Transition::ignored; },
          [&](const event::run_paused&) -> R { return Transition::ignored; },
          [&](const event::run_resumed&) -> R { return Transition::ignored; },
          [&](const event::skip_requested&) -> R { return Transition::ignored; },
          [&](const event::retry_requested&) -> R { return Transition::ignored; },
          [&](const event::run_finished&) -> R { return Transition::ignored; },
      },
      body);
}

}  // namespace konductor::engine
