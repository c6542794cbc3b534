// SPDX-License-Identifier: MIT
#include "driver/attempt_conclusion.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "driver/attempt_documents.hpp"
#include "driver/cassette_recorder.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

bool is_new_file(const ports::FileChange& change) {
  return change.kind == ports::ChangeKind::added;
}

}  // namespace

Result<Report> AttemptConclusion::conclude(const Attempt& attempt, AttemptEnding ending) {
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

Result<std::vector<std::string>> AttemptConclusion::put_back_in_workspace(const Attempt& attempt) {
  if (!attempt.tree->files) return std::vector<std::string>{};
  const fs::path kept = attempt.paths.directory / "touched" / "workspace";
  KON_TRY(std::vector<std::string> lines, attempt.tree->files->restore(kept));
  for (std::string& line : lines)
    line = "in its workspace: " + line;
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

Result<void> AttemptConclusion::conclude_executor(const Attempt& attempt,
                                                  engine::AttemptEnded& ended) {
  if (ended.finished.cause != "done") return put_tree_back(shared_, attempt);
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(ended.finished.commit,
          shared_.ports.workspaces.snapshot(workspace, {attempt.commit_message}));
  workspace.head = ended.finished.commit;
  attempt.tree->clean_at = ended.finished.commit;
  return {};
}

// Reviewers, researcher and assessor only read: a change is undone and makes the attempt a failed
// one; new files that nobody tracks are removed with a note.
Result<void> AttemptConclusion::conclude_reader(const Attempt& attempt,
                                                engine::AttemptEnded& ended) {
  KON_TRY(const std::vector<ports::FileChange> dirt,
          shared_.ports.workspaces.dirt(attempt.tree->workspace, attempt.head));
  std::string changed;
  std::string left;
  for (const ports::FileChange& change : dirt)
    (is_new_file(change) ? left : changed) += " \"" + change.path + "\"";
  for (const std::string& line : ended.finished.violations)
    changed += " " + line;
  if (!dirt.empty()) KON_TRY_VOID(put_tree_back(shared_, attempt));
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
Result<void> AttemptConclusion::record(const Attempt& attempt, const engine::AttemptEnded& ended,
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
  return shared_.ports.files.write(attempt.paths.directory / "exit.json", record.dump(2) + "\n");
}

}  // namespace konductor::driver
