// SPDX-License-Identifier: MIT
#include "driver/attempt_runner.hpp"

#include <sys/stat.h>

#include "base/text.hpp"
#include "driver/attempt_conclusion.hpp"
#include "driver/attempt_prompt.hpp"
#include "driver/file_tail.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTailBytes = 400;

std::string last_line(std::string_view text) {
  const auto lines = split_lines(trim(text));
  return lines.empty() ? std::string() : to_valid_utf8(lines.back());
}

}  // namespace

Task<Result<Report>> AttemptRunner::run(engine::command::start_attempt command) {
  Attempt attempt = make_attempt(shared_, command);
  const Result<void> prepared = co_await prepare(attempt);
  KON_CO_TRY_VOID(prepared);
  ++shared_.attempts_running;
  Result<AttemptEnding> ending = co_await run_process(attempt);
  if (ending.has_error()) {
    --shared_.attempts_running;
    co_return ending.error();
  }
  auto job = [this, &attempt, &ending] {
    return AttemptConclusion(shared_).conclude(attempt, std::move(ending).value());
  };
  Result<Report> report = co_await offload(shared_.ports.work_pool, std::move(job));
  --shared_.attempts_running;
  co_return report;
}

// A clean tree, the attempt's files, and what may not be touched as it stands now.
Task<Result<void>> AttemptRunner::prepare(Attempt& attempt) {
  AttemptPrompt builder(shared_);
  Result<std::string> prompt = co_await builder.build(attempt.command, attempt.paths);
  if (prompt.has_error()) co_return prompt.error();
  auto job = [this, &attempt, &prompt]() -> Result<void> {
    shared_.project_files->begin();
    KON_TRY_VOID(stand_at(attempt));
    KON_TRY_VOID(write_files(attempt, prompt.value()));
    KON_TRY(attempt.guard, shared_.ports.workspaces.guard(attempt.tree->workspace));
    return {};
  };
  Result<void> done = co_await offload(shared_.ports.work_pool, std::move(job));
  co_return done;
}

// Puts the tree to where the attempt has to begin. What a crash left in it is kept aside.
Result<void> AttemptRunner::stand_at(Attempt& attempt) {
  if (attempt.tree->clean_at == attempt.head) return {};
  return put_tree_back(shared_, attempt);
}

Result<void> AttemptRunner::write_files(const Attempt& attempt, const std::string& prompt) const {
  ports::FileStore& files = shared_.ports.files;
  KON_TRY_VOID(files.write(attempt.paths.prompt, prompt));
  if (!attempt.paths.plan.empty()) {
    KON_TRY_VOID(files.write(attempt.paths.plan, attempt.plan_text));
    ::chmod(attempt.paths.plan.c_str(), 0444);
  }
  const fs::path output_home = attempt.paths.output.parent_path();
  KON_TRY_VOID(files.make_directories(output_home));
  if (!shared_.is_in_place()) {
    // An agent that commits everything must not commit its own document.
    const fs::path ignore = output_home.parent_path() / ".gitignore";
    if (!files.exists(ignore)) KON_TRY_VOID(files.write(ignore, "*\n"));
  }
  return files.remove(attempt.paths.output);
}

Task<Result<AttemptEnding>> AttemptRunner::run_process(const Attempt& attempt) {
  const RunFacts& facts = shared_.facts;
  const ResolvedRole& role = facts.roles.at(attempt.command.role);
  ports::ProcessSpec spec;
  spec.argv = attempt_arguments(facts, role, attempt.command, attempt.paths);
  spec.environment = attempt_environment(facts, role, attempt.command, attempt.paths);
  spec.directory = attempt.paths.workspace.string();
  spec.stdin_path = attempt.paths.prompt.string();
  spec.stdout_path = (attempt.paths.directory / "stdout.log").string();
  spec.stderr_path = (attempt.paths.directory / "stderr.log").string();
  spec.token = attempt_token(attempt.paths.prompt);
  if (shared_.stop.level() != StopLevel::none) {
    AttemptEnding ending;
    ending.cause = "cancelled";
    co_return ending;
  }
  Result<std::unique_ptr<ports::Process>> started = shared_.ports.launcher.start(spec);
  if (started.has_error())
    co_return started.error().with_context("starting " +
                                           std::string(to_string(attempt.command.role)));
  AttemptLimits limits;
  limits.timeout = role.timeout;
  limits.silence = facts.config.limits.silence;
  limits.grace = facts.config.execution.grace_period;
  limits.output_bytes_max = facts.config.limits.output_max;
  engine::event::attempt_output head;
  head.plan = attempt.command.address.plan;
  head.task = attempt.command.address.task;
  head.role = to_string(attempt.command.role);
  head.attempt = attempt.command.attempt;
  OutputFollower follower(shared_.ports.clock, std::move(head), attempt.paths.directory,
                          shared_.tell_output);
  OutputFollower* listener = shared_.tell_output ? &follower : nullptr;
  Result<Supervised> supervised =
      co_await supervise(shared_.ports.clock, *started.value(), limits, shared_.stop, listener);
  if (listener != nullptr) listener->finish();
  if (supervised.has_error()) co_return supervised.error();
  co_return classify(attempt, supervised.value());
}

AttemptEnding AttemptRunner::classify(const Attempt& attempt, const Supervised& supervised) const {
  AttemptEnding ending;
  ending.cause = supervised.cause;
  ending.exit = supervised.exit;
  ending.seconds = std::chrono::duration<double>(supervised.duration).count();
  if (ending.cause != "done") return ending;
  if (supervised.exit.signal != 0) {
    ending.cause = "crashed";
    ending.detail = "ended by signal " + std::to_string(supervised.exit.signal);
  } else if (supervised.exit.exit_code != 0) {
    ending.cause = "crashed";
    ending.detail = "exit " + std::to_string(supervised.exit.exit_code);
  }
  if (ending.cause == "crashed") {
    const std::string line =
        last_line(tail_of_file(attempt.paths.directory / "stderr.log", kTailBytes));
    if (!line.empty()) ending.detail += "; stderr ends: " + line;
  }
  return ending;
}

}  // namespace konductor::driver
