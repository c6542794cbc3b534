// SPDX-License-Identifier: MIT
#include "agent/summary.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::agent;

namespace {

Summary must_parse(std::string_view text) {
  Result<Summary> summary = parse_summary(text);
  if (summary.has_error()) FAIL(summary.error().message);
  return std::move(summary).value();
}

}  // namespace

TEST_CASE("a whole summary is read") {
  const Summary summary = must_parse(
      "# Plan 001 — Task 1 Summary\n\n## Status: DONE_WITH_CONCERNS\n\n## Files Created\n"
      "- `src/a.cpp`\n\n## Files Modified\n- `src/b.cpp`\n\n## Files Deleted\n- `src/c.cpp`\n\n"
      "## Concerns\n- [actionable] the lock is never released\n"
      "- [informational] the name is long\n- the cache may grow\n");
  CHECK(summary.status == Status::done_with_concerns);
  CHECK(summary.files_created == std::vector<std::string>{"src/a.cpp"});
  CHECK(summary.files_modified == std::vector<std::string>{"src/b.cpp"});
  CHECK(summary.files_deleted == std::vector<std::string>{"src/c.cpp"});
  CHECK(summary.concerns == std::vector<Concern>{{"the lock is never released", true},
                                                 {"the name is long", false},
                                                 {"the cache may grow", std::nullopt}});
}

TEST_CASE("every status word is known, and no other") {
  CHECK(must_parse("## Status: DONE\n").status == Status::done);
  CHECK(must_parse("## Status: DONE_WITH_CONCERNS\n").status == Status::done_with_concerns);
  CHECK(must_parse("## Status: NEEDS_CONTEXT\n").status == Status::needs_context);
  CHECK(must_parse("## Status: BLOCKED\n").status == Status::blocked);
  for (const char* text :
       {"## Status: done\n", "## Status: DONE!\n", "## Status: COMPLETE\n", "## Status:\n",
        "## Status: DONE WITH CONCERNS\n", "Status: DONE\n", "```\n## Status: DONE\n```\n",
        "## Status: DONE\n## Status: BLOCKED\n", "## Review Status: passed\n", "## Status: \xFF\n",
        "## Status: DONE\n\xFF"}) {
    INFO(text);
    CHECK(parse_summary(text).has_error());
  }
}

TEST_CASE("the question and the blocker are taken from their sections") {
  const Summary question = must_parse(
      "## Status: NEEDS_CONTEXT\r\n## Missing Context\r\nWhich port?\r\n\r\nAnd host?\r\n");
  CHECK(question.missing_context == "Which port?\n\nAnd host?");
  CHECK(must_parse("## Status: BLOCKED\n## Blocker: no network\n").blocker == "no network");
  CHECK(must_parse("## Status: BLOCKED\n").blocker.empty());
}

TEST_CASE("done with concerns but without any has none") {
  CHECK(must_parse("## Status: DONE_WITH_CONCERNS\n").concerns.empty());
  CHECK(must_parse("## Status: DONE_WITH_CONCERNS\n## Concerns\n\nNone.\n").concerns.empty());
}

TEST_CASE("a mark alone is no concern") {
  CHECK(must_parse("## Status: DONE_WITH_CONCERNS\n## Concerns\n- [actionable]\n- it may leak\n"
                   "- [informational] \n")
            .concerns == std::vector<Concern>{{"it may leak", std::nullopt}});
}

TEST_CASE("what is filed lacks the review status, and the rest is untouched") {
  CHECK(must_parse("# T\n\n## Status: DONE\n\n## Review Status: passed\n\n## Notes\nx\n").text ==
        "# T\n\n## Status: DONE\n\n\n## Notes\nx\n");
}

TEST_CASE("a second status is one whatever blank stands before it") {
  for (const char* blank : {"", " ", "\f", "\v", "\r\f"}) {
    const std::string second = std::string(blank) + "## Status: BLOCKED\n";
    CHECK(parse_summary("## Status: DONE\n" + second).has_error());
  }
}

TEST_CASE("what is read of a summary is what its filed text says") {
  const Summary summary = must_parse(
      "## Status: DONE_WITH_CONCERNS\n## Concerns\n- one\n## Review Status: passed\n- two\n");
  CHECK(summary.concerns == std::vector<Concern>{{"one", std::nullopt}, {"two", std::nullopt}});
  CHECK(must_parse(summary.text).concerns == summary.concerns);
}

TEST_CASE("a concern keeps its mark on its way through an event") {
  for (const Concern& concern :
       {Concern{"a", true}, Concern{"b", false}, Concern{"c", std::nullopt}})
    CHECK(parse_concern(marked_text(concern)) == concern);
  CHECK(marked_text(Concern{"a", true}) == "[actionable] a");
  CHECK(marked_text(Concern{"a", false}) == "[informational] a");
  CHECK(marked_text(Concern{"a", std::nullopt}) == "a");
}

TEST_CASE("a summary may ask for more files") {
  const Result<Summary> asks = parse_summary(
      "## Status: NEEDS_CONTEXT\n\n## Files Needed\n\n- `src/a.cpp` - calls it\n- tests/\n");
  REQUIRE(asks.has_value());
  CHECK(asks.value().files_needed == std::vector<std::string>{"src/a.cpp", "tests/"});
  CHECK(asks.value().missing_context.empty());
}
