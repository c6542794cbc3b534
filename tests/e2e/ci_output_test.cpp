// SPDX-License-Identifier: MIT
// What the log of a pipeline gets.
#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::Scenario;

namespace {

// Two plans side by side, one of which fails.
void prepare(Scenario& scenario) {
  scenario.set("features.code_review", "false").set("execution.max_crash_retries", "0");
  scenario.plan(1, {"meets 2; ok", "ok"}).plan(2, {"meets 2; crash"});
}

}  // namespace

TEST_CASE("GitHub Actions gets a group per task and an annotation for what failed") {
  Scenario scenario;
  prepare(scenario);
  scenario.with_environment("CI", "true").with_environment("GITHUB_ACTIONS", "true");
  scenario.with_environment("GITHUB_WORKSPACE", scenario.project().parent_path());
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  CHECK(ended.out.empty());
  int depth = 0;
  int groups = 0;
  for (const std::string_view line : konductor::split_lines(ended.err)) {
    if (line.rfind("::group::", 0) == 0) ++depth, ++groups;
    if (line.rfind("::endgroup::", 0) == 0) --depth;
    CHECK((depth == 0 || depth == 1));
    // A group holds what belongs to one task.
    if (depth == 1) CHECK_FALSE(konductor::trim(line).empty());
  }
  CHECK(depth == 0);
  CHECK(groups == 3);
  CHECK_THAT(ended.err, Contains("::error file=project/.konductor/phases/01/plans/002.md,line="));
  CHECK_THAT(ended.err, Contains("title=01/002/1 failed::"));
  CHECK_THAT(ended.err, Contains("] 01/001/1  complete  meets 2; ok (1 attempt, "));
  CHECK_THAT(ended.err, Contains("] 01/002/1  failed  meets 2; crash (1 attempt, "));
  CHECK_THAT(ended.err, !Contains("\x1b"));
}

TEST_CASE("GitLab CI gets sections that it folds") {
  Scenario scenario;
  prepare(scenario);
  scenario.with_environment("CI", "true").with_environment("GITLAB_CI", "true");
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 1);
  std::string open;
  int sections = 0;
  for (const std::string_view line : konductor::split_lines(ended.err)) {
    const std::string text(line);
    const auto name = [&](std::size_t at) {
      const auto begin = text.find(':', text.find(':', at) + 1) + 1;
      return text.substr(begin, text.find_first_of("[\r", begin) - begin);
    };
    if (const auto at = text.find("section_start:"); at != std::string::npos) {
      CHECK(open.empty());
      open = name(at);
      const bool is_complete = text.find("  complete  ") != std::string::npos;
      CHECK_THAT(text, Contains(is_complete ? "[collapsed=true]\r\x1b[0K[" : open + "\r\x1b[0K["));
      ++sections;
    }
    if (const auto at = text.find("section_end:"); at != std::string::npos) {
      CHECK(open == name(at));
      open.clear();
    }
  }
  CHECK(open.empty());
  CHECK(sections == 3);
  CHECK_THAT(ended.err, !Contains("::error"));
}

TEST_CASE("plan errors are annotated where they are") {
  Scenario scenario;
  scenario.with_environment("CI", "true").with_environment("GITHUB_ACTIONS", "true");
  scenario.write(scenario.plans() / "001.md", "no frontmatter\n");
  const Ended ended = scenario.execute();
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.err, Contains("::error file=.konductor/phases/01/plans/001.md,line=1,col=1::"));
}

TEST_CASE("groups are for who asks for them: not without CI, not after --no-ci") {
  Scenario scenario;
  prepare(scenario);
  scenario.with_environment("GITHUB_ACTIONS", "true");
  SECTION("no CI") {}
  SECTION("--no-ci") {
    scenario.with_environment("CI", "true");
  }
  const Ended ended = scenario.execute({"--no-ci"});
  REQUIRE(ended.exit == 1);
  CHECK_THAT(ended.err, !Contains("::group::") && !Contains("::error"));
  CHECK_THAT(ended.err, Contains("01/002/1  failed"));
}

TEST_CASE("the option --ci does what CI=true does, and both ways at once are refused") {
  Scenario scenario;
  prepare(scenario);
  scenario.with_environment("GITHUB_ACTIONS", "true");
  CHECK_THAT(scenario.execute({"--ci"}).err, Contains("::group::"));
  CHECK(scenario.run({"execute", "01", "--ci", "--no-ci"}).exit == 2);
}
