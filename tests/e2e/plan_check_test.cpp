// SPDX-License-Identifier: MIT
// Bad plans: every mistake of every plan, at once, before anything starts.
#include <catch2/catch.hpp>
#include <regex>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Plan;
using e2e::Scenario;
using e2e::Task;
using e2e::Words;

namespace {

Plan good_plan(int number = 1) {
  Plan plan;
  plan.number = number;
  plan.tasks = {Task{"first"}, Task{"second"}};
  return plan;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// "…/001.md:7:1: error: text"
bool has_error_at(const std::string& text, const std::string& file, const std::string& level) {
  const std::regex line("(^|\\n)[^\\n]*" + file + ":[0-9]+:[0-9]+: " + level + ": [^\\n]+");
  return std::regex_search(text, line);
}

}  // namespace

TEST_CASE("a good phase passes the check without a word of complaint") {
  Scenario scenario;
  scenario.plan(good_plan());
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 0);
  CHECK_THAT(ended.out + ended.err, !Contains("konductor 0."));
  CHECK_THAT(ended.out + ended.err, !Contains("error:") && !Contains("warning:"));
  CHECK(scenario.run({"plan", "check", "01", "--strict"}).exit == 0);
}

TEST_CASE("every mistake in a plan is an error with its place") {
  const auto [from, to, words] = GENERATE(table<std::string, std::string, std::string>({
      {"wave = 1", "wave = ", "TOML"},
      {"title = \"Plan 1\"\n", "", "title"},
      {"wave = 1", "wave = \"1\"", "wave"},
      {"depends_on = []", "depend_on = []", "depends_on"},
      {"plan = 1", "plan = 2", "2"},
      {"phase = \"01\"", "phase = \"02\"", "02"},
      {"depends_on = []", "depends_on = [9]", "9"},
      {"depends_on = []", "depends_on = [1]", "itself"},
      {"### Task 2: second", "### Task 1: second", "1"},
      {"### Task 2: second", "### Task 3: second", "2"},
      {"### Task 2: second", "### Task two: second", "Task"},
      {"### Task 2: second", "### Task 2a: second", "Task"},
      {"- **action:** action-of-1-2\n", "", "action"},
      {"`p1t2.txt`\n", "`/etc/passwd`\n", "/etc/passwd"},
      {"`p1t2.txt`\n", "`../outside.txt`\n", "../outside.txt"},
      {"artifacts = []", "artifacts = [\"../x\"]", "../x"},
      {"depends_on = []", "depends_on = []\nfiles_modified = [\"/x\"]", "/x"},
      {"[must_haves]", "[must_have]", "must_haves"},
  }));
  CAPTURE(from, to);
  Scenario scenario;
  scenario.write(scenario.plans() / "001.md", replaced(e2e::plan_text(good_plan()), from, to));
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  CHECK(has_error_at(ended.out, "001\\.md", "error"));
  CHECK_THAT(ended.out, Contains(words));
}

TEST_CASE("a plan without tasks is an error") {
  Scenario scenario;
  Plan plan = good_plan();
  plan.tasks.clear();
  scenario.plan(plan);
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  CHECK(has_error_at(ended.out, "001\\.md", "error"));
}

TEST_CASE("two plans of one number are an error") {
  Scenario scenario;
  scenario.write(scenario.plans() / "001-first.md", e2e::plan_text(good_plan()));
  scenario.write(scenario.plans() / "001-second.md", e2e::plan_text(good_plan()));
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.out, Contains("001-first.md") && Contains("001-second.md"));
}

TEST_CASE("a dependency cycle is printed") {
  Scenario scenario;
  for (int number = 1; number <= 3; ++number) {
    Plan plan = good_plan(number);
    plan.wave = number;
    plan.depends_on = {number == 1 ? 3 : number - 1};
    scenario.plan(plan);
  }
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  CHECK_THAT(ended.out, Contains("cycle"));
  CHECK_THAT(ended.out, Contains("1") && Contains("2") && Contains("3"));
}

TEST_CASE("a wave must be greater than those of the dependencies") {
  Scenario scenario;
  Plan second = good_plan(2);
  second.depends_on = {1};
  scenario.plan(good_plan(1)).plan(second);
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  CHECK(has_error_at(ended.out, "002\\.md", "error"));
}

TEST_CASE("the errors of all plans are told at once, on stdout by the check") {
  Scenario scenario;
  for (int number = 1; number <= 3; ++number) {
    Plan plan = good_plan(number);
    plan.depends_on = {40 + number, 50 + number};
    scenario.plan(plan);
  }
  const auto ended = scenario.run({"plan", "check", "01"});
  REQUIRE(ended.exit == 2);
  for (const std::string number : {"41", "51", "42", "52", "43", "53"})
    CHECK_THAT(ended.out, Contains(number));
}

TEST_CASE("execute tells the same errors on stderr and starts nothing") {
  Scenario scenario;
  Plan bad = good_plan(2);
  bad.depends_on = {9};
  scenario.plan(good_plan(1)).plan(bad);
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 2);
  CHECK(ended.out.empty());
  CHECK(has_error_at(ended.err, "002\\.md", "error"));
  CHECK(scenario.attempts().empty());
  CHECK(scenario.state("current.step") == "planned");
}

TEST_CASE("a warning is no error unless the check is strict") {
  Scenario scenario;
  SECTION("wave larger than needed") {
    Plan plan = good_plan();
    plan.wave = 3;
    scenario.plan(plan);
  }
  SECTION("two plans of a wave declare the same file") {
    Plan first = good_plan(1);
    Plan second = good_plan(2);
    first.tasks = second.tasks = {Task{"same", "`same.txt`", "`test -s same.txt`"}};
    scenario.plan(first).plan(second);
  }
  SECTION("verify without a command") {
    Plan plan = good_plan();
    plan.tasks[0].verify = "it looks right";
    scenario.plan(plan);
  }
  SECTION("empty must_haves") {
    scenario.write(scenario.plans() / "001.md",
                   replaced(e2e::plan_text(good_plan()), "truths = [\"it works\"]", "truths = []"));
  }
  const auto lenient = scenario.run({"plan", "check", "01"});
  REQUIRE(lenient.exit == 0);
  CHECK(has_error_at(lenient.out, "00[12]\\.md", "warning"));
  const auto strict = scenario.run({"plan", "check", "01", "--strict"});
  REQUIRE(strict.exit == 2);
  CHECK(has_error_at(strict.out, "00[12]\\.md", "error"));
}

TEST_CASE("execute prints the first warnings and counts the others") {
  Scenario scenario;
  for (int number = 1; number <= 12; ++number)
    scenario.write(
        scenario.plans() / ("0" + std::to_string(number + 10) + ".md"),
        replaced(e2e::plan_text(good_plan(number + 10)), "truths = [\"it works\"]", "truths = []"));
  const bool is_quiet = GENERATE(false, true);
  const auto run = scenario.execute({"--plan", "11", is_quiet ? "-q" : "-v"});
  REQUIRE(run.exit == 0);
  CHECK(has_error_at(run.err, "020\\.md", "warning") == !is_quiet);
  CHECK_THAT(run.err, !Contains("021.md"));
  const bool is_counted =
      run.err.find("2 more warnings: konductor plan check 01\n") != std::string::npos;
  CHECK(is_counted == !is_quiet);
}

TEST_CASE("the errors of a refused phase are those that refuse it") {
  Scenario scenario;
  Plan bad = good_plan(1);
  bad.depends_on = {9};
  Plan doubtful = good_plan(2);
  doubtful.wave = 3;
  scenario.plan(bad).plan(doubtful);
  const auto lenient = scenario.execute({"--json"});
  REQUIRE(lenient.exit == 2);
  CHECK(lenient.document()["errors"].size() == 1);
  CHECK_THAT(lenient.document()["errors"].dump(), Contains("001.md") && !Contains("002.md"));
  CHECK(has_error_at(lenient.err, "002\\.md", "warning"));
  const auto strict = scenario.execute({"--json", "--strict"});
  REQUIRE(strict.exit == 2);
  CHECK(strict.document()["errors"].size() == 2);
  CHECK(has_error_at(strict.err, "002\\.md", "error"));
}

TEST_CASE("the check speaks JSON") {
  Scenario scenario;
  Plan plan = good_plan();
  plan.depends_on = {9};
  scenario.plan(plan);
  const auto bad = scenario.run({"plan", "check", "01", "--json"});
  REQUIRE(bad.exit == 2);
  CHECK_THAT(bad.document().dump(), Contains("001.md"));
  scenario.plan(good_plan());
  const auto good = scenario.run({"plan", "check", "01", "--json"});
  REQUIRE(good.exit == 0);
  CHECK_NOTHROW(good.document());
}

TEST_CASE("unusual but legal plans are accepted and run") {
  Scenario scenario;
  std::string text = e2e::plan_text(good_plan());
  SECTION("CRLF") {
    std::string windows;
    for (const char c : text)
      windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    text = windows;
  }
  SECTION("byte order mark") {
    text = "\xef\xbb\xbf" + text;
  }
  SECTION("star bullets") {
    for (const std::string field : {"files", "action", "verify", "done"})
      text = replaced(text, "- **" + field, "* **" + field);
  }
  SECTION("dashes behind the number") {
    text = replaced(text, "### Task 1: first", "### Task 1 - first");
    text = replaced(text, "### Task 2: second", "### Task 2 — second");
  }
  SECTION("a heading without a title") {
    text = replaced(text, "### Task 2: second", "### Task 2");
  }
  SECTION("structure inside a fence is text") {
    text = replaced(text, "action-of-1-1",
                    "write this:\n\n  ```markdown\n  ### Task 9: not a task\n  +++\n  ```\n");
  }
  SECTION("a path that stays inside") {
    text = replaced(text, "`p1t2.txt`\n", "`sub/../p1t2.txt`\n");
  }
  SECTION("trailing spaces") {
    text = replaced(text, "wave = 1\n", "wave = 1   \n");
  }
  scenario.write(scenario.plans() / "001.md", text);
  REQUIRE(scenario.run({"plan", "check", "01"}).exit == 0);
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.exists("p1t1.txt"));
  CHECK(scenario.is_task_filed(1, 2));
}

TEST_CASE("files that are no plans are passed over") {
  Scenario scenario;
  scenario.plan(good_plan());
  scenario.write(scenario.plans() / "notes.md", "# Notes\n");
  scenario.write(scenario.plans() / "01.md", "too few digits\n");
  REQUIRE(scenario.run({"plan", "check", "01"}).exit == 0);
  const auto list = scenario.run({"plan", "list", "01", "--json"});
  REQUIRE(list.exit == 0);
  CHECK_THAT(list.document().dump(), Contains("001.md") && !Contains("notes.md"));
}

TEST_CASE("a phase that does not exist is a usage error that names those there are") {
  Scenario scenario;
  scenario.plan(good_plan());
  const auto check = scenario.run({"plan", "check", "07"});
  REQUIRE(check.exit == 2);
  CHECK_THAT(check.err, Contains("konductor: error: ") && Contains("07") && Contains("01"));
  CHECK(scenario.run({"execute", "07"}).exit == 2);
}
