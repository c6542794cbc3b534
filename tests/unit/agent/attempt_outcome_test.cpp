// SPDX-License-Identifier: MIT
#include "agent/attempt_outcome.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::agent;
using End = StreamReport::End;

namespace {

// Every combination of what can be known, in words.
struct Case {
  std::string ended_by;
  std::optional<End> end;
  std::string told;     // Cause of the final event, or of the last error.
  std::string process;  // "exit 0", "exit 1", "signal"
  bool has_document = false;
};

OutcomeFacts facts_of(const Case& one) {
  OutcomeFacts facts;
  facts.ended_by = one.ended_by;
  if (one.end) {
    facts.report = StreamReport();
    facts.report->end = *one.end;
    facts.report->cause = one.told;
    facts.report->detail = one.told.empty() ? "" : "its words";
  }
  if (one.process == "exit 1") facts.exit_code = 1;
  if (one.process == "signal") {
    facts.exit_code = -1;
    facts.signal = 9;
  }
  facts.has_document = one.has_document;
  return facts;
}

std::string cause_of(const Case& one) {
  return decide_outcome(facts_of(one)).cause;
}

// A second opinion, written the other way round: what an outcome takes.
std::string expected(const Case& one) {
  const bool is_clean = one.process == "exit 0";
  if (!one.ended_by.empty()) return one.ended_by;
  if (one.end == End::failure) return one.told.empty() ? "crashed" : one.told;
  if (is_clean && one.end != End::none) return one.has_document ? "done" : "no_document";
  if (is_clean) return "protocol_error";
  if (one.end == End::none && one.process == "exit 1" && !one.told.empty()) return one.told;
  return "crashed";
}

}  // namespace

TEST_CASE("every combination of facts has the outcome of the table") {
  int done = 0;
  for (const char* ended_by : {"", "timed_out", "stalled", "output_limit", "cancelled"})
    for (const std::optional<End> end : {std::optional<End>(), std::optional(End::none),
                                         std::optional(End::success), std::optional(End::failure)})
      for (const char* told : {"", "quota", "auth", "overloaded", "network", "context_too_long"})
        for (const char* process : {"exit 0", "exit 1", "signal"})
          for (const bool has_document : {true, false}) {
            if (!end && told[0] != '\0') continue;
            // What succeeded has no cause to tell.
            if (end == End::success && told[0] != '\0') continue;
            const Case one{ended_by, end, told, process, has_document};
            CAPTURE(ended_by, told, process, has_document, end ? static_cast<int>(*end) : -1);
            CHECK(cause_of(one) == expected(one));
            if (cause_of(one) == "done") ++done;
          }
  // By itself, cleanly, with a document, and not otherwise: once with a final event, once without.
  CHECK(done == 2);
}

TEST_CASE("rows of the table, one by one") {
  CHECK(cause_of({"", std::nullopt, "", "exit 0", true}) == "done");
  CHECK(cause_of({"", std::nullopt, "", "exit 0", false}) == "no_document");
  CHECK(cause_of({"", std::nullopt, "", "exit 1", true}) == "crashed");
  CHECK(cause_of({"", std::nullopt, "", "signal", true}) == "crashed");
  CHECK(cause_of({"", End::none, "", "exit 0", true}) == "protocol_error");
  CHECK(cause_of({"", End::none, "quota", "exit 0", true}) == "protocol_error");
  CHECK(cause_of({"", End::none, "auth", "exit 1", false}) == "auth");
  CHECK(cause_of({"", End::none, "", "exit 1", true}) == "crashed");
  CHECK(cause_of({"", End::none, "quota", "signal", false}) == "crashed");
  CHECK(cause_of({"", End::success, "", "exit 0", true}) == "done");
  CHECK(cause_of({"", End::success, "", "exit 0", false}) == "no_document");
  CHECK(cause_of({"", End::success, "", "exit 1", true}) == "crashed");
  CHECK(cause_of({"", End::success, "", "signal", true}) == "crashed");
  CHECK(cause_of({"", End::failure, "quota", "exit 0", true}) == "quota");
  CHECK(cause_of({"", End::failure, "", "exit 0", true}) == "crashed");
  CHECK(cause_of({"", End::failure, "auth", "signal", true}) == "auth");
  CHECK(cause_of({"timed_out", End::success, "", "exit 0", true}) == "timed_out");
}

TEST_CASE("an attempt that the kernel ended for want of memory says so") {
  const auto short_of_memory = [](const Case& one) {
    OutcomeFacts facts = facts_of(one);
    facts.is_out_of_memory = true;
    return decide_outcome(facts);
  };
  const AttemptOutcome killed = short_of_memory({"", std::nullopt, "", "signal", false});
  CHECK(killed.cause == "memory_limit");
  CHECK(killed.detail ==
        "the kernel killed a process of it that went past limits.memory; ended by signal 9");
  CHECK(short_of_memory({"", std::nullopt, "", "exit 0", false}).cause == "memory_limit");
  CHECK(short_of_memory({"", End::none, "", "exit 0", false}).cause == "memory_limit");
  // It lived with it, or ended for another reason.
  CHECK(short_of_memory({"", std::nullopt, "", "exit 0", true}).cause == "done");
  CHECK(short_of_memory({"", End::failure, "quota", "exit 1", false}).cause == "quota");
  CHECK(short_of_memory({"timed_out", std::nullopt, "", "signal", false}).cause == "timed_out");
}

TEST_CASE("an outcome says why") {
  CHECK(decide_outcome(facts_of({"", std::nullopt, "", "exit 1", false})).detail == "exit 1");
  CHECK(decide_outcome(facts_of({"", End::none, "", "signal", false})).detail ==
        "ended by signal 9");
  CHECK(decide_outcome(facts_of({"", End::failure, "quota", "exit 1", false})).detail ==
        "its words");
  CHECK(decide_outcome(facts_of({"", End::failure, "", "exit 1", false})).detail == "exit 1");
  CHECK(decide_outcome(facts_of({"", End::success, "", "exit 1", true})).detail ==
        "exit 1 after it had said that all is well");
  CHECK(decide_outcome(facts_of({"", End::success, "", "exit 0", true})).detail.empty());
}
