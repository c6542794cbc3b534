// SPDX-License-Identifier: MIT
#include "plan/tasks.hpp"

#include <catch2/catch.hpp>

#include "plan/task_heading.hpp"
#include "unit/plan/plan_samples.hpp"

using namespace konductor::plan;
using samples::Lines;

namespace {

struct Parsed {
  std::vector<Task> tasks;
  Lines errors;
  std::vector<Diagnostic> diagnostics;
};

Parsed parse(const std::string& markdown) {
  Parsed parsed;
  const std::string text = with_unix_line_breaks(markdown);
  parsed.tasks = parse_task_sections(text, "001.md", 1, parsed.diagnostics).tasks;
  for (const Diagnostic& found : parsed.diagnostics)
    if (found.severity == Severity::error) {
      CHECK_FALSE(found.hint.empty());
      parsed.errors.push_back(samples::summaries({found})[0]);
    }
  return parsed;
}

// One task with these list items; must have no errors.
Task task_of(const std::string& items) {
  const Parsed parsed = parse("## Tasks\n### Task 1: T\n" + items);
  CHECK(parsed.errors == Lines{});
  REQUIRE(parsed.tasks.size() == 1);
  return parsed.tasks[0];
}

std::vector<std::string> files_of(const std::string& files) {
  return task_of("- **files:**" + files + "\n- **action:** a\n").files;
}

Lines headings_error(const std::string& heading) {
  return parse("## Tasks\n" + heading + "\n- **action:** a\n").errors;
}

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("tasks are read with their four fields") {
  const Parsed parsed = parse(
      "# Plan\n\n## Tasks\n\n### Task 1: Create `User`\n\n- **files:** `src/u.cpp`, `src/u.hpp`\n"
      "- **action:** Write it\n- **verify:** `make` passes\n- **done:** It compiles\n\n"
      "### Task 2\n* **action:** More\n\n## Notes\n- **action:** not a task\n");
  CHECK(parsed.errors == Lines{});
  REQUIRE(parsed.tasks.size() == 2);
  const Task& first = parsed.tasks[0];
  CHECK(first.number == 1);
  CHECK(first.title == "Create `User`");
  CHECK(first.files == Files{"src/u.cpp", "src/u.hpp"});
  CHECK(first.action == "Write it");
  CHECK(first.verify == "`make` passes");
  CHECK(first.done == "It compiles");
  CHECK(first.position == Position{5, 1});
  CHECK(first.text.substr(0, 24) == "### Task 1: Create `User");
  CHECK(first.text.substr(first.text.size() - 11) == "It compiles");
  CHECK(parsed.tasks[1].title.empty());
  CHECK(parsed.tasks[1].action == "More");
  CHECK(parsed.tasks[1].text == "### Task 2\n* **action:** More");
  CHECK(parsed.tasks[1].position == Position{12, 1});
}

TEST_CASE("positions begin at the given line") {
  std::vector<Diagnostic> diagnostics;
  const auto tasks = parse_tasks("## Tasks\n ### Task 1\n", diagnostics, "p", 10);
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].position == Position{11, 2});
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].position == Position{11, 2});
  CHECK(diagnostics[0].path == "p");
}

TEST_CASE("a field spans lines, nested lists and fences") {
  const Task task = task_of(
      "- **action:** First line\n  second line\n\n  1. step\n     more\n  2. step\n\n"
      "  ```cpp\n  int x;\n\n    int y;\n  ### Task 9\n  +++\n  ```\n\n"
      "- **verify:**\n  - `make` passes\n  - `ctest` passes\n");
  CHECK(task.action ==
        "First line\nsecond line\n\n1. step\n   more\n2. step\n\n```cpp\nint x;\n\n  int y;\n"
        "### Task 9\n+++\n```");
  CHECK(task.verify == "- `make` passes\n- `ctest` passes");
}

TEST_CASE("text that was not indented belongs to the field above it") {
  const Task task = task_of(
      "- **action:** Do this:\n```sh\nmake\n### Task 9\n```\n1. one\n\nAnd a paragraph.\n"
      "- **verify:** `make`\n");
  CHECK(task.action == "Do this:\n```sh\nmake\n### Task 9\n```\n1. one\n\nAnd a paragraph.");
  CHECK(task.verify == "`make`");
}

TEST_CASE("a deeper indentation is removed as a whole, tabs included") {
  CHECK(task_of("-   **action:** a\n\n    b\n      c\n").action == "a\n\nb\n  c");
  CHECK(task_of("-\t**action:** a\n\n\tb\n\t\tc\n").action == "a\n\nb\n\tc");
  CHECK(task_of(" - **action:** a\n   b\n").action == "a\nb");
}

TEST_CASE("a field may begin on the line after its name") {
  CHECK(task_of("- **action:**\n  text\n").action == "text");
  CHECK(task_of("- **action:**\n\n  text\n").action == "text");
}

TEST_CASE("field names match in any case, with the colon inside or outside") {
  CHECK(task_of("- **Action:** a\n").action == "a");
  CHECK(task_of("* **action**: a\n").action == "a");
  CHECK(task_of("+ __action__ : a\n").action == "a");
  CHECK(task_of("- ** action:** a\n- **action:** b\n").action == "b");
}

TEST_CASE("carriage returns, a byte order mark and trailing blanks change nothing") {
  const std::string unix_text = "## Tasks\n\n### Task 1: T\n\n- **action:** a\n  b\n";
  std::string dos_text;
  for (const char c : unix_text)
    dos_text += c == '\n' ? std::string("  \r\n") : std::string(1, c);
  const Parsed parsed = parse(dos_text);
  CHECK(parsed.errors == Lines{});
  REQUIRE(parsed.tasks.size() == 1);
  CHECK(parsed.tasks[0].title == "T");
  CHECK(parsed.tasks[0].action == "a\nb");
  CHECK(parsed.tasks[0].position == Position{3, 1});
  CHECK(parsed.tasks[0].text.find('\r') == std::string::npos);
}

TEST_CASE("files are code spans, else comma- or line-separated, else none") {
  CHECK(files_of(" `a.cpp`, `b.cpp`") == Files{"a.cpp", "b.cpp"});
  CHECK(files_of(" `a.cpp` (new), and `dir/`") == Files{"a.cpp", "dir/"});
  CHECK(files_of("\n  - `a.cpp`\n  - `b.cpp`") == Files{"a.cpp", "b.cpp"});
  CHECK(files_of("\n- `a.cpp`\n- `b.cpp`") == Files{"a.cpp", "b.cpp"});
  CHECK(files_of(" a.cpp, src/__init__.py") == Files{"a.cpp", "src/__init__.py"});
  CHECK(files_of(" a.cpp\n  b.cpp") == Files{"a.cpp", "b.cpp"});
  CHECK(files_of("\n  - a.cpp\n  - *b*.cpp\n  1. c.cpp") == Files{"a.cpp", "*b*.cpp", "c.cpp"});
  CHECK(files_of("\n  ```\n  a.cpp\n  b.cpp\n  ```") == Files{"a.cpp", "b.cpp"});
  CHECK(files_of(" with space.txt") == Files{"with space.txt"});
  CHECK(files_of(" ./a.cpp, b//c.cpp") == Files{"a.cpp", "b/c.cpp"});
  for (const std::string none : {"", " none", " None", " -", " []", " `none`", "\n  - none"}) {
    INFO(none);
    CHECK(files_of(none) == Files{});
  }
}

TEST_CASE("a path that leaves the repository is an error at its list item") {
  const Parsed parsed = parse(
      "## Tasks\n### Task 1: T\n - **files:** `/etc/x`, `a/../../b`, `ok`\n - **action:** a\n");
  CHECK(parsed.errors == Lines{"error 3:2 absolute path \"/etc/x\" in \"files\"",
                               "error 3:2 path \"a/../../b\" in \"files\" leaves the repository"});
}

TEST_CASE("a heading is read with each separator") {
  const std::vector<std::pair<std::string, TaskHeading>> cases = {
      {"Task 1: Add x", {1, "Add x"}},
      {"Task 12 - Add x", {12, "Add x"}},
      {"Task 1 – Add x", {1, "Add x"}},
      {"Task 1 — Add x", {1, "Add x"}},
      {"Task 1:Add x", {1, "Add x"}},
      {"Task 1", {1, ""}},
      {"Task 1:", {1, ""}},
      {"Task 01: x", {1, "x"}},
      {"Task\t1: x", {1, "x"}},
      {"task 1: x", {1, "x"}},
      {"Task 1: a: b - c", {1, "a: b - c"}},
  };
  for (const auto& [text, heading] : cases) {
    INFO(text);
    CHECK(parse_task_heading(text) == heading);
  }
}

TEST_CASE("the closing marks of a heading are not its text") {
  CHECK(heading_text("### Task 1: x ###") == "Task 1: x");
  CHECK(heading_text("  ### Task 1: C#  ") == "Task 1: C#");
  CHECK(heading_text("## Tasks") == "Tasks");
  CHECK(heading_text("###").empty());
}

TEST_CASE("anything else that begins with Task is a malformed heading") {
  for (const std::string words :
       {"Task", "Task One", "Task 1. Add", "Task 1 Add", "Task 1a", "Task1: x", "Tasks",
        "Task -1: x", "Task #1: x", "Task 99999999999: x", "Task 2147483647: x"}) {
    INFO(words);
    CHECK_FALSE(parse_task_heading(words).has_value());
    const Lines errors = headings_error("### " + words);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0] == "error 2:1 malformed task heading \"### " + words + "\"");
  }
  CHECK(headings_error("### **Task 1**: x").size() == 1);
}

TEST_CASE("other headings of the third level end a task") {
  const Parsed parsed = parse(
      "## Tasks\n### Task 1\n- **action:** a\n### Notes\n- **done:** no\n### Task 2\n"
      "- **action:** b\n");
  CHECK(parsed.errors == Lines{});
  REQUIRE(parsed.tasks.size() == 2);
  CHECK(parsed.tasks[0].done.empty());
  CHECK(parsed.tasks[0].text == "### Task 1\n- **action:** a");
}

TEST_CASE("deeper headings are part of the task") {
  const Task task = task_of("#### Why\nBecause.\n- **action:** a\n\n#### More\n\ntext\n");
  CHECK(task.action == "a\n\n#### More\n\ntext");
}

TEST_CASE("a line of dashes below a text is no heading") {
  const Parsed parsed = parse("## Tasks\n### Task 1\nabout\n---\n- **action:** a\n");
  CHECK(parsed.errors == Lines{});
  REQUIRE(parsed.tasks.size() == 1);
  CHECK(parsed.tasks[0].action == "a");
}

TEST_CASE("headings inside fences, items and quotes are text") {
  const Parsed parsed = parse(
      "```\n## Tasks\n### Task 1\n```\n## Tasks\n### Task 1\n- **action:** a\n\n  ### Task 2\n"
      "\n> ### Task 3\n\n~~~\n### Task 4\n```\n### Task 5\n~~~\n");
  CHECK(parsed.errors == Lines{});
  CHECK(parsed.tasks.size() == 1);
}

TEST_CASE("task numbers run from 1 on without holes or repetition") {
  const auto errors = [](const std::vector<int>& numbers) {
    std::string text = "## Tasks\n";
    for (const int number : numbers)
      text += "### Task " + std::to_string(number) + "\n- **action:** a\n";
    return parse(text).errors;
  };
  CHECK(errors({1, 2, 3}).empty());
  CHECK(errors({1, 2, 2, 3}) == Lines{"error 6:1 duplicate task number 2"});
  CHECK(errors({1, 3, 4}) == Lines{"error 4:1 task numbers are not consecutive: expected task 2, "
                                   "found task 3"});
  CHECK(errors({2}) == Lines{"error 2:1 task numbers are not consecutive: expected task 1, found "
                             "task 2"});
  CHECK(errors({0, 1}).size() == 1);
  CHECK(errors({2, 1}).size() == 2);
}

TEST_CASE("a task without action is an error") {
  CHECK(parse("## Tasks\n### Task 1\n- **done:** d\n").errors ==
        Lines{"error 2:1 task 1 has no action"});
  CHECK(parse("## Tasks\n### Task 1\n\n - **action:**\n").errors ==
        Lines{"error 4:2 task 1 has no action"});
  CHECK(parse("## Tasks\n### Task 1\n- action: not bold\n").errors ==
        Lines{"error 2:1 task 1 has no action"});
}

TEST_CASE("unknown and repeated fields are errors at their items") {
  const Parsed parsed = parse(
      "## Tasks\n### Task 1\n- **action:** a\n- **verfiy:** v\n- **action:** b\n"
      "- **Notes**: n\n");
  CHECK(parsed.errors == Lines{"error 4:1 task 1 has an unknown field \"verfiy\"",
                               "error 5:1 task 1 has \"action\" twice",
                               "error 6:1 task 1 has an unknown field \"Notes\""});
  CHECK(parsed.tasks[0].action == "a");
}

TEST_CASE("bold words without a colon and nested items are no fields") {
  const Task task =
      task_of("- **action:** a\n  - **note:** nested\n  - **files:** nested\n- **bold** text\n");
  CHECK(task.action == "a\n- **note:** nested\n- **files:** nested\n- **bold** text");
  CHECK(task.files.empty());
}

TEST_CASE("a task outside the section is told, and one without a section too") {
  const Parsed outside = parse(
      "## Design\n### Task model\n### Task 1: early\n## Tasks\n### Task 1\n- **action:** a\n"
      "## More\n### Task 2\n- **action:** b\n");
  CHECK(outside.errors == Lines{"error 3:1 \"### Task 1: early\" stands outside of \"## Tasks\"",
                                "error 8:1 \"### Task 2\" stands outside of \"## Tasks\""});
  CHECK(outside.tasks.size() == 1);
  const Parsed without = parse("### Task 1\n- **action:** a\n### Task 2\n- **action:** b\n");
  CHECK(without.errors == Lines{"error 1:1 no \"## Tasks\" heading before \"### Task 1\""});
  CHECK(without.tasks.size() == 2);
}

TEST_CASE("sub-tasks need no heading above them and no particular numbers") {
  for (const std::string heading : {"", "## Tasks\r\n\r\n", "## Decision: split\n\n## Tasks\n"}) {
    INFO(heading);
    std::vector<Diagnostic> diagnostics;
    const auto tasks = parse_tasks(heading +
                                       "### Task 4: a\r\n- **action:** x\r\n- **verify:** `make`\n"
                                       "### Task 4\n- **action:** y\n- **verify:** `make`",
                                   diagnostics);
    CHECK(samples::summaries(diagnostics) == Lines{});
    REQUIRE(tasks.size() == 2);
    CHECK(tasks[0].title == "a");
    CHECK(tasks[1].action == "y");
  }
}

TEST_CASE("malformed sub-tasks are errors") {
  std::vector<Diagnostic> diagnostics;
  const auto tasks = parse_tasks("### Task A: a\n- **verify:** `make`\n", diagnostics);
  CHECK(samples::summaries(diagnostics) ==
        Lines{"error 1:1 malformed task heading \"### Task A: a\"",
              "error 1:1 task 1 has no action"});
  diagnostics.clear();
  CHECK(parse_tasks("Nothing to do.\n", diagnostics).empty());
  CHECK(diagnostics.empty());
}

TEST_CASE("the heading of the tasks matches in any case") {
  CHECK(parse("##  TASKS ##\n### Task 1\n- **action:** a\n").errors.empty());
}

TEST_CASE("a fence that is never closed is told when it hides structure") {
  CHECK(parse("## Tasks\n### Task 1\n- **action:** a\n\n```sh\nmake\n### Task 2\n").errors ==
        Lines{"error 5:1 the code fence is never closed and hides what follows"});
  CHECK(parse("## Tasks\n### Task 1\n- **action:** a\n\n```sh\nmake\n").errors.empty());
  CHECK(parse("## Tasks\n### Task 1\n- **action:** a\n\n````\n```\n### Task 2\n````\n")
            .errors.empty());
  CHECK(parse("## Tasks\n### Task 1\n- **action:** a\n  ```\n  ## x\n  ```\n").errors.empty());
  CHECK(parse("> ```\n> ### x\n> ```\n## Tasks\n### Task 1\n- **action:** a\n").errors.empty());
}

TEST_CASE("a verify field without a command is a warning") {
  const auto warnings = [](const std::string& items) {
    Lines lines;
    for (const Diagnostic& found : parse("## Tasks\n### Task 1\n" + items).diagnostics)
      if (found.severity == Severity::warning) lines.push_back(samples::summaries({found})[0]);
    return lines;
  };
  const std::string message = " the verify field of task 1 holds no command";
  CHECK(warnings("- **action:** a\n- **verify:** Workflow YAML is valid\n") ==
        Lines{"warning 4:1" + message});
  CHECK(warnings("- **action:** a\n") == Lines{"warning 2:1" + message});
  CHECK(warnings("- **files:** `a.md`\n- **action:** a\n- **verify:** `a.md` is there\n") ==
        Lines{"warning 5:1" + message});
  CHECK(warnings("- **action:** a\n- **verify:** `make` passes\n").empty());
  CHECK(warnings("- **action:** a\n- **verify:**\n  ```sh\n  make\n  ```\n").empty());
  CHECK(warnings("- **action:** a\n- **verify:**\n```sh\nmake\n```\n").empty());
  CHECK(warnings("- **action:** a\n- **verify:**\n- Run `make`\n").empty());
}
