// SPDX-License-Identifier: MIT
#include "driver/attempt_runner.hpp"

#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/check.hpp"
#include "base/text.hpp"
#include "driver/attempt_documents.hpp"
#include "driver/attempt_prompt.hpp"
#include "driver/cassette_recorder.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTailBytes = 400;

std::string last_line(std::string_view text) {
  const auto lines = split_lines(trim(text));
  return lines.empty() ? std::string() : to_valid_utf8(lines.back());
}

std::string commit_subject(const RunFacts& facts, const TaskAddress& address,
                           const std::string& title) {
  if (address.is_phase()) return "fix(" + facts.phase.id + "): findings of the holistic review";
  return "feat(" + facts.phase.id + "-plan-" + std::to_string(address.plan) + "): " + title;
}

std::string commit_message(const RunShared& shared, const engine::command::start_attempt& command) {
  const RunFacts& facts = shared.facts;
  const TaskText text = task_text(shared, command.address);
  std::string message = commit_subject(facts, command.address, text.title) + "\n\n";
  message += "Konductor-Task: " + address_text(facts.phase.id, command.address) + "\n";
  message += "Konductor-Run: " + facts.run + "\n";
  message += "Konductor-Role: " + std::string(to_string(command.role)) + "\n";
  return message;
}

std::string plan_with_sub_tasks(const RunShared& shared, int number) {
  const plan::Plan* plan = shared.plan(number);
  if (plan == nullptr) return {};
  std::string text = plan->text;
  for (const engine::TaskRecord* task : shared.state().tasks_of(number))
    if (task->sub_task) text += "\n" + task_text(shared, task->address).markdown;
  return text;
}

bool is_new_file(const ports::FileChange& change) {
  return change.kind == ports::ChangeKind::added;
}

}  // namespace

std::string tail_of_file(const fs::path& path, std::size_t bytes_max) {
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  if (!stream) return {};
  const auto size = static_cast<std::size_t>(stream.tellg());
  const std::size_t wanted = std::min(size, bytes_max);
  std::string text(wanted, '\0');
  stream.seekg(static_cast<std::streamoff>(size - wanted));
  stream.read(text.data(), static_cast<std::streamsize>(wanted));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return to_valid_utf8(text);
}

AttemptRunner::Attempt AttemptRunner::make_attempt(
    const engine::command::start_attempt& command) const {
  const RunFacts& facts = shared_.facts;
  const engine::TaskRecord* task = shared_.state().task(command.address);
  KON_CHECK(task != nullptr);
  Attempt attempt;
  attempt.command = command;
  attempt.tree = shared_.trees.at(command.address.plan).get();
  attempt.commit_message = commit_message(shared_, command);
  attempt.plan_text = plan_with_sub_tasks(shared_, command.address.plan);
  attempt.name = engine::attempt_name(command.address, to_string(command.role), command.attempt);
  attempt.head = task->head_commit;
  attempt.paths.workspace = attempt.tree->workspace.directory;
  attempt.paths.directory = facts.layout.run_directory(facts.run) / attempt.name;
  attempt.paths.prompt = attempt.paths.directory / "prompt.md";
  if (!command.address.is_phase()) attempt.paths.plan = attempt.paths.directory / "plan.md";
  // In place the run directory itself lies inside the workspace.
  const fs::path output_home = shared_.is_in_place()
                                   ? attempt.paths.directory
                                   : attempt.paths.workspace / ".konductor" / "runs" / attempt.name;
  attempt.paths.output = output_home / "output.md";
  return attempt;
}

Task<Result<Report>> AttemptRunner::run(engine::command::start_attempt command) {
  Attempt attempt = make_attempt(command);
  const Result<void> prepared = co_await prepare(attempt);
  KON_CO_TRY_VOID(prepared);
  ++shared_.attempts_running;
  Result<Ending> ending = co_await run_process(attempt);
  if (ending.has_error()) {
    --shared_.attempts_running;
    co_return ending.error();
  }
  auto job = [this, &attempt, &ending] { return conclude(attempt, std::move(ending).value()); };
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
  return put_tree_back(attempt);
}

Result<void> AttemptRunner::put_tree_back(const Attempt& attempt) {
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(const std::string ref,
          shared_.ports.workspaces.save_aside(workspace, shared_.facts.run, attempt.name));
  static_cast<void>(ref);
  KON_TRY_VOID(shared_.ports.workspaces.reset(workspace, attempt.head));
  workspace.head = attempt.head;
  attempt.tree->clean_at = attempt.head;
  return {};
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

Task<Result<AttemptRunner::Ending>> AttemptRunner::run_process(const Attempt& attempt) {
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
    Ending ending;
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

AttemptRunner::Ending AttemptRunner::classify(const Attempt& attempt,
                                              const Supervised& supervised) const {
  Ending ending;
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

// Looks at what the attempt left: its document, protected things, the tree.
Result<Report> AttemptRunner::conclude(const Attempt& attempt, Ending ending) {
  engine::AttemptEnded ended;
  engine::event::attempt_finished& finished = ended.finished;
  finished.plan = attempt.command.address.plan;
  finished.task = attempt.command.address.task;
  finished.role = to_string(attempt.command.role);
  finished.reason = attempt.command.reason;
  finished.attempt = attempt.command.attempt;
  finished.cause = ending.cause;
  finished.detail = ending.detail;
  finished.exit_code = ending.exit.exit_code;
  finished.signal = ending.exit.signal;
  finished.seconds = ending.seconds;

  Report report;
  std::string text_handed_in;
  if (finished.cause == "done") {
    Result<std::string> text =
        read_output(attempt.paths.output, shared_.facts.config.limits.document_max);
    if (text.has_value()) text_handed_in = text.value();
    Result<AcceptedDocument> document = text.has_error()
                                            ? Result<AcceptedDocument>(text.error())
                                            : accept_document(attempt.command.action, text.value());
    if (document.has_error()) {
      finished.cause = "no_document";
      finished.detail = document.error().message;
    } else {
      ended.report = std::move(document.value().report);
      report.documents.push_back({attempt.name, std::move(document.value().text)});
    }
  }
  // Nobody else works in its workspace.
  KON_TRY(finished.violations, put_back_in_workspace(attempt));
  KON_TRY(std::vector<std::string> touched, put_back_shared(attempt));
  // With others at work at the same time nobody can say who touched these.
  const bool is_known_who = shared_.attempts_running <= 1;
  for (std::string& line : touched)
    (is_known_who ? finished.violations : ended.notes).push_back(std::move(line));
  const bool is_executor = attempt.command.role == RoleName::executor;
  const Result<void> concluded =
      is_executor ? conclude_executor(attempt, ended) : conclude_reader(attempt, ended);
  KON_TRY_VOID(concluded);
  if (finished.cause != "done") {
    ended.report = std::monostate{};
    report.documents.clear();
  }
  if (!shared_.facts.record_directory.empty()) KON_TRY_VOID(record(attempt, ended, text_handed_in));
  KON_TRY_VOID(write_exit_record(attempt, ended));
  if (!shared_.is_in_place())
    KON_TRY_VOID(shared_.ports.files.remove(attempt.paths.output.parent_path()));
  report.outcome = std::move(ended);
  return report;
}

Result<std::vector<std::string>> AttemptRunner::put_back_in_workspace(const Attempt& attempt) {
  if (!attempt.tree->files) return std::vector<std::string>{};
  const fs::path kept = attempt.paths.directory / "touched" / "workspace";
  KON_TRY(std::vector<std::string> lines, attempt.tree->files->restore(kept));
  for (std::string& line : lines)
    line = "in its workspace: " + line;
  return lines;
}

Result<std::vector<std::string>> AttemptRunner::put_back_shared(const Attempt& attempt) {
  const fs::path kept = attempt.paths.directory / "touched" / "project";
  KON_TRY(std::vector<std::string> lines, shared_.project_files->restore(kept));
  KON_TRY(const std::vector<std::string> refs,
          shared_.ports.workspaces.restore_guarded(attempt.tree->workspace, attempt.guard));
  lines.insert(lines.end(), refs.begin(), refs.end());
  return lines;
}

Result<void> AttemptRunner::conclude_executor(const Attempt& attempt, engine::AttemptEnded& ended) {
  if (ended.finished.cause != "done") return put_tree_back(attempt);
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(ended.finished.commit,
          shared_.ports.workspaces.snapshot(workspace, {attempt.commit_message}));
  workspace.head = ended.finished.commit;
  attempt.tree->clean_at = ended.finished.commit;
  return {};
}

// Reviewers, researcher and assessor only read: a change is undone and makes the attempt a failed
// one; new files that nobody tracks are removed with a note.
Result<void> AttemptRunner::conclude_reader(const Attempt& attempt, engine::AttemptEnded& ended) {
  KON_TRY(const std::vector<ports::FileChange> dirt,
          shared_.ports.workspaces.dirt(attempt.tree->workspace, attempt.head));
  std::string changed;
  std::string left;
  for (const ports::FileChange& change : dirt)
    (is_new_file(change) ? left : changed) += " \"" + change.path + "\"";
  for (const std::string& line : ended.finished.violations)
    changed += " " + line;
  if (!dirt.empty()) KON_TRY_VOID(put_tree_back(attempt));
  if (!changed.empty()) {
    ended.finished.cause = "changed_workspace";
    ended.finished.detail = "a role that only reads changed:" + changed + "; it is undone";
  } else if (!left.empty()) {
    ended.notes.push_back("removed what " + ended.finished.role + " left behind:" + left);
  }
  ended.finished.violations.clear();
  return {};
}

// For `--record`. What was cut off from outside is not part of the story.
Result<void> AttemptRunner::record(const Attempt& attempt, const engine::AttemptEnded& ended,
                                   const std::string& document) const {
  const engine::event::attempt_finished& finished = ended.finished;
  if (finished.cause == "cancelled") return {};
  RecordedAttempt recorded;
  recorded.command = attempt.command;
  recorded.workspace = attempt.paths.workspace;
  recorded.document = document;
  recorded.exit_code = finished.exit_code < 0 ? 1 : finished.exit_code;
  if (!finished.commit.empty()) {
    KON_TRY(recorded.changes, shared_.ports.workspaces.changes(attempt.head, finished.commit));
  }
  return record_attempt(shared_.facts.record_directory, recorded);
}

Result<void> AttemptRunner::write_exit_record(const Attempt& attempt,
                                              const engine::AttemptEnded& ended) const {
  const engine::event::attempt_finished& finished = ended.finished;
  nlohmann::ordered_json record;
  record["cause"] = finished.cause;
  record["detail"] = to_valid_utf8(finished.detail);
  record["exit_code"] = finished.exit_code;
  record["signal"] = finished.signal;
  record["seconds"] = finished.seconds;
  record["commit"] = finished.commit;
  return shared_.ports.files.write(attempt.paths.directory / "exit.json", record.dump(2) + "\n");
}

}  // namespace konductor::driver
