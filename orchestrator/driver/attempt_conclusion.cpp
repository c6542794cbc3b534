// SPDX-License-Identifier: MIT
#include "driver/attempt_conclusion.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/agent_cli.hpp"
#include "base/text.hpp"
#include "driver/attempt_lease.hpp"
#include "driver/attempt_record.hpp"
#include "driver/cassette_recorder.hpp"
#include "driver/file_tail.hpp"
#include "driver/handed_document.hpp"
#include "driver/redaction.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kErrorBytes = 400;

std::string last_line(std::string_view text) {
  const auto lines = split_lines(trim(text));
  return lines.empty() ? std::string() : to_valid_utf8(lines.back());
}

// It ended before it did anything: a fresh session can do what it cannot go on with. A client of
// kind acp begins that itself.
bool has_lost_session(const Attempt& attempt, const AttemptEnding& ending,
                      const engine::event::attempt_finished& finished) {
  return attempt.is_resumed && attempt.runtime->settings.kind != config::RuntimeKind::acp &&
         finished.signal == 0 && ending.steps == 0 && finished.usage == engine::Usage();
}

bool is_new_file(const ports::FileChange& change) {
  return change.kind == ports::ChangeKind::added;
}

}  // namespace

Result<Report> AttemptConclusion::conclude(const Attempt& attempt, AttemptEnding ending) {
  if (ending.facts.report) redact(shared_.facts.redactor, *ending.facts.report);
  KON_TRY(const std::vector<std::string> unread, redact_directory(attempt));
  engine::AttemptEnded ended;
  engine::event::attempt_finished& finished = ended.finished;
  finished.plan = attempt.command.address.plan;
  finished.task = attempt.command.address.task;
  finished.role = to_string(attempt.command.role);
  finished.reason = attempt.command.reason;
  finished.attempt = attempt.command.attempt;
  finished.exit_code = ending.facts.exit_code;
  finished.signal = ending.facts.signal;
  finished.seconds = ending.seconds;
  finished.runtime = attempt.runtime->name;
  finished.model = attempt.runtime->model;
  if (ending.facts.report) {
    finished.usage = usage_of_attempt(attempt.runtime->settings,
                                      attempt.is_resumed ? &attempt.session_usage : nullptr,
                                      ending.facts.report->usage);
    finished.session = ending.facts.report->session;
    ended.notes = ending.facts.report->notes;
  }
  ended.notes.insert(ended.notes.end(), unread.begin(), unread.end());

  Report report;
  HandedDocument handed;
  // Only a document that can still count is looked for.
  ending.facts.has_document = true;
  if (agent::decide_outcome(ending.facts).cause == "done") {
    handed = take_document(shared_.facts, attempt, ending.facts);
    ending.facts.has_document = handed.accepted.has_value();
  }
  agent::AttemptOutcome outcome = agent::decide_outcome(ending.facts);
  finished.cause = std::move(outcome.cause);
  finished.detail = std::move(outcome.detail);
  if (finished.cause == "done") {
    AcceptedDocument document = std::move(handed.accepted).value();
    ended.report = std::move(document.report);
    report.documents.push_back({attempt.name, std::move(document.text)});
  } else if (finished.cause == "no_document") {
    finished.detail = handed.accepted.error().message;
  } else if (finished.cause == "crashed") {
    const std::string line =
        last_line(tail_of_file(attempt.paths.directory / "stderr.log", kErrorBytes));
    if (!line.empty()) finished.detail += "; stderr ends: " + line;
    if (has_lost_session(attempt, ending, finished)) finished.cause = "session_lost";
  }
  KON_TRY_VOID(make_sure_of_workspace(attempt));
  if (attempt.lease)
    KON_TRY_VOID(close_lease(shared_.ports.files, attempt.paths.workspace, *attempt.lease));
  // An engine that died may have undone some of it.
  AttemptFindings findings;
  if (attempt.command.is_adopted) findings = read_findings(shared_.ports.files, attempt.paths);
  KON_TRY_VOID(put_back_protected(attempt, findings));
  finished.violations = findings.violations;
  ended.notes.insert(ended.notes.end(), findings.notes.begin(), findings.notes.end());
  const bool is_executor = attempt.command.role == RoleName::executor;
  const Result<void> concluded = is_executor ? conclude_executor(attempt, findings, ended)
                                             : conclude_reader(attempt, findings, ended);
  KON_TRY_VOID(concluded);
  const bool wants_session =
      is_executor && shared_.facts.config.execution.fix_attempts == config::FixAttempts::resume;
  if (wants_session && finished.cause == "done" && finished.session.empty() &&
      agent::can_resume(attempt.runtime->settings.kind))
    ended.notes.push_back("runtime " + quote(attempt.runtime->name) +
                          " cannot go on in its session: a fix begins a fresh one");
  if (finished.cause != "done") {
    ended.report = std::monostate{};
    report.documents.clear();
  }
  KON_TRY_VOID(
      shared_.ports.files.redact(attempt.paths.directory / "touched", shared_.facts.redactor));
  if (!shared_.facts.record_directory.empty()) KON_TRY_VOID(record(attempt, ended, handed.text));
  KON_TRY_VOID(write_exit_record(attempt, ended));
  KON_TRY_VOID(take_output_away(attempt, handed.text));
  report.outcome = std::move(ended);
  return report;
}

// What it printed, and whatever else it left beside that. Returns notes of what could not be read.
Result<std::vector<std::string>> AttemptConclusion::redact_directory(const Attempt& attempt) const {
  ports::FileStore& files = shared_.ports.files;
  KON_TRY(const std::vector<std::string> names, files.list(attempt.paths.directory));
  for (const std::string& name : names) {
    const fs::path path = attempt.paths.directory / name;
    if (path != attempt.paths.prompt && path != attempt.paths.plan)
      KON_TRY_VOID(files.redact(path, shared_.facts.redactor));
  }
  return unread_notes(attempt.paths.directory);
}

// An agent may have removed the very place it stood in; its document went along.
Result<void> AttemptConclusion::make_sure_of_workspace(const Attempt& attempt) {
  std::error_code error;
  if (shared_.is_in_place() || fs::exists(attempt.paths.workspace, error)) return {};
  if (attempt.original != nullptr) {
    KON_TRY(attempt.tree->workspace,
            shared_.ports.workspaces.open_copy(attempt.command.address.plan, attempt.head,
                                               ports::TreeUse::idle));
    attempt.tree->clean_at.clear();
    return {};
  }
  KON_TRY(attempt.tree->workspace, shared_.ports.workspaces.open(attempt.command.address.plan));
  attempt.tree->clean_at.clear();
  return {};
}

Result<void> AttemptConclusion::put_back_protected(const Attempt& attempt,
                                                   AttemptFindings& findings) {
  // Nobody else works in its workspace.
  KON_TRY(std::vector<std::string> lines, put_back_in_workspace(attempt));
  KON_TRY(std::vector<std::string> touched, put_back_shared(attempt));
  if (lines.empty() && touched.empty()) return {};
  for (std::string& line : lines)
    findings.violations.push_back(std::move(line));
  // With others at work at the same time nobody can say who touched these.
  const bool is_known_who = shared_.attempts_running <= 1;
  for (std::string& line : touched)
    (is_known_who ? findings.violations : findings.notes).push_back(std::move(line));
  return write_findings(shared_.ports.files, shared_.facts.redactor, attempt.paths, findings);
}

Result<std::vector<std::string>> AttemptConclusion::put_back_in_workspace(const Attempt& attempt) {
  if (!attempt.tree->files) return std::vector<std::string>{};
  const fs::path kept = attempt.paths.directory / "touched" / "workspace";
  KON_TRY(std::vector<std::string> lines, attempt.tree->files->restore(kept));
  for (std::string& line : lines)
    line.insert(0, "in its workspace: ");
  if (attempt.original == nullptr || !attempt.original->files) return lines;
  const fs::path kept_beside = attempt.paths.directory / "touched" / "original";
  KON_TRY(const std::vector<std::string> beside, attempt.original->files->restore(kept_beside));
  for (const std::string& line : beside)
    lines.push_back("in the executor's workspace: " + line);
  return lines;
}

Result<std::vector<std::string>> AttemptConclusion::put_back_shared(const Attempt& attempt) {
  const fs::path kept = attempt.paths.directory / "touched" / "project";
  KON_TRY(std::vector<std::string> lines, shared_.project_files->restore(kept));
  KON_TRY(const std::vector<std::string> refs,
          shared_.ports.workspaces.restore_guarded(attempt.tree->workspace, attempt.guard));
  lines.insert(lines.end(), refs.begin(), refs.end());
  return lines;
}

// Puts its tree back, and has it on disk before that what was there and what it was found to be.
Result<void> AttemptConclusion::undo(const Attempt& attempt, AttemptFindings& findings) {
  KON_TRY(std::string kept, keep_aside(shared_, attempt));
  if (!kept.empty()) findings.kept = std::move(kept);
  KON_TRY_VOID(
      write_findings(shared_.ports.files, shared_.facts.redactor, attempt.paths, findings));
  return reset_tree(shared_, attempt);
}

Result<void> AttemptConclusion::conclude_executor(const Attempt& attempt, AttemptFindings& findings,
                                                  engine::AttemptEnded& ended) {
  attempt.tree->left_by_run = attempt.run;
  attempt.tree->left_by_attempt = attempt.name;
  if (!findings.cause.empty()) {
    ended.finished.cause = findings.cause;
    ended.finished.detail = findings.detail;
  }
  if (ended.finished.cause != "done") {
    KON_TRY_VOID(undo(attempt, findings));
    ended.finished.kept = findings.kept;
    return {};
  }
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(std::string commit, shared_.ports.workspaces.snapshot(workspace, attempt.commit));
  KON_TRY(const std::string links, links_out(attempt, commit));
  if (!links.empty()) {
    findings.cause = kEscapedWorkspace;
    findings.detail = "it made links that lead out of the repository:" + links;
    KON_TRY_VOID(undo(attempt, findings));
    ended.finished.cause = findings.cause;
    ended.finished.detail = findings.detail;
    ended.finished.kept = findings.kept;
    return {};
  }
  workspace.head = commit;
  attempt.tree->clean_at = commit;
  ended.finished.commit = std::move(commit);
  predict_conflicts(attempt, ended);
  return {};
}

// A conflict that is seen early costs less than one at the end. Nothing depends on it.
void AttemptConclusion::predict_conflicts(const Attempt& attempt,
                                          engine::AttemptEnded& ended) const {
  const TaskAddress& address = attempt.command.address;
  if (address.is_phase() || address.is_merge()) return;
  const Result<std::vector<ports::PredictedConflict>> predicted =
      shared_.ports.workspaces.predict_conflicts(address.plan);
  if (predicted.has_error()) {
    ended.notes.push_back("conflicts to come cannot be told: " + predicted.error().message);
    return;
  }
  for (const ports::PredictedConflict& conflict : predicted.value())
    ended.predicted.push_back({address.plan, address.task, conflict.other, conflict.paths});
}

// Whoever writes through such a link, now or later, writes to a place that nobody looks at. Links
// that were there before are not the attempt's.
Result<std::string> AttemptConclusion::links_out(const Attempt& attempt,
                                                 const std::string& commit) const {
  KON_TRY(const std::vector<ports::FileChange> changes,
          shared_.ports.workspaces.changes(attempt.head, commit));
  const fs::path& workspace = attempt.paths.workspace;
  const fs::path top = tree_top(workspace);
  std::string links;
  for (const ports::FileChange& change : changes)
    if (is_link_out_of(top, workspace / change.path)) links += " " + quote(change.path);
  return to_valid_utf8(links);
}

// Of the tree it worked in, with what is known of it from before.
Result<void> AttemptConclusion::undo_changes(const Attempt& attempt, AttemptFindings& findings) {
  KON_TRY(const std::vector<ports::FileChange> now,
          shared_.ports.workspaces.dirt(attempt.tree->workspace, attempt.head));
  std::vector<ports::FileChange>& dirt = findings.changes;
  for (const ports::FileChange& change : now)
    if (std::find(dirt.begin(), dirt.end(), change) == dirt.end()) dirt.push_back(change);
  return now.empty() ? Result<void>() : undo(attempt, findings);
}

// It has no business there, but may not have been kept from it. Where the tree was not known to be
// clean before, whoever works there next puts it back, and nobody is blamed.
Result<void> AttemptConclusion::look_at_original(const Attempt& attempt,
                                                 AttemptFindings& findings) {
  if (attempt.original->clean_at != attempt.head) return {};
  Attempt beside = attempt;
  beside.tree = attempt.original;
  beside.original = nullptr;
  return undo_changes(beside, findings);
}

// Reviewers, researcher and assessor only read: a change is undone and makes the attempt a failed
// one; new files that nobody tracks are removed with a note.
Result<void> AttemptConclusion::conclude_reader(const Attempt& attempt, AttemptFindings& findings,
                                                engine::AttemptEnded& ended) {
  KON_TRY_VOID(undo_changes(attempt, findings));
  if (attempt.original != nullptr) KON_TRY_VOID(look_at_original(attempt, findings));
  const std::vector<ports::FileChange>& dirt = findings.changes;
  std::string changed;
  std::string left;
  for (const ports::FileChange& change : dirt)
    (is_new_file(change) ? left : changed) += " \"" + change.path + "\"";
  for (const std::string& line : ended.finished.violations)
    changed += " " + line;
  ended.finished.kept = findings.kept;
  if (!changed.empty() && engine::is_excused(ended.finished.cause)) {
    ended.notes.push_back("undid what " + ended.finished.role + " changed:" + changed + left);
  } else if (!changed.empty()) {
    ended.finished.cause = "changed_workspace";
    ended.finished.detail = "a role that only reads changed:" + changed + "; it is undone";
  } else if (!left.empty()) {
    ended.notes.push_back("removed what " + ended.finished.role + " left behind:" + left);
  }
  ended.finished.violations.clear();
  return {};
}

// For `--record`. What was cut off from outside, or refused, is not part of the story.
Result<void> AttemptConclusion::record(const Attempt& attempt, const engine::AttemptEnded& ended,
                                       const std::string& document) const {
  const engine::event::attempt_finished& finished = ended.finished;
  if (engine::is_excused(finished.cause)) return {};
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

Result<void> AttemptConclusion::write_exit_record(const Attempt& attempt,
                                                  const engine::AttemptEnded& ended) const {
  const engine::event::attempt_finished& finished = ended.finished;
  nlohmann::ordered_json record;
  record["cause"] = finished.cause;
  record["detail"] = to_valid_utf8(finished.detail);
  record["exit_code"] = finished.exit_code;
  record["signal"] = finished.signal;
  record["seconds"] = finished.seconds;
  record["commit"] = finished.commit;
  return shared_.ports.files.write(attempt.paths.directory / "exit.json",
                                   shared_.facts.redactor.redact(record.dump(2) + "\n"));
}

// Out of the tree. Who takes the attempt over, if this engine dies now, reads it in its run
// directory.
Result<void> AttemptConclusion::take_output_away(const Attempt& attempt,
                                                 const std::string& document) const {
  if (shared_.is_in_place()) return {};
  ports::FileStore& files = shared_.ports.files;
  if (!document.empty())
    KON_TRY_VOID(files.write(attempt.paths.directory / attempt.paths.output.filename(), document));
  return files.remove(attempt.paths.output.parent_path());
}

}  // namespace konductor::driver
