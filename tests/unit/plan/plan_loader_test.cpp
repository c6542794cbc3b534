// SPDX-License-Identifier: MIT
#include "plan/plan_loader.hpp"

#include <catch2/catch.hpp>

#include "plan/plan_check.hpp"
#include "unit/plan/plan_samples.hpp"

using namespace konductor::plan;
using samples::Lines;
using samples::plan_markdown;
using samples::PlanSpec;

namespace {

Lines faults(const std::string& text, const std::string& path = "plans/001.md") {
  return samples::summaries(load_plan(path, text).diagnostics);
}

}  // namespace

TEST_CASE("plan files are told from the files beside them by name") {
  for (const char* name : {"001.md", "1234.md", "001-user-model.md", "001-x.md", "001-summaries.md",
                           "001-task-runner.md", "001-api-summary.md", "001--.md"}) {
    INFO(name);
    CHECK(is_plan_file_name(name));
  }
  for (const char* name :
       {"01.md", "001.txt", "001", "001-.md", "001_x.md", "a001.md", "001.md.bak", ".md", "",
        "001-summary.md", "001-task-1-summary.md", "001-task-12-spec-review.md",
        "001-task-1-quality-review.md", "README.md", "001.MD"}) {
    INFO(name);
    CHECK_FALSE(is_plan_file_name(name));
  }
  CHECK(plan_file_number("012-x.md") == 12);
  CHECK(plan_file_number("README.md") == 0);
  CHECK(plan_file_number("99999999999999999999.md") == 0);
}

TEST_CASE("a good plan has all its fields and no findings") {
  PlanSpec spec;
  spec.depends_on = "[3, 2]";
  spec.files_modified = "[\"./src/a.cpp\"]";
  spec.extra = "type = \"tdd\"\nautonomous = false\nrequirements = [\"REQ-1\"]\n";
  spec.must_haves =
      "[must_haves]\ntruths = [\"t\"]\nartifacts = [\"bin//a\"]\nkey_links = [\"k\"]\n";
  const std::string text = plan_markdown(spec);
  const LoadedPlan loaded = load_plan("plans/001.md", text);
  CHECK(samples::summaries(loaded.diagnostics) == Lines{});
  CHECK(loaded.file_number == 1);
  REQUIRE(loaded.plan.has_value());
  const Plan& plan = *loaded.plan;
  CHECK(plan.phase == "01");
  CHECK(plan.number == 1);
  CHECK(plan.wave == 1);
  CHECK(plan.title == "Plan");
  CHECK(plan.depends_on == std::vector<int>{2, 3});
  CHECK(plan.type == PlanType::tdd);
  CHECK_FALSE(plan.autonomous);
  CHECK(plan.requirements == Lines{"REQ-1"});
  CHECK(plan.files_modified == Lines{"src/a.cpp"});
  CHECK(plan.must_haves == MustHaves{{"t"}, {"bin/a"}, {"k"}});
  REQUIRE(plan.tasks.size() == 1);
  CHECK(plan.tasks[0].files == Lines{"src/a1.cpp"});
  CHECK(plan.path == "plans/001.md");
  CHECK(plan.text == text);
}

TEST_CASE("a plan with a byte order mark and carriage returns is the same plan") {
  const std::string text = plan_markdown({});
  std::string dos_text = "\xEF\xBB\xBF";
  for (const char c : text)
    dos_text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const LoadedPlan unix_plan = load_plan("001.md", text);
  const LoadedPlan dos_plan = load_plan("001.md", dos_text);
  CHECK(dos_plan.diagnostics.empty());
  REQUIRE(dos_plan.plan.has_value());
  CHECK(dos_plan.plan->tasks == unix_plan.plan->tasks);
  CHECK(dos_plan.plan->text == dos_text);
}

TEST_CASE("a byte order mark does not shift columns") {
  CHECK(faults("\xEF\xBB\xBFtext\n")[0].substr(0, 9) == "error 1:1");
}

TEST_CASE("errors of frontmatter and body come together, in the order of the file") {
  const std::string text =
      "+++\nphase = \"01\"\nplan = 2\nwav = 1\ntitle = \"T\"\nfiles_modified = [\"a\", \"/b\"]\n"
      "[must_haves]\nartifacts = [\"../c\"]\n+++\n## Tasks\n### Task 1\n### Task 3: x\n"
      "- **files:** `/d`\n- **action:** a\n- **verify:** `make`\n";
  CHECK(faults(text) ==
        Lines{"error 1:1 required field \"wave\" is missing",
              "error 3:8 plan number 2 differs from 1, the number of the file",
              "error 4:1 unknown field \"wav\"",
              "error 6:24 absolute path \"/b\" in \"files_modified\"",
              "error 8:14 path \"../c\" in \"artifacts\" leaves the repository",
              "error 11:1 task 1 has no action",
              "warning 11:1 the verify field of task 1 holds no command",
              "error 12:1 task numbers are not consecutive: expected task 2, found task 3",
              "error 13:1 absolute path \"/d\" in \"files\""});
  const LoadedPlan loaded = load_plan("001.md", text);
  CHECK_FALSE(loaded.plan.has_value());
  CHECK(loaded.outline.number == Located<int>{2, {3, 8}});
  CHECK_FALSE(loaded.outline.wave.has_value());
  CHECK(loaded.outline.declared_files.size() == 3);
}

TEST_CASE("bad TOML does not hide the errors of the tasks") {
  const Lines found = faults("+++\nphase =\n+++\n## Tasks\n### Task x\n- **verify:** `make`\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].find("error 2:8 bad TOML: ") == 0);
  CHECK(found[1].find("error 5:1 malformed task heading") == 0);
  CHECK(found[2] == "error 5:1 task 1 has no action");
}

TEST_CASE("a plan without frontmatter says so and is still read") {
  CHECK(faults("---\nphase: 01\n---\n## Tasks\n" + samples::good_task(1)) ==
        Lines{"error 1:1 no frontmatter: the file does not begin with \"+++\""});
  CHECK(faults("+++\nphase = \"01\"\n## Tasks\n") ==
        Lines{"error 1:1 the frontmatter is never closed"});
  CHECK(faults("").size() == 2);
}

TEST_CASE("a plan needs tasks") {
  PlanSpec spec;
  spec.tasks = "None yet.\n";
  CHECK(faults(plan_markdown(spec)) == Lines{"error 14:1 the plan has no tasks"});
}

TEST_CASE("a warning alone leaves the plan usable") {
  PlanSpec spec;
  spec.must_haves = "";
  const LoadedPlan without = load_plan("001.md", plan_markdown(spec));
  CHECK(samples::summaries(without.diagnostics) == Lines{"warning 1:1 must_haves is empty"});
  CHECK(without.plan.has_value());
  spec.must_haves = "[must_haves]\ntruths = []\n";
  CHECK(faults(plan_markdown(spec)) == Lines{"warning 8:1 must_haves is empty"});
}

TEST_CASE("a file that is not UTF-8 is refused at its first bad byte") {
  CHECK(faults("+++\ntitle = \"é\xFF\"\n+++\n") == Lines{"error 2:11 the file is not UTF-8 text"});
  CHECK(faults(plan_markdown({}) + "caf\xE9") == Lines{"error 22:4 the file is not UTF-8 text"});
  PlanSpec spec;
  spec.tasks = samples::good_task(1) + "→ — ✓ é 漢字 🙂\n";
  CHECK(faults(plan_markdown(spec)).empty());
}

TEST_CASE("a huge file is refused") {
  const std::string text(std::size_t{17} << 20, 'x');
  CHECK(faults(text) == Lines{"error 1:1 the file is larger than 16 MiB"});
}

TEST_CASE("the file's number is compared only where the name has one") {
  CHECK(faults(plan_markdown({}), "draft.md").empty());
  CHECK(faults(plan_markdown({}), "/a/b/001-name.md").empty());
  CHECK(faults(plan_markdown({}), "000.md").size() == 1);
}

TEST_CASE("no cut of a plan is mistaken for more than it is") {
  const std::string text = plan_markdown({});
  for (std::size_t length = 0; length < text.size(); ++length) {
    const LoadedPlan loaded = load_plan("001.md", text.substr(0, length));
    INFO(length);
    CHECK(loaded.plan.has_value() == !has_errors(loaded.diagnostics));
    if (length < text.find("Write it")) CHECK_FALSE(loaded.plan.has_value());
  }
}
