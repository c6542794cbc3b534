// SPDX-License-Identifier: MIT
#include "records/markers.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::records;

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace

TEST_CASE("marker files have the names of the format and are told from plans") {
  const std::vector<std::pair<std::string, MarkerName>> names = {
      {"001-task-1-summary.md", {MarkerKind::task_summary, 1, 1}},
      {"012-task-34-spec-review.md", {MarkerKind::spec_review, 12, 34}},
      {"1000-task-2-quality-review.md", {MarkerKind::quality_review, 1000, 2}},
      {"001-summary.md", {MarkerKind::plan_summary, 1, 0}},
  };
  for (const auto& [text, name] : names) {
    CHECK(marker_file_name(name) == text);
    CHECK(parse_marker_file_name(text) == name);
  }
  for (const char* text :
       {"001.md", "001-auth.md", "1-summary.md", "01-task-1-summary.md", "0001-summary.md",
        "001-task-01-summary.md", "001-task-0-summary.md", "000-summary.md",
        "001-task--1-summary.md", "001-task-1-review.md", "001-task-1-summary.md.tmp",
        "001-summary.txt", "001-task-summary.md", "-001-summary.md", "", "001-task-1",
        "99999999999-summary.md", "001-my-summary.md"}) {
    INFO(text);
    CHECK_FALSE(parse_marker_file_name(text).has_value());
  }
}

TEST_CASE("an accepted summary ends in its review status and counts as complete") {
  const std::string text = accepted_summary("# S\n\n## Status: DONE\n\nDid it.\n\n\n");
  CHECK(text == "# S\n\n## Status: DONE\n\nDid it.\n\n## Review Status: passed\n");
  CHECK(is_accepted_summary(text));
  CHECK(accepted_summary(text) == text);
  CHECK(is_accepted_summary(accepted_summary("## Status: DONE_WITH_CONCERNS")));
  CHECK(is_accepted_summary(accepted_summary("  ##  STATUS :\tDONE  ##\r\n")));
}

TEST_CASE("an agent's own review status is taken out, except from code") {
  const std::string text =
      "## Status: DONE\n## Review Status: passed\n```\n## Review Status: passed\n```\n"
      "##  review  status : failed\n";
  CHECK(without_review_status(text) == "## Status: DONE\n```\n## Review Status: passed\n```\n");
  CHECK_FALSE(is_accepted_summary(without_review_status(text)));
  CHECK(count_of(accepted_summary(text), "Review Status") == 2);
  CHECK(is_accepted_summary(accepted_summary(text)));
}

TEST_CASE("a fence that a summary leaves open does not swallow the review status") {
  for (const char* fence : {"```", "~~~~", "````sh", "  ```"}) {
    const std::string text =
        accepted_summary("## Status: DONE\n\n" + std::string(fence) + "\ncode");
    INFO(text);
    CHECK(is_accepted_summary(text));
    CHECK(ends_with(text, "## Review Status: passed\n"));
  }
  CHECK(is_accepted_summary(accepted_summary("## Status: DONE\n- item\n  ```\n  code")));
}

TEST_CASE("only a status outside of fences and lists counts, and only one") {
  const std::string passed = "\n## Review Status: passed\n";
  for (const char* text :
       {"", "Status: DONE", "# Status: DONE", "### Status: DONE", "## Status DONE",
        "## Status: done", "## Status: DONE.", "## Status: BLOCKED", "## Status: NEEDS_CONTEXT",
        "##Status: DONE", "    ## Status: DONE", "```\n## Status: DONE\n```",
        "~~~\n```\n## Status: DONE\n~~~", "````\n```\n## Status: DONE\n````",
        "- item\n  ## Status: DONE", "- ```\n  ## Status: DONE\n  ```",
        "## Status: DONE\n## Status: BLOCKED", "## Status: DONE\n## Status: DONE_WITH_CONCERNS"}) {
    INFO(text);
    CHECK_FALSE(is_accepted_summary(text + passed));
  }
  for (const char* text :
       {"## Status: DONE\n## Status: DONE", "```\n## Status: BLOCKED\n```\n## Status: DONE",
        "- item\n  ```\n  code\n## Status: DONE", "- item\n\n## Status: DONE",
        "1. ```sh\n   x\n   ```\n\n## Status: DONE", "`` ` ``\n## Status: DONE",
        "``` a`b\n## Status: DONE", "## Status: DONE\n## Tests\n- ok"}) {
    INFO(text);
    CHECK(is_accepted_summary(text + passed));
  }
  CHECK_FALSE(is_accepted_summary("## Status: DONE\n## Review Status: failed\n"));
  CHECK_FALSE(is_accepted_summary("## Status: DONE\n## Review Status: failed\n" + passed));
}

TEST_CASE("what the files of a phase say is complete") {
  const std::string accepted = accepted_summary("## Status: DONE\n");
  const CompletedWork work = completed_work({
      {"001.md", "plan"},
      {"001-summary.md", "anything"},
      {"001-task-1-summary.md", accepted},
      {"001-task-1-spec-review.md", accepted},
      {"001-task-2-summary.md", "## Status: DONE\n"},
      {"002-auth.md", accepted},
      {"002-task-10-summary.md", accepted},
      {"notes.md", accepted},
  });
  CHECK(work.tasks == std::set<TaskAddress>{{1, 1}, {2, 10}});
  CHECK(work.plans == std::set<int>{1});
  CHECK(completed_work({}) == CompletedWork{});
}

TEST_CASE("a plan's summary tells its tasks, artifacts and commits") {
  SummarizedPlan plan;
  plan.phase = "01";
  plan.plan = 2;
  plan.wave = 1;
  plan.title = "Parser";
  plan.time = "2026-03-01T12:00:00.000Z";
  plan.commit = "fedcba";
  plan.artifacts = {"src/parser.cpp"};
  plan.tasks = {{1, "Lexer", "DONE", "abc123",
                 "# Plan 002 — Task 1 Summary\n## Status: DONE\n\nReads\ntokens.\n\nMore.\n"
                 "## Files Created\n- `src/lexer.cpp`\n- `src/lexer.hpp`\n"
                 "## Files Modified\n- `CMakeLists.txt`\n## Review Status: passed\n"},
                {2, "Grammar", "DONE_WITH_CONCERNS", "", "## Status: DONE_WITH_CONCERNS\n"}};
  CHECK(plan_summary(plan) ==
        "# Plan 002 Summary: Parser\n\n"
        "Phase 01, wave 1, complete since 2026-03-01T12:00:00.000Z.\n\n"
        "## Tasks\n\n"
        "### Task 1: Lexer\n\n"
        "- DONE, commit `abc123`\n"
        "- Reads tokens.\n"
        "- Files created: `src/lexer.cpp`, `src/lexer.hpp`\n"
        "- Files modified: `CMakeLists.txt`\n\n"
        "### Task 2: Grammar\n\n"
        "- DONE_WITH_CONCERNS\n\n"
        "## Artifacts\n\n- `src/parser.cpp`\n\n"
        "## Commit\n\n- `fedcba`\n");
}

TEST_CASE("a long first paragraph is cut at a code point") {
  SummarizedPlan plan;
  std::string text = "## Status: DONE\n\n";
  for (int i = 0; i < 1000; ++i)
    text += "\xC3\xA9";
  plan.tasks = {{1, "t", "DONE", "", text}};
  const std::string summary = plan_summary(plan);
  CHECK(count_of(summary, "\xC3\xA9") == 400);
  CHECK(summary.find("\xC3\xA9\xE2\x80\xA6\n") != std::string::npos);
}
