// SPDX-License-Identifier: MIT
#include "driver/handed_document.hpp"

#include "agent/last_message.hpp"
#include "agent/typed_document.hpp"
#include "base/text.hpp"

namespace konductor::driver {
namespace {

// The status or the verdict of such a report.
std::string result_word(const engine::AttemptReport& report) {
  if (const auto* summary = std::get_if<engine::SummaryReport>(&report)) return summary->status;
  const auto* review = std::get_if<engine::ReviewReport>(&report);
  return review != nullptr && review->is_pass ? "pass" : "fail";
}

// Where it was to write its document; a dead engine may have taken it from there.
Result<std::string> read_handed_in(const RunFacts& run, const Attempt& attempt) {
  const std::uint64_t bytes_max = run.config.limits.document_max;
  Result<std::string> text = read_output(attempt.paths.output, bytes_max);
  const bool is_missing = text.has_error() && text.error().code == ErrorCode::not_found;
  if (!is_missing || !attempt.command.is_adopted) return text;
  return read_output(attempt.paths.directory / attempt.paths.output.filename(), bytes_max);
}

HandedDocument read_document(const RunFacts& run, const Attempt& attempt, const std::string& text) {
  if (text.size() > run.config.limits.document_max)
    return {text, Error{ErrorCode::invalid_input, "it is larger than limits.document_max"}};
  const std::string clean = run.redactor.redact(text);
  return {clean, accept_document(attempt.command.action, clean)};
}

// The object that the agent was asked for by a schema, as the document that it stands for.
HandedDocument typed_answer(const RunFacts& run, const Attempt& attempt,
                            const agent::OutcomeFacts& facts) {
  const agent::TypedDocument document =
      agent::typed_document(attempt.runtime->settings, attempt.command.action);
  if (document == agent::TypedDocument::none || !facts.report) return {};
  const std::string answer = agent::document_of_message(facts.report->message);
  if (trim(answer).substr(0, 1) != "{") return {};
  Result<std::string> text = agent::markdown_of_answer(document, answer);
  if (text.has_error()) return {answer, text.error()};
  return read_document(run, attempt, text.value());
}

}  // namespace

HandedDocument take_document(const RunFacts& run, const Attempt& attempt,
                             const agent::OutcomeFacts& facts) {
  const Result<std::string> text = read_handed_in(run, attempt);
  const bool is_missing = text.has_error() && text.error().code == ErrorCode::not_found;
  HandedDocument handed;
  if (text.has_error())
    handed.accepted = text.error();
  else
    handed = read_document(run, attempt, text.value());
  const HandedDocument typed = typed_answer(run, attempt, facts);
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
    handed = read_document(run, attempt, message);
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

}  // namespace konductor::driver
