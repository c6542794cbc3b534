// SPDX-License-Identifier: MIT
#include "driver/attempt_documents.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/assessment.hpp"
#include "agent/research.hpp"
#include "agent/review.hpp"
#include "agent/summary.hpp"
#include "base/check.hpp"
#include "plan/plan_loader.hpp"
#include "plan/tasks.hpp"

namespace konductor::driver {
namespace {

using engine::Action;

Result<AcceptedDocument> accept_summary(std::string_view text) {
  KON_TRY(agent::Summary summary, agent::parse_summary(text));
  engine::SummaryReport report;
  report.status = agent::to_string(summary.status);
  for (const agent::Concern& concern : summary.concerns)
    report.concerns.push_back(agent::marked_text(concern));
  if (summary.status == agent::Status::needs_context) report.text = summary.missing_context;
  if (summary.status == agent::Status::blocked) report.text = summary.blocker;
  report.files_needed = std::move(summary.files_needed);
  return AcceptedDocument{std::move(report), std::move(summary.text)};
}

Result<AcceptedDocument> accept_review(Action action, std::string_view text) {
  const std::string_view role = to_string(engine::role_of(action));
  KON_TRY(agent::Review review, agent::parse_review(text, role));
  return AcceptedDocument{engine::ReviewReport{review.is_pass, std::move(review.findings)},
                          std::move(review.text)};
}

engine::SubTask sub_task_of(const plan::Task& task) {
  return {0, task.title, task.files, task.action, task.verify, task.done};
}

Result<AcceptedDocument> accept_assessment(std::string_view text) {
  using Decision = engine::AssessmentReport::Decision;
  KON_TRY(agent::Assessment assessment, agent::parse_assessment(text));
  engine::AssessmentReport report;
  report.context = std::move(assessment.context);
  switch (assessment.decision) {
    case agent::Assessment::Decision::context:
      report.decision = Decision::context;
      break;
    case agent::Assessment::Decision::split:
      report.decision = Decision::split;
      break;
    case agent::Assessment::Decision::escalate:
      report.decision = Decision::escalate;
      break;
  }
  if (report.decision == Decision::split) {
    std::vector<plan::Diagnostic> diagnostics;
    for (const plan::Task& task : plan::parse_tasks(assessment.tasks_markdown, diagnostics))
      report.tasks.push_back(sub_task_of(task));
    for (const plan::Diagnostic& diagnostic : diagnostics)
      if (diagnostic.severity == plan::Severity::error)
        return Error{ErrorCode::invalid_input, "its sub-tasks: " + diagnostic.message};
    if (report.tasks.empty())
      return Error{ErrorCode::invalid_input, "it splits the task but lists no \"### Task N\""};
  }
  return AcceptedDocument{std::move(report), std::string(text)};
}

Result<AcceptedDocument> accept_concerns(std::string_view text) {
  KON_TRY(const std::vector<agent::Concern> concerns, agent::parse_concern_assessment(text));
  engine::ConcernsReport report;
  for (const agent::Concern& concern : concerns)
    (concern.is_actionable.value_or(true) ? report.actionable : report.informational)
        .push_back(agent::marked_text(concern));
  return AcceptedDocument{std::move(report), std::string(text)};
}

}  // namespace

Result<std::string> read_output(const std::filesystem::path& path, std::uint64_t bytes_max) {
  // O_NONBLOCK: a named pipe in the file's place must not hold the engine up.
  const int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    if (errno == ENOENT)
      return Error{ErrorCode::not_found,
                   "it handed in no document: nothing is at $KONDUCTOR_OUTPUT"};
    if (errno == ELOOP)
      return Error{ErrorCode::invalid_input, "its document is a link, not a file"};
    return error_from_errno(errno, "reading its document");
  }
  struct stat status {};
  std::string text;
  Result<std::string> result =
      Error{ErrorCode::invalid_input, "its document is not a regular file"};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    if (status.st_nlink > 1) {
      result = Error{ErrorCode::invalid_input, "its document is a link to another file"};
    } else if (static_cast<std::uint64_t>(status.st_size) > bytes_max) {
      result = Error{ErrorCode::invalid_input,
                     "its document has " + std::to_string(status.st_size) +
                         " bytes; limits.document_max is " + std::to_string(bytes_max)};
    } else {
      text.resize(static_cast<std::size_t>(status.st_size));
      std::size_t done = 0;
      while (done < text.size()) {
        const ssize_t got = ::read(file, text.data() + done, text.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
      }
      text.resize(done);
      result = std::move(text);
    }
  }
  ::close(file);
  return result;
}

Result<AcceptedDocument> accept_document(Action action, std::string_view text) {
  switch (action) {
    case Action::execute:
      return accept_summary(text);
    case Action::review_spec:
    case Action::review_quality:
    case Action::review_holistic:
      return accept_review(action, text);
    case Action::research: {
      KON_TRY(std::string context, agent::parse_research(text));
      return AcceptedDocument{engine::ContextReport{std::move(context)}, std::string(text)};
    }
    case Action::assess_blocker:
      return accept_assessment(text);
    case Action::assess_concerns:
      return accept_concerns(text);
    case Action::check_gates:
      break;
  }
  KON_CHECK(false);
}

}  // namespace konductor::driver
