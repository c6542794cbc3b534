// SPDX-License-Identifier: MIT
// JUnit XML and the summary in Markdown, as values.
#include <catch2/catch.hpp>

#include "cli/report_facts.hpp"
#include "unit/cli/samples.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

namespace {

ResultDocument document_of(const engine::RunState* state) {
  ResultDocument document;
  document.phase = "01";
  document.run = "r1";
  document.exit = 4;
  document.outcome = "blocked";
  document.message = "phase 01 is blocked: 1 blocker";
  document.seconds = 75;
  document.state = state;
  return document;
}

engine::RunRecord run_of_task(const TaskAddress& address) {
  engine::RunRecord run;
  run.run = "r1";
  run.started_at = 1'769'860'800'000;
  run.attempts_started = 2;
  engine::TaskInRun task;
  task.attempts_started = 2;
  task.first_at = 1000;
  task.last_at = 3500;
  engine::event::attempt_finished finished;
  finished.usage = {1, 1, 1, 0.25};
  task.cost.add(finished);
  run.cost.add(finished);
  run.tasks[address] = task;
  return run;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

engine::RunState state_of(const std::string& title, const std::string& reason) {
  engine::PlanDefinition plan = samples::define(1, 1, {}, 1);
  plan.tasks[0].title = title;
  engine::RunState state({plan});
  samples::apply(state, {engine::event::run_started{}, engine::event::plan_started{1, 1, 0, "P"},
                         engine::event::task_started{1, 1, title, "c"},
                         engine::event::task_failed{1, 1, reason}});
  return state;
}

}  // namespace

TEST_CASE("junit has a case for each task, by plan, with what became of it") {
  const engine::RunState state = samples::mixed_state();
  const ResultDocument document = document_of(&state);
  ReportFacts facts{document, state, run_of_task({1, 1}), {{{1, 1}, "## Status: DONE <ok>"}}};
  const std::string xml = junit_report(facts);
  CHECK_THAT(xml, Contains("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
                           "name=\"konductor phase 01\" tests=\"5\" failures=\"2\" errors=\"0\" "
                           "skipped=\"2\" time=\"2.500\">"));
  CHECK_THAT(xml, Contains("<testsuite name=\"01/001 Plan 1\" tests=\"1\" failures=\"0\" "
                           "errors=\"0\" skipped=\"0\" time=\"2.500\" "
                           "timestamp=\"2026-01-31T12:00:00\">"));
  CHECK_THAT(xml, Contains("<testcase classname=\"01/001\" name=\"1 Task 1\" time=\"2.500\">"));
  CHECK_THAT(xml, Contains("## Status: DONE &lt;ok&gt;</system-out>"));
  CHECK_THAT(xml, Contains("<failure message=\"two reviews failed\" type=\"needs_manual\">"));
  CHECK_THAT(xml,
             Contains("<failure message=\"the staging database is unknown\" type=\"blocked\">"));
  CHECK_THAT(xml, Contains("<skipped message=\"its plan depends on plan 002, which is not "
                           "complete\"/>"));
  CHECK_THAT(xml, Contains("name=\"holistic review\""));
  CHECK(count(xml, "<testcase") == count(xml, "</testcase>"));
}

TEST_CASE("what XML cannot hold is replaced, the rest is escaped") {
  const std::string reason = "a <b> & \"c\"\n\x01\x1b[31m\xEF\xBF\xBF\xFF ]]>";
  const engine::RunState state = state_of("T <&> \"\x02\"", reason);
  const ResultDocument document = document_of(&state);
  const std::string xml = junit_report({document, state});
  CHECK_THAT(xml, Contains("name=\"1 T &lt;&amp;&gt; &quot;\xEF\xBF\xBD&quot;\""));
  CHECK_THAT(xml, Contains("message=\"a &lt;b&gt; &amp; &quot;c&quot;&#10;\xEF\xBF\xBD"));
  CHECK_THAT(xml, Contains("]]&gt;</failure>"));
  for (const char c : {'\x01', '\x02', '\x1b'})
    CHECK(xml.find(c) == std::string::npos);
  CHECK(xml.find("\xEF\xBF\xBF") == std::string::npos);
}

TEST_CASE("when nothing was started the errors are cases, and the tasks are skipped") {
  const engine::RunState planned = samples::fresh_state();
  ResultDocument document = document_of(nullptr);
  document.run.reset();
  document.exit = 2;
  document.outcome = "invalid";
  document.errors = {{ErrorCode::invalid_input, "bad TOML", "mend it", "plans/001.md", 3, 1}};
  const ReportFacts facts{document, planned};
  const std::string xml = junit_report(facts);
  CHECK_THAT(xml, Contains("tests=\"6\" failures=\"0\" errors=\"1\" skipped=\"5\""));
  CHECK_THAT(xml, Contains("<testcase classname=\"konductor\" name=\"plans/001.md:3\""));
  CHECK_THAT(xml, Contains("<error message=\"bad TOML\" type=\"invalid_input\">"));
  CHECK_THAT(xml, Contains("nothing was started (invalid)"));
  const std::string markdown = summary_report(facts);
  CHECK_THAT(markdown, Contains("nothing was started") && Contains("## Errors") &&
                           Contains("plans/001.md:3: bad TOML; mend it"));
}

TEST_CASE("a split task's parts stand for it, and a task that was cut off is not finished") {
  namespace event = engine::event;
  engine::RunState state({samples::define(1, 1, {}, 2)});
  engine::SubTask part;
  part.task = 3;
  part.title = "Part";
  event::attempt_started assess{1, 1, "assessor", "assess", 1, "fake"};
  event::attempt_finished assessed = samples::finished(1, 1);
  assessed.role = "assessor";
  samples::apply(
      state, {event::run_started{}, event::plan_started{1, 1, 0, "P"},
              event::task_started{1, 1, "T", "c"}, samples::started(1, 1), samples::finished(1, 1),
              event::status_reported{1, 1, 1, "BLOCKED", {}, "big"}, assess, assessed,
              event::task_split{1, 1, {part}}, event::task_started{1, 3, "Part", "c"},
              samples::started(1, 3)});
  ResultDocument document = document_of(&state);
  document.outcome = "interrupted";
  document.is_review_enabled = false;
  const std::vector<ReportLine> lines = report_lines({document, state});
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].name == "3 Part");
  CHECK(lines[0].state == "unfinished");
  CHECK(lines[0].reason == "the run ended before it did (interrupted)");
  CHECK(lines[1].state == "not_reached");
}

TEST_CASE("a plan that cannot complete although its tasks are is a case of its own") {
  namespace event = engine::event;
  engine::RunState state({samples::define(1, 1, {}, 1)});
  samples::apply(state, {event::run_started{}, event::plan_started{1, 1, 0, "P"},
                         event::task_completed{1, 1, "c1", "f", true},
                         event::plan_needs_manual{1, "artifact a.c is missing"}});
  const ResultDocument document = document_of(&state);
  const std::vector<ReportLine> lines = report_lines({document, state});
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].name == "plan");
  CHECK(lines[1].outcome == ReportLine::Outcome::failed);
  CHECK(lines[1].reason == "artifact a.c is missing");
}

TEST_CASE("the summary has a table, what is open with its commands, and the verdict") {
  const engine::RunState state = samples::mixed_state();
  ResultDocument document = document_of(&state);
  document.delivery_state = "kept";
  document.delivery.command = "git merge konductor/01/main";
  const std::string text = summary_report({document, state, run_of_task({1, 1})});
  CHECK_THAT(text, Contains("# konductor: phase 01 is blocked: 1 blocker\n\nOutcome **blocked**, "
                            "exit code 4; run `r1` took 1 min 15 s and 2 attempts, cost $0.2500."));
  CHECK_THAT(text, Contains("| 1 | 01/001 1 Task 1 | ✅ completed | 2 | 2.5 s | $0.2500 |"));
  CHECK_THAT(text, Contains("| 1 | 01/002 2 Task 2 | ❌ blocked | 0 | – | – |"));
  CHECK_THAT(text, Contains("## Blocked\n\n- **01/002/2**: the staging database is unknown\n\n"
                            "```sh\nkonductor unblock 01/002/2 --context \"…\"\n```\n"));
  CHECK_THAT(text, Contains("```sh\nkonductor execute 01 --retry 01/002/1\n```"));
  CHECK_THAT(text, Contains("## Skipped") && Contains("Holistic review: not reached."));
  CHECK_THAT(text, Contains("```sh\ngit merge konductor/01/main\n```"));
  CHECK_THAT(text, Contains("## Next\n\n```sh\nkonductor execute 01\n```"));
}

TEST_CASE("nothing in a summary's cells is markup") {
  const std::string title = "a|b `c` <img src=x> [d](http://e) *f* @g\n# h";
  const engine::RunState state = state_of(title, "**r** | <script>");
  const ResultDocument document = document_of(&state);
  const std::string text = summary_report({document, state});
  CHECK_THAT(text, Contains("a\\|b \\`c\\` \\<img src=x\\> \\[d\\]\\(http://e\\) \\*f\\* \\@g "
                            "\\# h |"));
  CHECK_THAT(text, Contains("\\*\\*r\\*\\* \\| \\<script\\>"));
  // Each row has the cells of the heading.
  for (std::size_t at = text.find("\n| "); at != std::string::npos;
       at = text.find("\n| ", at + 1)) {
    std::size_t bars = 0;
    for (std::size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i)
      if (text[i] == '|' && text[i - 1] != '\\') ++bars;
    CHECK(bars == 7);
  }
}
