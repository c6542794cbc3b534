// SPDX-License-Identifier: MIT
#include "agent/attempt_outcome.hpp"

namespace konductor::agent {
namespace {

using End = StreamReport::End;

std::string process_text(const OutcomeFacts& facts) {
  return facts.signal != 0 ? "ended by signal " + std::to_string(facts.signal)
                           : "exit " + std::to_string(facts.exit_code);
}

AttemptOutcome by_document(const OutcomeFacts& facts) {
  return {facts.has_document ? "done" : "no_document", ""};
}

AttemptOutcome by_own_words(const OutcomeFacts& facts) {
  const StreamReport& report = *facts.report;
  return {report.cause.empty() ? "crashed" : report.cause,
          report.detail.empty() ? process_text(facts) : report.detail};
}

// What the agent said and did, whatever the system did to it.
AttemptOutcome by_itself(const OutcomeFacts& facts) {
  const bool is_clean = facts.exit_code == 0 && facts.signal == 0;
  const AttemptOutcome crashed = {"crashed", process_text(facts)};
  if (!facts.report) return is_clean ? by_document(facts) : crashed;
  switch (facts.report->end) {
    case End::failure:
      return by_own_words(facts);
    case End::success:
      if (is_clean) return by_document(facts);
      return {"crashed", process_text(facts) + " after it had said that all is well"};
    case End::none:
      break;
  }
  if (is_clean) {
    const std::string& detail = facts.report->detail;
    return {"protocol_error", detail.empty() ? "it ended without saying how" : detail};
  }
  return facts.signal == 0 ? by_own_words(facts) : crashed;
}

bool may_be_for_want_of_memory(const std::string& cause) {
  return cause == "crashed" || cause == "protocol_error" || cause == "no_document";
}

}  // namespace

AttemptOutcome decide_outcome(const OutcomeFacts& facts) {
  if (!facts.ended_by.empty()) return {facts.ended_by, ""};
  AttemptOutcome outcome = by_itself(facts);
  if (!facts.is_out_of_memory || !may_be_for_want_of_memory(outcome.cause)) return outcome;
  const std::string seen = outcome.detail.empty() ? outcome.cause : outcome.detail;
  return {"memory_limit",
          "the kernel killed a process of it that went past limits.memory; " + seen};
}

}  // namespace konductor::agent
