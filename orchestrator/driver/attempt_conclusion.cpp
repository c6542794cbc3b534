// SPDX-License-Identifier: MIT
#include "driver/attempt_conclusion.hpp"

#include <nlohmann/json.hpp>

#include "agent/agent_cli.hpp"
#include "agent/last_message.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"
#include "driver/attempt_lease.hpp"
#include "driver/attempt_record.hpp"
#include "driver/cassette_recorder.hpp"
#include "driver/file_tail.hpp"
#include "driver/redaction.hpp"
#include "driver/workspace_paths.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kTailBytes = 400;

std::string last_line(std::string_view text) {
  const auto lines = split_lines(trim(text));
  return lines.empty() ? std::string() : to_valid_utf8(lines.back());
}

// The status or the verdict of such a report.
std::string result_word(const engine::AttemptReport& report) {
  if (const auto* summary = std::get_if<engine::SummaryReport>(&report)) return summary->status;
  const auto* review = std::get_if<engine::ReviewReport>(&report);
  return review != nullptr && review->is_pass ? "pass" : "fail";
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
  KON_TRY_VOID(redact_directory(attempt));
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

  Report report;
  Handed handed;
  // Only a document that can still count is looked for.
  ending.facts.has_document = true;
  if (agent::decide_outcome(ending.facts).cause == "done") {
    handed = take_document(attempt, ending.facts);
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
        last_line(tail_of_file(attempt.paths.directory / "stderr.log", kTailBytes));
    if (!line.empty()) finished.detail += "; stderr ends: " + line;
    if (has_lost_session(attempt, ending, finished)) finished.cause = "session_lost";
  }
  KON_TRY_VOID(make_sure_of_workspace(attempt));
  if (attempt.lease)
    KON_TRY_VOID(close_lease(shared_.ports.files, attempt.paths.workspace, *attempt.lease));
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
  if (!shared_.is_in_place())
    KON_TRY_VOID(shared_.ports.files.remove(attempt.paths.output.parent_path()));
  report.outcome = std::move(ended);
  return report;
}

// What it printed, and whatever else it left beside that.
Result<void> AttemptConclusion::redact_directory(const Attempt& attempt) const {
  ports::FileStore& files = shared_.ports.files;
  KON_TRY(const std::vector<std::string> names, files.list(attempt.paths.directory));
  for (const std::string& name : names) {
    const fs::path path = attempt.paths.directory / name;
    if (path != attempt.paths.prompt && path != attempt.paths.plan)
      KON_TRY_VOID(files.redact(path, shared_.facts.redactor));
  }
  return {};
}

// What the role wrote; when that is nothing that counts, the object that it was asked for; when it
// wrote nothing, what it said last.
AttemptConclusion::Handed AttemptConclusion::take_document(const Attempt& attempt,
                                                           const agent::OutcomeFacts& facts) const {
  const std::uint64_t bytes_max = shared_.facts.config.limits.document_max;
  const Result<std::string> text = read_output(attempt.paths.output, bytes_max);
  const bool is_missing = text.has_error() && text.error().code == ErrorCode::not_found;
  Handed handed;
  if (text.has_error())
    handed.accepted = text.error();
  else
    handed = read_document(attempt, text.value());
  const Handed typed = typed_answer(attempt, facts);
  if (typed.accepted.has_value()) {
    if (handed.accepted.has_error()) return typed;
    const std::string written = result_word(handed.accepted.value().report);
    const std::string answered = result_word(typed.accepted.value().report);
    // Two different results are none, wherever they stand.
    if (written != answered)
      handed.accepted = Error{ErrorCode::invalid_input, "its document says " + written +
                                                            " and the object that it answered "
                                                            "with " +
                                                            answered};
  } else if (is_missing && facts.report && !facts.report->message.empty()) {
    const std::string message = agent::document_of_message(facts.report->message);
    handed = read_document(attempt, message);
    const bool is_object = !typed.text.empty();
    if (is_object && handed.accepted.has_error())
      handed.accepted = typed.accepted.error().with_context(
          "it wrote no document, and the object that it answered with is none");
    else if (handed.accepted.has_error())
      handed.accepted = handed.accepted.error().with_context(
          "it wrote no document, and its last message is none");
  }
  return handed;
}

AttemptConclusion::Handed AttemptConclusion::read_document(const Attempt& attempt,
                                                           const std::string& text) const {
  if (text.size() > shared_.facts.config.limits.document_max)
    return {text, Error{ErrorCode::invalid_input, "it is larger than limits.document_max"}};
  const std::string clean = shared_.facts.redactor.redact(text);
  return {clean, accept_document(attempt.command.action, clean)};
}

// The object that the agent was asked for by a schema, as the document that it stands for.
AttemptConclusion::Handed AttemptConclusion::typed_answer(const Attempt& attempt,
                                                          const agent::OutcomeFacts& facts) const {
  const agent::TypedDocument document =
      agent::typed_document(attempt.runtime->settings, attempt.command.action);
  if (document == agent::TypedDocument::none || !facts.report) return {};
  const std::string answer = agent::document_of_message(facts.report->message);
  if (trim(answer).substr(0, 1) != "{") return {};
  Result<std::string> text = agent::markdown_of_answer(document, answer);
  if (text.has_error()) return {answer, text.error()};
  return read_document(attempt, text.value());
}

// An agent may have removed the very place it stood in; its document went along.
Result<void> AttemptConclusion::make_sure_of_workspace(const Attempt& attempt) {
  std::error_code error;
  if (shared_.is_in_place() || fs::exists(attempt.paths.workspace, error)) return {};
  KON_TRY(attempt.tree->workspace, shared_.ports.workspaces.open(attempt.command.address.plan));
  attempt.tree->clean_at.clear();
  return {};
}

Result<std::vector<std::string>> AttemptConclusion::put_back_in_workspace(const Attempt& attempt) {
  if (!attempt.tree->files) return std::vector<std::string>{};
  const fs::path kept = attempt.paths.directory / "touched" / "workspace";
  KON_TRY(std::vector<std::string> lines, attempt.tree->files->restore(kept));
  for (std::string& line : lines)
    line.insert(0, "in its workspace: ");
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
  attempt.tree->left_by_run = attempt.run;
  attempt.tree->left_by_attempt = attempt.name;
  if (ended.finished.cause != "done") {
    KON_TRY(ended.finished.kept, put_tree_back(shared_, attempt));
    return {};
  }
  ports::Workspace& workspace = attempt.tree->workspace;
  KON_TRY(std::string commit, shared_.ports.workspaces.snapshot(workspace, attempt.commit));
  KON_TRY(const std::string links, links_out(attempt, commit));
  if (!links.empty()) {
    ended.finished.cause = "escaped_workspace";
    ended.finished.detail = "it made links that lead out of the repository:" + links;
    KON_TRY(ended.finished.kept, put_tree_back(shared_, attempt));
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
  if (!dirt.empty()) {
    KON_TRY(ended.finished.kept, put_tree_back(shared_, attempt));
  }
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

}  // namespace konductor::driver
