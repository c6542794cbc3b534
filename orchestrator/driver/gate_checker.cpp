// SPDX-License-Identifier: MIT
#include "driver/gate_checker.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "driver/diff_gates.hpp"
#include "driver/verify_runner.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {

namespace {

bool is_ignore_file(const std::string& path) {
  return std::filesystem::path(path).filename() == ".gitignore";
}

}  // namespace

Task<Result<Report>> GateChecker::check(TaskAddress address) {
  Result<GateSubject> made = co_await make_gate_subject(shared_, address);
  if (made.has_error()) co_return made.error();
  const GateSubject subject = std::move(made).value();
  engine::GatesChecked checked;
  checked.address = address;
  auto files = [this, &subject, &checked]() -> Result<void> {
    KON_TRY_VOID(stand_at_head(subject));
    return check_files(subject, checked);
  };
  const Result<void> looked = co_await offload(shared_.ports.work_pool, std::move(files));
  KON_CO_TRY_VOID(looked);
  VerifyRunner runner(shared_);
  if (shared_.facts.config.gates.verify) {
    const Result<void> verified = co_await runner.check(subject, checked);
    KON_CO_TRY_VOID(verified);
  }
  auto clean = [&] { return runner.clean_up(subject, checked); };
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
Result<void> GateChecker::stand_at_head(const GateSubject& subject) {
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

Result<void> GateChecker::check_files(const GateSubject& subject, engine::GatesChecked& checked) {
  const config::GateSettings& gates = shared_.facts.config.gates;
  if (gates.protected_files)
    for (const std::string& line : subject.task.violations)
      checked.findings.push_back(gate_finding("protected_files", line));
  KON_TRY(const std::vector<ports::FileChange> changes,
          shared_.ports.workspaces.changes(subject.task.start_commit, subject.task.head_commit));
  DiffGates diff(shared_);
  KON_TRY_VOID(diff.check(subject, changes, checked));
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
      checked.findings.push_back(gate_finding("changed", "nothing was changed"));
    return {};
  }
  if (subject.address.is_merge()) return check_conflict(subject, checked);
  // What runs again after it was complete may find everything in place.
  if (gates.changed && changes.empty() && !declared.empty() && !subject.task.was_completed)
    checked.findings.push_back(
        gate_finding("changed", "nothing changed since the task began, but it declares files"));
  if (gates.declared_files) check_declared(subject, checked);
  return {};
}

// Whatever either side did to a file may be right, but for both at once.
Result<void> GateChecker::check_conflict(const GateSubject& subject,
                                         engine::GatesChecked& checked) const {
  const ports::ConflictLabels labels = conflict_labels(shared_.facts, subject.address.plan);
  for (const std::string& path : subject.text.files) {
    const Result<std::string> text =
        shared_.ports.workspaces.file_at(subject.task.head_commit, path);
    if (text.has_error() && text.error().code != ErrorCode::not_found) return text.error();
    if (text.has_error()) continue;
    for (const std::string_view line : split_lines(text.value()))
      if (line == "<<<<<<< " + labels.ours || line == ">>>>>>> " + labels.theirs) {
        checked.findings.push_back(
            gate_finding("conflict_markers", "conflict markers are left in \"" + path + "\""));
        break;
      }
  }
  return {};
}

void GateChecker::check_declared(const GateSubject& subject, engine::GatesChecked& checked) {
  const bool is_ignoring_undeclared =
      std::any_of(checked.undeclared.begin(), checked.undeclared.end(), is_ignore_file);
  for (const std::string& file : subject.text.files) {
    const std::string path = normal_path(file);
    const auto holds = [&](const std::string& commit) {
      return shared_.ports.workspaces.file_at(commit, path).has_value();
    };
    std::string reason = missing_reason(subject.paths.workspace, file);
    const bool is_hidden = reason.empty() && is_ignoring_undeclared && !path.empty() &&
                           path.back() != '/' && !holds(subject.task.head_commit);
    if (is_hidden) reason = "git ignores, and the task does not declare the change to .gitignore";
    if (reason.empty()) continue;
    const bool is_deletion_declared =
        std::any_of(subject.deleted.begin(), subject.deleted.end(),
                    [&](const std::string& deleted) { return normal_path(deleted) == path; });
    if (reason == "does not exist" && is_deletion_declared && holds(subject.task.start_commit))
      continue;
    checked.findings.push_back(
        gate_finding("declared_files", "the task declares \"" + file + "\", which " + reason));
  }
}

}  // namespace konductor::driver
