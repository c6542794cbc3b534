// SPDX-License-Identifier: MIT
#include "plan/plan_check.hpp"

#include <catch2/catch.hpp>

#include "unit/plan/plan_samples.hpp"

using namespace konductor::plan;
using samples::Lines;
using samples::plan_markdown;
using samples::PlanSpec;

namespace {

std::string path_of(int number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits + ".md";
}

PlanSpec plan(int number, int wave, const std::string& depends_on = "[]") {
  PlanSpec spec;
  spec.number = number;
  spec.wave = wave;
  spec.depends_on = depends_on;
  // Each plan has a file of its own.
  spec.tasks = "### Task 1\n- **files:** `src/" + std::to_string(number) +
               ".cpp`\n- **action:** a\n- **verify:** `make`\n";
  return spec;
}

std::vector<Diagnostic> findings(const std::vector<PlanSpec>& specs,
                                 const std::string& phase = "01") {
  std::vector<LoadedPlan> plans;
  for (const PlanSpec& spec : specs)
    plans.push_back(load_plan(path_of(spec.number), plan_markdown(spec)));
  return check_plans(phase, plans);
}

// "001.md error 4:8 message" of each.
Lines faults(const std::vector<Diagnostic>& diagnostics) {
  Lines lines;
  for (const Diagnostic& found : diagnostics) {
    CHECK_FALSE(found.hint.empty());
    lines.push_back(found.path + " " + samples::summaries({found})[0]);
  }
  return lines;
}

Lines faults(const std::vector<PlanSpec>& specs, const std::string& phase = "01") {
  return faults(findings(specs, phase));
}

}  // namespace

TEST_CASE("plans that fit together have no findings") {
  CHECK(faults({plan(1, 1), plan(2, 1), plan(3, 2, "[1, 2]"), plan(4, 3, "[3, 1]")}) == Lines{});
  CHECK(check_plans("01", {}).empty());
}

TEST_CASE("the phase is that of the directory, with or without its name") {
  const auto phase_faults = [](const std::string& phase, const std::string& directory) {
    PlanSpec spec = plan(1, 1);
    spec.phase = phase;
    return faults({spec}, directory);
  };
  CHECK(phase_faults("01", "01").empty());
  CHECK(phase_faults("01", "01-auth-system").empty());
  CHECK(phase_faults("01-auth-system", "01-auth-system").empty());
  CHECK(phase_faults("01-auth-system", "01").empty());
  CHECK(phase_faults("01", ".konductor/phases/01-auth/").empty());
  CHECK(phase_faults("02", "01") ==
        Lines{"001.md error 2:9 phase \"02\" differs from the directory \"01\""});
  CHECK(phase_faults("01-auth", "01-authority").size() == 1);
  CHECK(phase_faults("1", "01").size() == 1);
  CHECK(phase_faults("01", "012-x").size() == 1);
}

TEST_CASE("two files with one number are told at the later one") {
  const std::string text = plan_markdown(plan(1, 1));
  const std::vector<LoadedPlan> plans = {load_plan("001-b.md", text), load_plan("001-a.md", text)};
  const auto found = faults(check_plans("01", plans));
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "001-b.md error 3:8 duplicate plan number 1, which \"001-a.md\" has already");
  CHECK(found[1].find("001-b.md warning 17:1 \"src/1.cpp\" is declared by plan 1") == 0);
}

TEST_CASE("unknown and self dependencies are errors at their numbers") {
  CHECK(faults({plan(1, 1), plan(2, 2, "[1, 7, 2]")}) ==
        Lines{"002.md error 6:18 unknown dependency: the phase has no plan 7",
              "002.md error 6:21 plan 2 depends on itself"});
}

TEST_CASE("a plan that cannot be read is still there for those that depend on it") {
  const std::vector<LoadedPlan> plans = {load_plan("001.md", "+++\nplan =\n+++\n## Tasks\n"),
                                         load_plan("002.md", plan_markdown(plan(2, 2, "[1]")))};
  for (const Diagnostic& found : check_plans("01", plans))
    CHECK(found.path == "001.md");
}

TEST_CASE("a cycle is printed once, from its lowest plan, without complaints about waves") {
  CHECK(faults({plan(1, 1, "[2]"), plan(2, 1, "[1]")}) ==
        Lines{"001.md error 6:15 dependency cycle: 1 → 2 → 1"});
  CHECK(faults({plan(1, 1), plan(2, 2, "[1, 4]"), plan(3, 2, "[2]"), plan(4, 3, "[3]")}) ==
        Lines{"002.md error 6:18 dependency cycle: 2 → 4 → 3 → 2"});
}

TEST_CASE("each of several cycles is printed, the shortest way round") {
  CHECK(faults({plan(1, 1, "[2, 3]"), plan(2, 1, "[3]"), plan(3, 1, "[1]"), plan(5, 1, "[6]"),
                plan(6, 1, "[5]")}) == Lines{"001.md error 6:18 dependency cycle: 1 → 3 → 1",
                                             "005.md error 6:15 dependency cycle: 5 → 6 → 5"});
}

TEST_CASE("a wave must be greater than those it depends on") {
  const auto found = findings({plan(1, 1), plan(2, 2, "[1]"), plan(3, 2, "[1, 2]")});
  CHECK(faults(found) == Lines{"003.md error 4:8 wave 2 is not greater than wave 2 of plan 2, on "
                               "which it depends"});
  CHECK(found[0].hint == "write wave = 3");
}

TEST_CASE("a wave that is larger than needed is a warning") {
  CHECK(faults({plan(1, 2), plan(2, 4, "[1]")}) ==
        Lines{"001.md warning 4:8 wave 2 is larger than needed",
              "002.md warning 4:8 wave 4 is larger than needed"});
}

TEST_CASE("plans of one wave that declare the same file are a warning") {
  PlanSpec first = plan(1, 1);
  first.files_modified = "[\"src/x.cpp\", \"a\"]";
  PlanSpec second = plan(2, 1);
  second.files_modified = "[\"b\"]";
  second.tasks =
      "### Task 1\n- **files:** `./src/x.cpp`\n- **action:** a\n- **verify:** `make`\n"
      "### Task 2\n- **files:** `src/x.cpp`\n- **action:** a\n- **verify:** `make`\n";
  PlanSpec third = plan(3, 2, "[1]");
  third.files_modified = "[\"src/x.cpp\"]";
  CHECK(faults({first, second, third}) ==
        Lines{"002.md warning 17:1 \"src/x.cpp\" is declared by plan 1 of the same wave too"});
}

TEST_CASE("findings are sorted by path, then place, whatever the order of the plans") {
  const auto found = findings({plan(2, 5, "[9, 2]"), plan(1, 3)});
  CHECK(faults(found) == Lines{"001.md warning 4:8 wave 3 is larger than needed",
                               "002.md error 6:15 unknown dependency: the phase has no plan 9",
                               "002.md error 6:18 plan 2 depends on itself"});
  CHECK(has_errors(found));
  CHECK_FALSE(has_errors({found[0]}));
}

TEST_CASE("a finding is printed as a compiler would, with its hint below") {
  Diagnostic found{"plans/001.md",   {3, 8},        Severity::error,
                   Rule::field_type, "it is wrong", "mend it"};
  CHECK(format_diagnostic(found) == "plans/001.md:3:8: error: it is wrong\n  hint: mend it");
  found.severity = Severity::warning;
  found.hint.clear();
  CHECK(format_diagnostic(found) == "plans/001.md:3:8: warning: it is wrong");
}

TEST_CASE("a chain of many plans is checked without recursion") {
  constexpr int kPlans = 20000;
  std::vector<LoadedPlan> plans;
  for (int number = 1; number <= kPlans; ++number) {
    LoadedPlan loaded;
    loaded.path = path_of(number);
    loaded.file_number = number;
    loaded.outline.number = Located<int>{number, {}};
    loaded.outline.wave = Located<int>{number, {}};
    loaded.outline.depends_on = {{number == 1 ? kPlans : number - 1, {6, 15}}};
    plans.push_back(std::move(loaded));
  }
  const auto found = check_plans("01", plans);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message.find("dependency cycle: 1 → 20000 → 19999 → ") == 0);
}
