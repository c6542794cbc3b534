// SPDX-License-Identifier: MIT
#include "agent/review.hpp"

#include <catch2/catch.hpp>

#include "agent/assessment.hpp"
#include "agent/research.hpp"

using namespace konductor;
using namespace konductor::agent;
using engine::Finding;

namespace {

Review must_parse(std::string_view text) {
  Result<Review> review = parse_review(text, "spec-reviewer");
  if (review.has_error()) FAIL(review.error().message);
  return std::move(review).value();
}

}  // namespace

TEST_CASE("a review gives its verdict and its findings") {
  const Review review = must_parse(
      "# Spec review\n## Verdict: fail\n## Findings\n"
      "- [significant] src/a.cpp:12 — the result is ignored\n  when the file is empty\n"
      "- [minor] src/b.cpp:3 — spelling\n- src/c.cpp:1 — unmarked\nAnd some prose.\n");
  CHECK_FALSE(review.is_pass);
  CHECK(review.findings == std::vector<Finding>{
                               {"significant", "spec-reviewer",
                                "src/a.cpp:12 — the result is ignored when the file is empty"},
                               {"minor", "spec-reviewer", "src/b.cpp:3 — spelling"},
                               {"significant", "spec-reviewer", "src/c.cpp:1 — unmarked"},
                               {"significant", "spec-reviewer", "And some prose."},
                           });
}

TEST_CASE("a passing review without findings has none, whatever its prose says") {
  const Review review = must_parse("## Verdict: pass\n## Findings\nNo problems were found.\n");
  CHECK(review.is_pass);
  CHECK(review.findings.empty());
  CHECK(must_parse("## Verdict: pass\n## Findings\n- None.\n").findings.empty());
  CHECK(must_parse("## Verdict: pass\n").findings.empty());
  CHECK(must_parse("## Verdict: pass\n## Findings\n- [minor] a:1 — b\n").findings.size() == 1);
}

TEST_CASE("a failing review may have no findings") {
  const Review review = must_parse("## Verdict: fail\n");
  CHECK_FALSE(review.is_pass);
  CHECK(review.findings.empty());
}

TEST_CASE("a review without exactly one verdict is none") {
  for (const char* text :
       {"", "looks good", "## Verdict: PASS\n", "## Verdict: pass\n## Verdict: fail\n",
        "```\n## Verdict: pass\n```\n", "## Status: DONE\n", "## Review Status: passed\n",
        "## Verdict: pass\n\xFF"}) {
    INFO(text);
    CHECK(parse_review(text, "spec-reviewer").has_error());
  }
}

TEST_CASE("a review cannot bring a review status along") {
  CHECK(must_parse("## Verdict: pass\n## Review Status: passed\n").text == "## Verdict: pass\n");
}

TEST_CASE("research is what stands below Context") {
  CHECK(parse_research("# R\n## Context\nPort 80.\n## Sources\n- a\n").value() ==
        "Port 80.\n## Sources\n- a");
  CHECK(parse_research("## CONTEXT: one line\n").value() == "one line");
  for (const char* text :
       {"", "Port 80.", "## Context\n\n", "```\n## Context\nx\n```\n", "## Context\n\xFF"}) {
    INFO(text);
    CHECK(parse_research(text).has_error());
  }
}

TEST_CASE("an assessment brings what its decision needs") {
  using Decision = Assessment::Decision;
  const auto context = parse_assessment("## Decision: context\n## Context\nUse v2.\n## More\nx\n");
  REQUIRE(context.has_value());
  CHECK(context.value().decision == Decision::context);
  CHECK(context.value().context == "Use v2.\n## More\nx");
  const auto split = parse_assessment(
      "## Decision: split\n## Tasks\n\n### Task 1: a\n- **action:** x\n\n### Task 2: b\n## End\n");
  REQUIRE(split.has_value());
  CHECK(split.value().decision == Decision::split);
  CHECK(split.value().tasks_markdown == "### Task 1: a\n- **action:** x\n\n### Task 2: b");
  const auto escalate = parse_assessment("## Decision: escalate\nA person must decide.\n");
  REQUIRE(escalate.has_value());
  CHECK(escalate.value().decision == Decision::escalate);
  CHECK(escalate.value().text.find("A person must decide.") != std::string::npos);
  for (const char* text :
       {"", "## Decision: Split\n## Tasks\nx\n", "## Decision: context\n",
        "## Decision: context\n## Context\n", "## Decision: split\n## Context\nx\n",
        "## Decision: split\n```\n## Tasks\nx\n```\n",
        "## Decision: escalate\n## Decision: context\n", "## Decision: escalate\n\xFF"}) {
    INFO(text);
    CHECK(parse_assessment(text).has_error());
  }
}

TEST_CASE("assessed concerns are all marked") {
  const auto concerns =
      parse_concern_assessment("## Concerns\n- [actionable] a\n- [Informational] b\n");
  REQUIRE(concerns.has_value());
  CHECK(concerns.value() == std::vector<Concern>{{"a", true}, {"b", false}});
  for (const char* text :
       {"", "## Concerns\n", "## Concerns\nNone.\n", "## Concerns\n- [actionable] a\n- b\n",
        "- [actionable] a\n", "## Concerns\n- [actionable] a\n\xFF"}) {
    INFO(text);
    CHECK(parse_concern_assessment(text).has_error());
  }
}
