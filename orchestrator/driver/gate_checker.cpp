// SPDX-License-Identifier: MIT
#include "driver/gate_checker.hpp"

#include <unistd.h>

#include <algorithm>

#include "agent/summary.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "driver/file_tail.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTailBytes = 2000;
constexpr int kNotFoundExit = 127;

engine::Finding finding(std::string source, std::string text) {
  return {"significant", std::move(source), to_valid_utf8(text)};
}

std::string normal(const std::string& path) {
  std::string text = fs::path(path).lexically_normal().string();
  return text;
}

bool is_below(const fs::path& path, const fs::path& root) {
  const fs::path relative = path.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

plan::FileKind kind_of(const fs::path& root, std::string_view path) {
  std::error_code error;
  const fs::path full = root / path;
  if (!fs::is_regular_file(full, error)) return plan::FileKind::missing;
  return ::access(full.c_str(), X_OK) == 0 ? plan::FileKind::executable : plan::FileKind::plain;
}

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

}  // namespace

bool covers(const std::string& declared, const std::string& path) {
  const std::string wanted = normal(declared);
  if (!wanted.empty() && wanted.back() == '/') return path.rfind(wanted, 0) == 0;
  return wanted == path;
}

std::string missing_reason(const fs::path& root, const std::string& declared) {
  std::error_code error;
  const fs::path full = root / declared;
  const fs::path real_root = fs::canonical(root, error);
  const fs::path real = fs::canonical(full, error);
  if (error) return "does not exist";
  if (!is_below(real, real_root)) return "is a link that leads out of the repository";
  const bool is_folder_wanted = !declared.empty() && declared.back() == '/';
  if (is_folder_wanted) return fs::is_directory(real, error) ? "" : "is not a directory";
  return fs::is_regular_file(real, error) ? "" : "is not a file";
}

Task<Result<GateChecker::Subject>> GateChecker::make_subject(TaskAddress address) {
  Subject subject;
  subject.address = address;
  subject.text = task_text(shared_, address);
  subject.task = *shared_.state().task(address);
  subject.tree = shared_.trees.at(address.plan).get();
  const auto accepted = subject.task.accepted.find(RoleName::executor);
  KON_CHECK(accepted != subject.task.accepted.end());
  engine::command::start_attempt command;
  command.address = address;
  command.attempt = accepted->second;
  command.reason = subject.task.reason;
  if (const auto* running =
          std::get_if<engine::plan_state::running>(&shared_.state().plan(address.plan)->state);
      running != nullptr)
    command.slot = running->slot;
  const RunFacts& facts = shared_.facts;
  const std::string name =
      engine::attempt_name(address, to_string(RoleName::executor), accepted->second);
  subject.paths.workspace = subject.tree->workspace.directory;
  subject.paths.directory = facts.layout.run_directory(facts.run) / name;
  subject.paths.prompt = subject.paths.directory / "prompt.md";
  if (!address.is_phase()) subject.paths.plan = subject.paths.directory / "plan.md";
  subject.paths.output = subject.paths.directory / "output.md";
  subject.environment =
      attempt_environment(facts, facts.roles.at(RoleName::executor), command, subject.paths);
  Result<std::string> text = co_await shared_.accepted_document(address, RoleName::executor);
  if (text.has_error()) co_return text.error();
  Result<agent::Summary> summary = agent::parse_summary(text.value());
  if (summary.has_value()) subject.deleted = summary.value().files_deleted;
  co_return subject;
}

Task<Result<Report>> GateChecker::check(TaskAddress address) {
  Result<Subject> made = co_await make_subject(address);
  if (made.has_error()) co_return made.error();
  const Subject subject = std::move(made).value();
  engine::GatesChecked checked;
  checked.address = address;
  auto files = [this, &subject, &checked]() -> Result<void> {
    KON_TRY_VOID(stand_at_head(subject));
    return check_files(subject, checked);
  };
  const Result<void> looked = co_await offload(shared_.ports.work_pool, std::move(files));
  KON_CO_TRY_VOID(looked);
  if (shared_.facts.config.gates.verify) {
    Result<void> verified = Error{};
    if (address.is_phase())
      verified = co_await check_phase_verify(subject, checked);
    else
      verified = co_await check_verify(subject, checked);
    KON_CO_TRY_VOID(verified);
  }
  auto clean = [this, &subject, &checked] { return put_tree_back(subject, checked); };
  const Result<void> cleaned = co_await offload(shared_.ports.work_pool, std::move(clean));
  KON_CO_TRY_VOID(cleaned);
  Report report;
  if (shared_.stop.level() != StopLevel::none) {
    report.outcome = engine::GatesAbandoned{address};
    co_return report;
  }
  report.outcome = std::move(checked);
  co_return report;
}

// After a restart this run has no directory for the attempt yet, and the tree may hold what a
// verify command was about to write when the engine died.
Result<void> GateChecker::stand_at_head(const Subject& subject) {
  KON_TRY_VOID(shared_.ports.files.make_directories(subject.paths.directory));
  PlanTree& tree = *subject.tree;
  const std::string& head = subject.task.head_commit;
  if (tree.clean_at == head) return {};
  KON_TRY(const std::string ref,
          shared_.ports.workspaces.save_aside(tree.workspace, shared_.facts.run,
                                              subject.paths.directory.filename().string()));
  static_cast<void>(ref);
  KON_TRY_VOID(shared_.ports.workspaces.reset(tree.workspace, head));
  tree.workspace.head = head;
  tree.clean_at = head;
  return {};
}

Result<void> GateChecker::check_files(const Subject& subject, engine::GatesChecked& checked) {
  const config::GateSettings& gates = shared_.facts.config.gates;
  if (gates.protected_files)
    for (const std::string& line : subject.task.violations)
      checked.findings.push_back(finding("protected_files", line));
  KON_TRY(const std::vector<ports::FileChange> changes,
          shared_.ports.workspaces.changes(subject.task.start_commit, subject.task.head_commit));
  const std::vector<std::string>& declared = subject.text.files;
  for (const ports::FileChange& change : changes)
    if (std::none_of(declared.begin(), declared.end(),
                     [&](const std::string& file) { return covers(file, change.path); }))
      checked.undeclared.push_back(change.path);
  for (const std::string& file : declared)
    if (std::none_of(changes.begin(), changes.end(),
                     [&](const ports::FileChange& change) { return covers(file, change.path); }))
      checked.untouched.push_back(file);
  if (subject.address.is_phase()) {
    checked.undeclared.clear();
    if (gates.changed && changes.empty())
      checked.findings.push_back(finding("changed", "nothing was changed"));
    return {};
  }
  // What runs again after it was complete may find everything in place.
  if (gates.changed && changes.empty() && !declared.empty() && !subject.task.was_completed)
    checked.findings.push_back(
        finding("changed", "nothing changed since the task began, but it declares files"));
  if (gates.declared_files) check_declared(subject, checked);
  return {};
}

void GateChecker::check_declared(const Subject& subject, engine::GatesChecked& checked) {
  for (const std::string& file : subject.text.files) {
    const std::string reason = missing_reason(subject.paths.workspace, file);
    if (reason.empty()) continue;
    const bool is_deletion_declared =
        std::any_of(subject.deleted.begin(), subject.deleted.end(),
                    [&](const std::string& deleted) { return normal(deleted) == normal(file); });
    const bool was_there =
        shared_.ports.workspaces.file_at(subject.task.start_commit, normal(file)).has_value();
    if (reason == "does not exist" && is_deletion_declared && was_there) continue;
    checked.findings.push_back(
        finding("declared_files", "the task declares \"" + file + "\", which " + reason));
  }
}

void GateChecker::check_named_by_verify(const std::vector<plan::VerifyStep>& steps,
                                        engine::GatesChecked& checked) {
  for (const plan::VerifyStep& step : steps) {
    std::vector<std::string> words = {step.text};
    if (step.kind != plan::VerifyStep::Kind::file_exists) words = plan::words_of_command(step.text);
    for (const std::string& word : words) {
      const std::string path = normal(word);
      const auto& undeclared = checked.undeclared;
      if (std::find(undeclared.begin(), undeclared.end(), path) == undeclared.end()) continue;
      const std::string text = "\"" + path + "\" is named by the verify command `" + step.text +
                               "` and was changed, but the task does not declare it";
      const engine::Finding found = finding("verify_files", text);
      if (std::find(checked.findings.begin(), checked.findings.end(), found) ==
          checked.findings.end())
        checked.findings.push_back(found);
    }
  }
}

Task<Result<void>> GateChecker::check_verify(const Subject& subject,
                                             engine::GatesChecked& checked) {
  const fs::path root = subject.paths.workspace;
  const auto lookup = [root](std::string_view path) { return kind_of(root, path); };
  const std::vector<plan::VerifyStep> steps =
      plan::parse_verify(subject.text.verify, subject.text.files, lookup);
  check_named_by_verify(steps, checked);
  int number = 0;
  for (const plan::VerifyStep& step : steps) {
    Result<std::string> wrong = co_await run_step(subject, step, ++number);
    if (wrong.has_error()) co_return wrong.error();
    if (!wrong.value().empty()) checked.findings.push_back(finding("verify", wrong.value()));
    if (shared_.stop.level() != StopLevel::none) break;
  }
  co_return Result<void>();
}

// After a holistic fix: everything that any task of the phase verified has to hold still.
Task<Result<void>> GateChecker::check_phase_verify(const Subject& subject,
                                                   engine::GatesChecked& checked) {
  const fs::path root = subject.paths.workspace;
  const auto lookup = [root](std::string_view path) { return kind_of(root, path); };
  int number = 0;
  std::vector<std::pair<TaskAddress, TaskText>> tasks;
  for (const auto& [plan_number, record] : shared_.state().plans())
    for (const int task : record.order)
      if (plan_number != 0)
        tasks.emplace_back(TaskAddress{plan_number, task}, task_text(shared_, {plan_number, task}));
  for (const auto& [address, text] : tasks) {
    for (const plan::VerifyStep& step : plan::parse_verify(text.verify, text.files, lookup)) {
      if (!is_lasting(step)) continue;
      Result<std::string> wrong = co_await run_step(subject, step, ++number);
      if (wrong.has_error()) co_return wrong.error();
      if (!wrong.value().empty())
        checked.findings.push_back(finding("verify", "task " + plan_text(address.plan) + "/" +
                                                         std::to_string(address.task) + ": " +
                                                         wrong.value()));
      if (shared_.stop.level() != StopLevel::none) co_return Result<void>();
    }
  }
  co_return Result<void>();
}

// Returns what is wrong, or "".
Task<Result<std::string>> GateChecker::run_step(const Subject& subject, plan::VerifyStep step,
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

Result<void> GateChecker::put_tree_back(const Subject& subject, engine::GatesChecked& checked) {
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
