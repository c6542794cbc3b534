// SPDX-License-Identifier: MIT
#include "driver/attempt_prompt.hpp"

#include "agent/agent_stream.hpp"
#include "agent/prompt_template.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"
#include "driver/attempt_lease.hpp"
#include "driver/test_first.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {
namespace {

using engine::Action;

// More than any prompt takes up; prompts bound it further.
constexpr std::size_t kPatchBytes = 1U << 20U;

std::string task_title(const TaskAddress& address, const std::string& title) {
  return "Plan " + plan_text(address.plan) + ", task " + std::to_string(address.task) +
         (title.empty() ? "" : ": " + title);
}

bool is_fix(const std::string& reason) {
  return reason == "spec_fix" || reason == "quality_fix" || reason == "holistic_fix" ||
         reason == "merge_fix";
}

}  // namespace

Task<Result<std::vector<agent::PromptPart>>> AttemptPrompt::build(
    engine::command::start_attempt command, AttemptPaths paths, RoleRuntime runtime,
    std::string left_over) {
  const RunFacts& facts = shared_.facts;
  const ResolvedRole& role = facts.roles.at(command.role);
  const engine::TaskRecord task = *shared_.state().task(command.address);
  const bool is_about_concerns = command.action == Action::assess_concerns;
  const std::string name = agent::template_name(role.role, command.reason, is_about_concerns);
  agent::PromptInputs inputs;
  inputs.instructions = role.instructions.at(name);
  inputs.project_context = facts.project_context;
  if (const plan::Plan* plan = shared_.plan(command.address.plan); plan != nullptr)
    inputs.plan_text = plan->text;
  inputs.task_text = task_text(shared_, command.address).markdown;
  inputs.reason = command.reason;
  inputs.output_path = paths.output.string();
  inputs.is_last_message_read = agent::make_agent_stream(runtime.settings) != nullptr;
  inputs.is_typed =
      agent::typed_document(runtime.settings, command.action) != agent::TypedDocument::none;
  inputs.is_resumed = resumes_session(runtime, command);
  inputs.is_cut_off = inputs.is_resumed && command.is_cut_off;
  add_dispatch(command, task, inputs);
  add_verify_commands(command.address, inputs);
  Result<void> done = co_await add_summaries(command, inputs);
  KON_CO_TRY_VOID(done);
  if (command.is_cut_off) {
    inputs.previous_failure.clear();
    if (!inputs.is_resumed)
      inputs.previous_failure =
          "The attempt before this one was cut off in the middle of its work; the files are as it "
          "left them.";
    if (!command.session_kept.empty() && !left_over.empty())
      inputs.notes.push_back("What somebody else had changed in the files meanwhile is kept as " +
                             left_over + ", and not in them.");
  } else if (command.action == Action::execute) {
    done = co_await add_kept_work(task, std::move(left_over), inputs);
    KON_CO_TRY_VOID(done);
  }
  if (command.address.is_merge()) {
    done = co_await add_conflict(command.address.plan, inputs);
    KON_CO_TRY_VOID(done);
  }
  if (engine::is_review(command.action) || command.action == Action::assess_concerns) {
    done = co_await add_review_material(task, command.action, inputs);
    KON_CO_TRY_VOID(done);
  }
  std::vector<agent::PromptPart> parts = agent::prompt_parts(inputs);
  for (agent::PromptPart& part : parts)
    part.text = to_valid_utf8(part.text);
  co_return parts;
}

void AttemptPrompt::add_dispatch(const engine::command::start_attempt& command,
                                 const engine::TaskRecord& task,
                                 agent::PromptInputs& inputs) const {
  inputs.context_answers = task.contexts;
  inputs.notes = task.notes;
  add_skipped(command.address, inputs);
  switch (command.action) {
    case Action::execute:
      if (const auto files = leased_files(shared_, command.address, command.role)) {
        inputs.is_leased = true;
        inputs.is_lease_enforced = is_lease_enforced(shared_);
        inputs.leased_files = *files;
      }
      inputs.is_test_first = owes_test(shared_, command.address);
      if (task.is_retry)
        inputs.previous_failure = "The attempt before this one failed (" + task.failure +
                                  "); its changes were taken away again.";
      if (is_fix(task.reason)) inputs.findings = task.findings;
      if (task.reason == "concerns")
        for (const std::string& concern : task.concerns)
          inputs.concerns.push_back(agent::parse_concern(concern));
      if (!task.contexts.empty()) inputs.missing_context = task.question;
      break;
    case Action::research:
      inputs.missing_context = task.question;
      break;
    case Action::assess_blocker:
      inputs.blocker = task.question;
      break;
    case Action::assess_concerns:
      for (const std::string& concern : task.concerns)
        inputs.concerns.push_back(agent::parse_concern(concern));
      break;
    case Action::review_spec:
    case Action::review_quality:
    case Action::review_holistic:
      inputs.findings = task.findings;
      inputs.undeclared_files = task.undeclared;
      inputs.untouched_files = task.untouched;
      break;
    case Action::check_gates:
      break;
  }
}

// What a person left out is not there, however much the plan speaks of it.
void AttemptPrompt::add_skipped(const TaskAddress& address, agent::PromptInputs& inputs) const {
  for (const TaskAddress& earlier : earlier_tasks(address)) {
    const engine::TaskRecord* task = shared_.state().task(earlier);
    const auto* skipped =
        task == nullptr ? nullptr : std::get_if<engine::state::skipped>(&task->state);
    if (skipped == nullptr) continue;
    const std::string title = shared_.state().title_of(earlier);
    inputs.notes.push_back(task_title(earlier, title) + " was skipped: " + skipped->reason);
  }
}

void AttemptPrompt::add_verify_commands(const TaskAddress& address,
                                        agent::PromptInputs& inputs) const {
  const TaskText text = task_text(shared_, address);
  for (const plan::VerifyStep& step : plan::parse_verify(text.verify, text.files))
    if (step.kind != plan::VerifyStep::Kind::file_exists)
      inputs.verify_commands.push_back(step.text);
}

std::vector<TaskAddress> AttemptPrompt::earlier_tasks(const TaskAddress& address) const {
  std::vector<TaskAddress> tasks;
  auto add_plan = [&](int number) {
    const engine::PlanRecord* record = shared_.state().plan(number);
    if (record == nullptr) return;
    for (const int task : record->order) {
      if (number == address.plan && task == address.task) break;
      tasks.push_back({number, task});
    }
  };
  if (address.is_phase()) {
    for (const auto& [number, record] : shared_.state().plans())
      if (number != 0) add_plan(number);
    return tasks;
  }
  add_plan(address.plan);
  if (address.is_merge())
    for (const int other : plans_in_conflict(shared_, address.plan))
      add_plan(other);
  if (const engine::PlanRecord* record = shared_.state().plan(address.plan); record != nullptr)
    for (const int dependency : record->definition.depends_on)
      add_plan(dependency);
  return tasks;
}

Task<Result<void>> AttemptPrompt::add_summaries(const engine::command::start_attempt& command,
                                                agent::PromptInputs& inputs) {
  const std::vector<TaskAddress> tasks = earlier_tasks(command.address);
  for (const TaskAddress& address : tasks) {
    const std::string title = shared_.state().title_of(address);
    Result<std::string> text = co_await shared_.accepted_document(address, RoleName::executor);
    if (text.has_error()) co_return text.error();
    if (!text.value().empty())
      inputs.summaries.push_back({task_title(address, title), std::move(text).value()});
  }
  co_return Result<void>();
}

Task<Result<void>> AttemptPrompt::add_review_material(engine::TaskRecord task, Action action,
                                                      agent::PromptInputs& inputs) {
  Result<std::string> summary =
      co_await shared_.accepted_document(task.address, RoleName::executor);
  if (summary.has_error()) co_return summary.error();
  inputs.executor_summary = std::move(summary).value();
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  // The holistic review sees the whole phase, not only what its fixes changed.
  const bool is_whole_phase = action == Action::review_holistic;
  auto job = [&workspaces, &task, &inputs, is_whole_phase]() -> Result<void> {
    std::string from = task.start_commit;
    if (is_whole_phase) {
      KON_TRY(from, workspaces.phase_base());
    }
    KON_TRY(const std::vector<ports::FileChange> changes,
            workspaces.changes(from, task.head_commit));
    for (const ports::FileChange& change : changes)
      inputs.changed_files.push_back(change.path);
    KON_TRY(inputs.patch, workspaces.patch(from, task.head_commit, kPatchBytes));
    return {};
  };
  const Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

// What an attempt left that did not count is gone from the tree, but not lost on its successor.
Task<Result<void>> AttemptPrompt::add_kept_work(engine::TaskRecord task, std::string left_over,
                                                agent::PromptInputs& inputs) {
  inputs.kept_work = left_over.empty() ? task.kept : std::move(left_over);
  if (inputs.kept_work.empty()) co_return Result<void>();
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  auto job = [&workspaces, &task, &inputs]() -> Result<void> {
    const Result<std::string> patch =
        workspaces.patch(task.head_commit, inputs.kept_work, kPatchBytes);
    // A person may have removed it.
    if (patch.has_error()) inputs.kept_work.clear();
    if (patch.has_value()) inputs.kept_patch = patch.value();
    return {};
  };
  const Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

// Both sides of the conflict: what each changed in its files, and what the other plans say of it.
Task<Result<void>> AttemptPrompt::add_conflict(int plan, agent::PromptInputs& inputs) {
  const engine::PlanRecord record = *shared_.state().plan(plan);
  inputs.conflicts = record.conflicts;
  const ports::ConflictLabels labels = conflict_labels(shared_.facts, plan);
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  auto job = [&workspaces, &record, &inputs, &labels]() -> Result<void> {
    KON_TRY(std::string ours,
            workspaces.patch(record.base, record.head, kPatchBytes, record.conflicts));
    KON_TRY(std::string theirs,
            workspaces.patch(record.base, record.conflicts_with, kPatchBytes, record.conflicts));
    inputs.conflict_sides = {{labels.ours, std::move(ours)}, {labels.theirs, std::move(theirs)}};
    return {};
  };
  const Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

}  // namespace konductor::driver
