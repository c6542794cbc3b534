// SPDX-License-Identifier: MIT
#include "cli/result_text.hpp"

#include <cmath>

#include "base/text.hpp"
#include "cli/phase_report.hpp"

namespace konductor::cli {
namespace {

// What the run was narrowed to: "task 01/002/3".
std::string subject(const ResultDocument& document) {
  const engine::RunScope& scope = document.scope;
  if (scope.only) return "task " + address_text(document.phase, *scope.only);
  if (scope.plan) return "plan " + plan_address_text(document.phase, *scope.plan);
  return "phase " + document.phase;
}

std::string up_to(const ResultDocument& document) {
  const std::optional<int>& wave = document.scope.until_wave;
  return wave ? " up to wave " + std::to_string(*wave) : std::string();
}

PhaseReport report_of(const ResultDocument& document) {
  return document.state == nullptr ? PhaseReport{} : report_phase(document.phase, *document.state);
}

// "1 task failed, 2 need manual review".
std::string shortfall(const PhaseReport& report) {
  std::vector<std::string> parts;
  auto add = [&parts](const std::vector<OpenMatter>& matters, const std::string& what) {
    if (!matters.empty()) parts.push_back(std::to_string(matters.size()) + " " + what);
  };
  add(report.failed, "failed");
  add(report.blockers, "blocked");
  add(report.needs_manual,
      report.needs_manual.size() == 1 ? "needs manual review" : "need manual review");
  add(report.skipped, "skipped");
  return parts.empty() ? std::string() : ": " + join(parts, ", ");
}

std::string blocked_message(const ResultDocument& document, const PhaseReport& report) {
  const bool is_holistic =
      report.blockers.size() == 1 && report.blockers.front().address.is_phase();
  const std::string phase = "phase " + document.phase;
  if (is_holistic) return phase + " is blocked: its holistic review does not pass";
  return phase + " is blocked: " + counted(report.blockers.size(), "blocker");
}

void print_delivery(std::ostream& stream, const ResultDocument& document) {
  const ports::Delivery& delivery = document.delivery;
  const std::string& state = document.delivery_state;
  if (state == "fast_forwarded" || state == "merged" || state == "working_tree") {
    stream << "  "
           << (delivery.detail.empty() ? "your branch holds the result" : one_line(delivery.detail))
           << "\n";
  } else if (state == "in_place") {
    stream << "  the result is in your working directory\n";
  } else if (state == "kept") {
    stream << "  the result is on its own branch"
           << (delivery.detail.empty() ? "" : ", because " + one_line(delivery.detail))
           << "; bring it home with\n      " << one_line(delivery.command) << "\n";
  }
  for (const ports::BehindBranch& behind : delivery.behind)
    stream << "  " << behind.branch << " is behind " << join(behind.of, " and ")
           << ", which its plan depends on; bring it up with\n      " << behind.command << "\n";
}

// How wrong the expectation was.
std::string timing(const ResultDocument& document) {
  if (document.expected_seconds <= 0 || document.outcome != "complete") return "";
  const double share = document.seconds / document.expected_seconds - 1;
  const int percent = static_cast<int>(std::lround(std::abs(share) * 100));
  std::string text = "  took " + duration_text(document.seconds) + "; expected were " +
                     duration_text(document.expected_seconds);
  if (percent > 0)
    text += " (" + std::to_string(percent) + " % " + (share > 0 ? "longer" : "shorter") + ")";
  return text + "\n";
}

bool goes_on(const ResultDocument& document) {
  return document.outcome != "complete" || document.scope.plan || document.scope.only ||
         document.scope.until_wave;
}

std::string continuation(const ResultDocument& document, const PhaseReport& report) {
  const std::string execute = "konductor execute " + document.phase;
  if (document.outcome == "circuit_breaker" || document.outcome == "blocked")
    return "free what is blocked, then `" + execute + "`; or run all of it again with `" + execute +
           " --retry-blocked`";
  if (document.outcome == "failures")
    return "see the attempts' stderr.log there, mend the agent, then `" + execute + "`";
  if (!report.needs_manual.empty()) return "settle what needs you, then `" + execute + "`";
  return "go on with `" + execute + "`";
}

}  // namespace

std::string result_message(const ResultDocument& document) {
  const PhaseReport report = report_of(document);
  const std::string& outcome = document.outcome;
  if (outcome == "complete") return subject(document) + " is complete" + up_to(document);
  if (outcome == "incomplete")
    return subject(document) + " is not complete" + up_to(document) + shortfall(report);
  if (outcome == "blocked") return blocked_message(document, report);
  if (outcome == "circuit_breaker")
    return "the circuit breaker stopped phase " + document.phase + ": " +
           counted(report.blockers.size(), "task") + " blocked";
  if (outcome == "failures")
    return "phase " + document.phase +
           " was stopped: attempts of several tasks failed in a row with no success between, so "
           "the agent itself seems broken";
  if (outcome == "interrupted")
    return "phase " + document.phase + " was interrupted; what is done is kept";
  if (outcome == "limit") return "a limit stopped phase " + document.phase;
  if (outcome == "dry_run") return "nothing was started";
  if (!document.errors.empty()) return document.errors.front().message;
  return "phase " + document.phase + " could not go on";
}

void print_result(std::ostream& stream, const Paint& paint, const ResultDocument& document,
                  const std::filesystem::path& run_directory, bool is_quiet) {
  const PhaseReport report = report_of(document);
  const std::string message = one_line(result_message(document));
  const bool is_complete = document.outcome == "complete";
  stream << "\n" << (is_complete ? paint.green(message) : paint.bold(message)) << "\n";
  print_delivery(stream, document);
  stream << report_text(report);
  if (is_quiet) return;
  stream << timing(document);
  stream << "  prompts, output and exit of every attempt: " << run_directory.string() << "\n";
  if (goes_on(document)) stream << "  " << continuation(document, report) << "\n";
  stream << std::flush;
}

}  // namespace konductor::cli
