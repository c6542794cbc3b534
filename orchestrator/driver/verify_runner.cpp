// SPDX-License-Identifier: MIT
#include "driver/verify_runner.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "driver/attempt_containment.hpp"
#include "driver/file_tail.hpp"
#include "driver/redaction.hpp"
#include "driver/workspace_paths.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr int kNotFoundExit = 127;

std::string describe_expectation(const plan::VerifyStep& step) {
  switch (step.expect) {
    case plan::VerifyStep::Expect::success:
      return "exit 0";
    case plan::VerifyStep::Expect::failure:
      return "a failure";
    case plan::VerifyStep::Expect::exit_code:
      break;
  }
  return "exit " + std::to_string(step.exit_code);
}

bool holds(const plan::VerifyStep& step, int exit_code) {
  switch (step.expect) {
    case plan::VerifyStep::Expect::success:
      return exit_code == 0;
    case plan::VerifyStep::Expect::failure:
      return exit_code != 0 && exit_code != kNotFoundExit;
    case plan::VerifyStep::Expect::exit_code:
      break;
  }
  return exit_code == step.exit_code;
}

// A step of a task that was meant to fail halfway says nothing about the finished phase.
bool is_lasting(const plan::VerifyStep& step) {
  return step.expect == plan::VerifyStep::Expect::success;
}

void check_named(const std::vector<plan::VerifyStep>& steps, engine::GatesChecked& checked) {
  for (const plan::VerifyStep& step : steps) {
    std::vector<std::string> words = {step.text};
    if (step.kind != plan::VerifyStep::Kind::file_exists) words = plan::words_of_command(step.text);
    for (const std::string& word : words) {
      const std::string path = normal_path(word);
      const auto& undeclared = checked.undeclared;
      if (std::find(undeclared.begin(), undeclared.end(), path) == undeclared.end()) continue;
      const std::string text = "\"" + path + "\" is named by the verify command `" + step.text +
                               "` and was changed, but the task does not declare it";
      const engine::Finding found = gate_finding("verify_files", text);
      if (std::find(checked.findings.begin(), checked.findings.end(), found) ==
          checked.findings.end())
        checked.findings.push_back(found);
    }
  }
}

}  // namespace

Task<Result<void>> VerifyRunner::check(const GateSubject& subject, engine::GatesChecked& checked) {
  const int plan = subject.address.plan;
  Result<void> done;
  std::vector<int> plans;
  if (subject.address.is_phase()) {
    for (const auto& [number, record] : shared_.state().plans())
      if (number != 0) plans.push_back(number);
    done = co_await check_plans(subject, std::move(plans), checked);
  } else if (subject.address.is_merge()) {
    plans = plans_in_conflict(shared_, plan);
    plans.push_back(plan);
    done = co_await check_plans(subject, std::move(plans), checked);
  } else {
    done = co_await check_task(subject, checked);
  }
  co_return done;
}

Task<Result<void>> VerifyRunner::check_task(const GateSubject& subject,
                                            engine::GatesChecked& checked) {
  const fs::path root = subject.paths.workspace;
  const auto lookup = [root](std::string_view path) { return kind_of(root, path); };
  const std::vector<plan::VerifyStep> steps =
      plan::parse_verify(subject.text.verify, subject.text.files, lookup);
  check_named(steps, checked);
  Origin origin{subject.task.start_commit, subject.text.files, 0};
  for (const plan::VerifyStep& step : steps) {
    ++origin.number;
    Result<std::string> wrong = co_await try_step(subject, step, origin, checked);
    if (wrong.has_error()) co_return wrong.error();
    if (!wrong.value().empty()) checked.findings.push_back(gate_finding("verify", wrong.value()));
    if (shared_.stop.level() != StopLevel::none) break;
  }
  co_return Result<void>();
}

// Everything that any of their tasks verified has to hold still.
Task<Result<void>> VerifyRunner::check_plans(const GateSubject& subject, std::vector<int> plans,
                                             engine::GatesChecked& checked) {
  const fs::path root = subject.paths.workspace;
  const auto lookup = [root](std::string_view path) { return kind_of(root, path); };
  Origin origin;
  if (shared_.facts.config.gates.baseline) {
    auto find_base = [this] { return shared_.ports.workspaces.phase_base(); };
    Result<std::string> base = co_await offload(shared_.ports.work_pool, std::move(find_base));
    if (base.has_error()) co_return base.error();
    origin.base = std::move(base).value();
  }
  std::vector<std::pair<TaskAddress, TaskText>> tasks;
  for (const int plan : plans)
    for (const int task : shared_.state().plan(plan)->order)
      tasks.emplace_back(TaskAddress{plan, task}, task_text(shared_, {plan, task}));
  for (const auto& [address, text] : tasks) {
    origin.files = text.files;
    for (const plan::VerifyStep& step : plan::parse_verify(text.verify, text.files, lookup)) {
      if (!is_lasting(step)) continue;
      ++origin.number;
      Result<std::string> wrong = co_await try_step(subject, step, origin, checked);
      if (wrong.has_error()) co_return wrong.error();
      if (!wrong.value().empty())
        checked.findings.push_back(gate_finding("verify", "task " + plan_text(address.plan) + "/" +
                                                              std::to_string(address.task) + ": " +
                                                              wrong.value()));
      if (shared_.stop.level() != StopLevel::none) co_return Result<void>();
    }
  }
  co_return Result<void>();
}

// What is held against the task, or "".
Task<Result<std::string>> VerifyRunner::try_step(const GateSubject& subject, plan::VerifyStep step,
                                                 const Origin& origin,
                                                 engine::GatesChecked& checked) {
  std::string log_name = "verify-" + std::to_string(origin.number) + ".log";
  Result<std::string> wrong = co_await run_step(subject, step, std::move(log_name));
  const bool has_failed = wrong.has_value() && !wrong.value().empty();
  const bool is_compared = shared_.facts.config.gates.baseline && is_lasting(step) &&
                           step.kind != plan::VerifyStep::Kind::file_exists;
  if (!has_failed || !is_compared || shared_.stop.level() != StopLevel::none) co_return wrong;
  const Result<bool> before = co_await failed_before(subject, step, origin, checked);
  if (before.has_error()) co_return before.error();
  if (!before.value()) co_return wrong;
  checked.notes.push_back(
      to_valid_utf8("`" + step.text + "` fails, and failed before the " +
                    (subject.address.is_phase() || subject.address.is_merge() ? "phase" : "task") +
                    " began: it is not held against it"));
  co_return std::string();
}

// Runs the step on the files of the base; after that the tree stands at the task's head again. A
// crash in between leaves a tree that is not known to be clean, and the next engine puts it back.
Task<Result<bool>> VerifyRunner::failed_before(const GateSubject& subject, plan::VerifyStep step,
                                               const Origin& origin,
                                               engine::GatesChecked& checked) {
  PlanTree& tree = *subject.tree;
  const std::pair<std::string, std::string> key(origin.base, step.text);
  if (const auto known = tree.fails_at.find(key); known != tree.fails_at.end())
    co_return known->second;
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  bool is_about_new_file = false;
  auto go_back = [&]() -> Result<void> {
    is_about_new_file = names_new_file(step, origin);
    if (is_about_new_file) return {};
    KON_TRY_VOID(clean_up(subject, checked));
    tree.clean_at.clear();
    return workspaces.show(tree.workspace, origin.base);
  };
  Result<void> moved = co_await offload(shared_.ports.work_pool, std::move(go_back));
  if (moved.has_error()) co_return moved.error();
  if (is_about_new_file) co_return false;
  std::string log_name = "verify-" + std::to_string(origin.number) + "-before.log";
  const Result<std::string> wrong = co_await run_step(subject, step, std::move(log_name));
  auto return_to_head = [&]() -> Result<void> {
    KON_TRY_VOID(workspaces.reset(tree.workspace, subject.task.head_commit));
    tree.clean_at = subject.task.head_commit;
    return {};
  };
  moved = co_await offload(shared_.ports.work_pool, std::move(return_to_head));
  if (moved.has_error()) co_return moved.error();
  if (wrong.has_error()) co_return wrong.error();
  const bool has_failed = !wrong.value().empty();
  if (shared_.stop.level() == StopLevel::none) tree.fails_at[key] = has_failed;
  co_return has_failed;
}

// Such a command failed at the base because its file was not there yet.
bool VerifyRunner::names_new_file(const plan::VerifyStep& step, const Origin& origin) {
  const std::vector<std::string> words = plan::words_of_command(step.text);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    const std::string path = normal_path(word);
    const bool is_declared = std::any_of(
        origin.files.begin(), origin.files.end(),
        [&](const std::string& file) { return normal_path(file) == path && path.back() != '/'; });
    return is_declared && !shared_.ports.workspaces.file_at(origin.base, path).has_value();
  });
}

// Returns what is wrong, or "".
Task<Result<std::string>> VerifyRunner::run_step(const GateSubject& subject, plan::VerifyStep step,
                                                 std::string log_name) {
  if (step.kind == plan::VerifyStep::Kind::file_exists) {
    const std::string reason = missing_reason(subject.paths.workspace, step.text);
    co_return reason.empty() ? std::string() : "\"" + step.text + "\" " + reason;
  }
  const fs::path log = subject.paths.directory / log_name;
  ports::ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", step.text};
  spec.environment = subject.environment;
  spec.directory = subject.paths.workspace.string();
  spec.stdout_path = log.string();
  spec.stderr_path = log.string();
  spec.token = attempt_token(subject.paths.prompt);
  spec.confinement = subject.confinement;
  contain(shared_.facts, subject.paths.directory.filename().string() + "-verify", spec);
  KON_CO_TRY_VOID(shared_.ports.files.make_directories(subject.paths.directory));
  KON_CO_TRY_VOID(shared_.ports.files.remove(log));
  Result<std::unique_ptr<ports::Process>> started = shared_.ports.launcher.start(spec);
  if (started.has_error()) co_return started.error().with_context("starting a verify command");
  const config::Config& config = shared_.facts.config;
  AttemptLimits limits;
  limits.timeout = config.gates.verify_timeout;
  limits.grace = config.execution.grace_period;
  limits.output_bytes_max = config.limits.output_max;
  Result<Supervised> ended =
      co_await supervise(shared_.ports.clock, *started.value(), limits, shared_.stop);
  if (ended.has_error()) co_return ended.error();
  const Result<void> redacted = co_await redact_files(shared_, log);
  KON_CO_TRY_VOID(redacted);
  const Supervised& result = ended.value();
  const std::string command = "`" + step.text + "`";
  std::string wrong;
  if (result.cause != "done")
    wrong = command + " did not end: " + result.cause;
  else if (result.exit.signal != 0)
    wrong = command + " was ended by signal " + std::to_string(result.exit.signal);
  else if (holds(step, result.exit.exit_code))
    co_return std::string();
  else if (result.exit.exit_code == kNotFoundExit)
    wrong = command + ": command not found";
  else
    wrong = command + " ended with exit " + std::to_string(result.exit.exit_code) + ", expected " +
            describe_expectation(step);
  if (result.met.memory) wrong += "; the kernel killed a process of it at limits.memory";
  const std::string tail(trim(tail_of_file(log, kTailBytes)));
  if (!tail.empty()) wrong += "; its output ends:\n" + tail;
  co_return wrong;
}

Result<void> VerifyRunner::clean_up(const GateSubject& subject, engine::GatesChecked& checked) {
  const std::string& head = subject.task.head_commit;
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  KON_TRY(const std::vector<ports::FileChange> dirt,
          workspaces.dirt(subject.tree->workspace, head));
  if (dirt.empty()) return {};
  std::string paths;
  for (const ports::FileChange& change : dirt)
    paths += " \"" + change.path + "\"";
  checked.notes.push_back("put back what the verify commands left behind:" + paths);
  return workspaces.reset(subject.tree->workspace, head);
}

}  // namespace konductor::driver
