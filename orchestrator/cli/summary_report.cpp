// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/text.hpp"
#include "cli/cost_command.hpp"
#include "cli/output.hpp"
#include "cli/phase_report.hpp"
#include "cli/report_facts.hpp"
#include "cli/result_text.hpp"

namespace konductor::cli {
namespace {

using Outcome = ReportLine::Outcome;

// One line in which nothing is markup.
std::string plain(std::string_view stranger) {
  constexpr std::string_view kMarkup = "\\`*_{}[]()<>#+-!|~&@";
  std::string text;
  for (const char c : one_line(stranger, 1000)) {
    if (kMarkup.find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

// A command of our own, which may hold a name that a person chose.
std::string fenced(std::string_view command) {
  std::size_t ticks = 3;
  std::size_t row = 0;
  for (const char c : command) {
    row = c == '`' ? row + 1 : 0;
    ticks = std::max(ticks, row + 1);
  }
  const std::string fence(ticks, '`');
  return fence + "sh\n" + one_line(command, 2000) + "\n" + fence + "\n";
}

std::string_view mark_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "✅";
    case Outcome::failed:
      return "❌";
    case Outcome::skipped:
      break;
  }
  return "⏭";
}

std::string table_text(const std::vector<ReportLine>& lines) {
  std::string text =
      "| wave | task | outcome | attempts | time | cost |\n"
      "| ---: | --- | --- | ---: | ---: | ---: |\n";
  for (const ReportLine& line : lines) {
    const bool has_run = line.took.attempts_started > 0;
    text += "| " + (line.wave > 0 ? std::to_string(line.wave) : std::string("")) + " | " +
            plain(line.plan) + " " + plain(line.name) + " | " + std::string(mark_of(line.outcome)) +
            " " + plain(line.state) + " | " + std::to_string(line.took.attempts_started) + " | " +
            (has_run ? duration_text(line.took.seconds()) : std::string("–")) + " | " +
            (line.took.cost.attempts > 0 ? plain(money_text(line.took.cost)) : std::string("–")) +
            " |\n";
  }
  return text;
}

std::string matters_text(const char* title, const std::vector<OpenMatter>& matters) {
  std::string text = matters.empty() ? "" : std::string("\n## ") + title + "\n\n";
  for (const OpenMatter& matter : matters)
    text += "- **" + plain(matter.name) + "**: " + plain(matter.reason) + "\n" +
            (matter.command.empty() ? "" : "\n" + fenced(matter.command));
  return text;
}

std::string matters_text(const ReportFacts& facts) {
  const PhaseReport report = report_phase(facts.document.phase, facts.state);
  return matters_text("Blocked", report.blockers) +
         matters_text("Needs a person", report.needs_manual) +
         matters_text("Failed: the next run tries again", report.failed) +
         matters_text("Skipped", report.skipped);
}

std::string review_text(const ReportFacts& facts) {
  if (!facts.document.is_review_enabled) return "\nHolistic review: off.\n";
  const engine::TaskState& state = facts.state.holistic().state;
  if (std::holds_alternative<engine::state::completed>(state))
    return "\nHolistic review: **passed**.\n";
  if (const auto* blocked = std::get_if<engine::state::blocked>(&state))
    return "\nHolistic review: **does not pass**: " + plain(blocked->reason) + "\n";
  return "\nHolistic review: not reached.\n";
}

std::string head_text(const ReportFacts& facts) {
  const ResultDocument& document = facts.document;
  std::string text = "# konductor: " + plain(document.message) + "\n\n" + "Outcome **" +
                     plain(document.outcome) + "**, exit code " + std::to_string(document.exit);
  if (!document.run) return text + "; nothing was started.\n";
  text += "; run `" + *document.run + "` took " + duration_text(document.seconds) + " and " +
          counted(static_cast<std::size_t>(facts.run.attempts_started), "attempt");
  if (facts.run.cost.attempts > 0) text += ", cost " + plain(money_text(facts.run.cost));
  return text + ".\n";
}

std::string delivery_text(const ResultDocument& document) {
  if (document.delivery_state != "kept" || document.delivery.command.empty()) return {};
  return "\n## Bring the result home\n\nIt is on a branch of its own" +
         (document.delivery.detail.empty() ? std::string()
                                           : ", because " + plain(document.delivery.detail)) +
         ".\n\n" + fenced(document.delivery.command);
}

std::string errors_text(const ResultDocument& document) {
  if (document.errors.empty()) return {};
  std::string text = "\n## Errors\n\n";
  for (const ResultError& error : document.errors) {
    text += "- ";
    if (!error.path.empty())
      text += plain(error.path) + (error.line > 0 ? ":" + std::to_string(error.line) : "") + ": ";
    text += plain(error.message) + (error.hint.empty() ? "" : "; " + plain(error.hint)) + "\n";
  }
  return text;
}

}  // namespace

std::string summary_report(const ReportFacts& facts) {
  std::string text = head_text(facts) + errors_text(facts.document);
  const std::vector<ReportLine> lines = report_lines(facts);
  if (!lines.empty()) text += "\n" + table_text(lines) + review_text(facts);
  text += matters_text(facts) + delivery_text(facts.document);
  if (facts.document.run && facts.document.outcome != "complete")
    text += "\n## Next\n\n" + fenced("konductor execute " + facts.document.phase);
  return text;
}

}  // namespace konductor::cli
