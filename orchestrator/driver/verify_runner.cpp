// SPDX-License-Identifier: MIT
#include "driver/verify_runner.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "driver/file_tail.hpp"
#include "driver/workspace_paths.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTailBytes = 2000;
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
  int number = 0;
  for (const plan::VerifyStep& step : steps) {
    Result<std::string> wrong = co_await run_step(subject, step, ++number);
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
  int number = 0;
  std::vector<std::pair<TaskAddress, TaskText>> tasks;
  for (const int plan : plans)
    for (const int task : shared_.state().plan(plan)->order)
      tasks.emplace_back(TaskAddress{plan, task}, task_text(shared_, {plan, task}));
  for (const auto& [address, text] : tasks) {
    for (const plan::VerifyStep& step : plan::parse_verify(text.verify, text.files, lookup)) {
      if (!is_lasting(step)) continue;
      Result<std::string> wrong = co_await run_step(subject, step, ++number);
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

// Returns what is wrong, or "".
Task<Result<std::string>> VerifyRunner::run_step(const GateSubject& subject, plan::VerifyStep step,
                                                 int number) {
  if (step.kind == plan::VerifyStep::Kind::file_exists) {
    const std::string reason = missing_reason(subject.paths.workspace, step.text);
    co_return reason.empty() ? std::string() : "\"" + step.text + "\" " + reason;
  }
  const fs::path log = subject.paths.directory / ("verify-" + std::to_string(number) + ".log");
  ports::ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", step.text};
  spec.environment = subject.environment;
  spec.directory = subject.paths.workspace.string();
  spec.stdout_path = log.string();
  spec.stderr_path = log.string();
  spec.token = attempt_token(subject.paths.prompt);
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
  const std::string tail(trim(tail_of_file(log, kTailBytes)));
  if (!tail.empty()) wrong += "; its output ends:\n" + tail;
  co_return wrong;
}

}  // namespace konductor::driver
