// SPDX-License-Identifier: MIT
// What the commands that look print of what they were told.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "cli/attempt_choice.hpp"
#include "cli/cost_command.hpp"
#include "cli/explain_command.hpp"
#include "cli/pager.hpp"
#include "cli/runs_command.hpp"
#include "cli/transcript_view.hpp"
#include "support/schema_checker.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;
using Kind = agent::TranscriptEntry::Kind;

namespace {

const Paint kPlain(false);

AttemptStory attempt(int task, const std::string& role, int number, bool is_finished = true) {
  AttemptStory story;
  story.address = {1, task};
  story.role = role;
  story.attempt = number;
  story.is_finished = is_finished;
  story.run = "r1";
  story.runtime = "claude";
  story.reason = "execute";
  story.finished.cause = "done";
  story.finished.seconds = 3;
  return story;
}

std::vector<AttemptStory> attempts() {
  return {attempt(1, "executor", 1), attempt(1, "spec-reviewer", 1), attempt(1, "executor", 2),
          attempt(2, "executor", 1)};
}

AttemptWish wish_for_task(int task) {
  return {"01/001/" + std::to_string(task), "01", std::nullopt, TaskAddress{1, task}, "", {}};
}

std::string error_of(const std::vector<AttemptStory>& all, const AttemptWish& wish) {
  const auto chosen = choose_attempts(all, wish);
  REQUIRE(chosen.has_error());
  CHECK(chosen.error().code == ErrorCode::invalid_input);
  return chosen.error().message;
}

engine::CostSum sum_of(double usd, std::int64_t tokens, int attempts = 1) {
  engine::event::attempt_finished finished;
  finished.seconds = 60;
  finished.usage = {tokens, 0, 0, usd};
  engine::CostSum sum;
  for (int i = 0; i < attempts; ++i)
    sum.add(finished);
  return sum;
}

CostView cost_view() {
  CostView view;
  view.phase = "01";
  view.runs = 2;
  engine::CostLine line;
  line.name = "01/001";
  line.parts[0] = sum_of(0.5, 100, 2);
  line.parts[1] = sum_of(0.25, 10);
  for (const engine::CostSum& part : line.parts)
    line.total.add(part);
  view.total = line;
  view.lines = {line};
  return view;
}

}  // namespace

TEST_CASE("the newest attempt is chosen, or those that are at work") {
  auto all = attempts();
  CHECK(choose_attempts(all, wish_for_task(1)).value().front()->attempt == 2);
  AttemptWish wish = wish_for_task(1);
  wish.role = "spec-reviewer";
  CHECK(choose_attempts(all, wish).value().front()->role == "spec-reviewer");
  wish = {"01", "01", std::nullopt, std::nullopt, "", {}};
  CHECK(choose_attempts(all, wish).value().front()->address.task == 2);
  all.push_back(attempt(1, "executor", 3, false));
  all.push_back(attempt(2, "executor", 2, false));
  CHECK(choose_attempts(all, wish).value().size() == 2);
  wish.plan = 1;
  CHECK(choose_attempts(all, wish).value().size() == 2);
  wish.attempt = 1;
  CHECK(choose_attempts(all, wish).value().front()->address.task == 2);
}

TEST_CASE("an attempt that is not there is answered with those that are") {
  AttemptWish wish = wish_for_task(1);
  wish.attempt = 9;
  CHECK(error_of(attempts(), wish) ==
        "task \"01/001/1\" has no attempt executor 9; there is executor 1, spec-reviewer 1, "
        "executor 2");
  wish = wish_for_task(1);
  wish.role = "painter";
  CHECK_THAT(error_of(attempts(), wish), Contains("no role \"painter\"; there is executor 1"));
  wish = wish_for_task(7);
  CHECK_THAT(error_of(attempts(), wish), Contains("konductor explain 01/001/7"));
  wish = {"01/001", "01", 1, std::nullopt, "assessor", {}};
  CHECK_THAT(error_of(attempts(), wish),
             Contains("plan \"01/001\" has no attempt assessor; there is 01/001/1 executor 1"));
}

TEST_CASE("entries are told with a mark, cut to what is worth to read") {
  CHECK(entry_text({Kind::message, "one\ntwo"}, kPlain, false) == "* one\n  two\n");
  agent::TranscriptEntry call{Kind::tool_call, "ls -l\nmore"};
  call.tool = "Bash";
  call.input = R"({"command":"ls -l"})";
  CHECK(entry_text(call, kPlain, false) == "> Bash ls -l more\n");
  CHECK(entry_text(call, kPlain, true) == "> Bash ls -l\n  more\n  {\"command\":\"ls -l\"}\n");
  std::string lines;
  for (int i = 1; i <= 20; ++i)
    lines += std::to_string(i) + "\n";
  const agent::TranscriptEntry result{Kind::tool_result, lines};
  CHECK_THAT(entry_text(result, kPlain, false),
             Contains(" < 1\n  2\n") && Contains("  8\n  … 12 more lines\n"));
  CHECK_THAT(entry_text(result, kPlain, true), Contains("  20\n"));
  agent::TranscriptEntry failed{Kind::tool_result, ""};
  CHECK(entry_text(failed, kPlain, false).empty());
  failed.is_failed = true;
  CHECK(entry_text(failed, kPlain, false) == "<! failed\n");
  agent::TranscriptEntry usage{Kind::usage, ""};
  usage.usage = {10, 2, 3, 0.5};
  CHECK(entry_text(usage, kPlain, false) == "= 10 in, 2 out, 3 cached, $0.5000\n");
}

TEST_CASE("nothing that an agent prints is an order to the terminal") {
  for (const Kind kind : {Kind::message, Kind::thinking, Kind::tool_call, Kind::tool_result,
                          Kind::error, Kind::note, Kind::session, Kind::output})
    for (const bool is_whole : {false, true}) {
      agent::TranscriptEntry entry{kind,
                                   "a\x1b]0;title\x07 \x1b[2Jb\x9b\xC2\x9B"
                                   "c"};
      entry.tool = "t\x1b[31m";
      entry.input = "\x1b[1m";
      const std::string text = entry_text(entry, kPlain, is_whole);
      CHECK_THAT(text, !Contains("\x1b") && !Contains("\x07") && !Contains("\xC2\x9B") &&
                           !Contains("title"));
    }
  CHECK_THAT(error_line_text("\x1b[31mred", kPlain), !Contains("\x1b"));
}

TEST_CASE("an attempt's heading says what it is and how it ended") {
  AttemptStory story = attempt(1, "executor", 2);
  story.finished.model = "sonnet";
  story.finished.detail = "why";
  CHECK(attempt_heading("01", story) ==
        "01/001/1 executor 2 (execute): claude (sonnet), run r1, done after 3.0 s: why");
  story.is_finished = false;
  CHECK_THAT(attempt_heading("01", story), Contains("run r1, running"));
}

TEST_CASE("costs are told in parts that add up") {
  CostView view = cost_view();
  const std::string text = cost_text(view, kPlain);
  CHECK_THAT(text, Contains("phase 01: 2 runs, 3 attempts that ended\n"));
  CHECK_THAT(text, Contains("productive         2  2 min 0 s    200       0       0  $1.0000"));
  CHECK_THAT(text, Contains("wasted             1  1 min 0 s     10       0       0  $0.2500"));
  CHECK_THAT(text, Contains("total              3  3 min 0 s    210       0       0  $1.2500\n"));
  view.by = "plan";
  const std::string lines = cost_text(view, kPlain);
  CHECK_THAT(lines, Contains("01/001         3") && Contains("$1.0000  $0.2500       -     -\n"));
  test::SchemaChecker("cost.schema.json").check(cost_json(view));
}

TEST_CASE("a price that nobody told is said, and is no zero") {
  CostView view = cost_view();
  view.total.parts[0] = sum_of(0, 100);
  view.total.total.add(view.total.parts[0]);
  view.unpriced_runtimes = {"codex"};
  view.running = 1;
  const std::string text = cost_text(view, kPlain);
  CHECK_THAT(text, Contains("of 1 attempt tokens are known and no price") &&
                       Contains("[runtimes.codex]") && Contains("what 1 attempt at work"));
  CHECK_THAT(text, Contains("  ?  of work that counts"));
  CHECK_THAT(text, Contains("$1.2500+?"));
  CHECK(money_text(sum_of(0, 0)) == "?");
  CHECK(money_text(engine::CostSum()) == "$0.0000");
}

TEST_CASE("runs are listed, and two of them compared") {
  engine::RunLedger ledger;
  std::int64_t now = 1'769'860'800'000;
  const auto happens = [&](const std::string& run, engine::EventBody body) {
    ledger.apply({now += 1000, run, std::move(body)});
  };
  happens("20260131-1a2b", engine::event::run_started{});
  happens("20260131-1a2b", engine::event::task_started{1, 1, "T", "c"});
  happens("20260131-1a2b", engine::event::task_failed{1, 1, "x"});
  happens("20260131-1a2b", engine::event::run_finished{1, "incomplete", "none", ""});
  happens("20260131-3c4d", engine::event::run_started{});
  happens("20260131-3c4d", engine::event::task_started{1, 1, "T", "c"});
  happens("20260131-3c4d", engine::event::attempt_started{1, 1, "executor", "execute", 1, "x"});
  engine::event::attempt_finished finished;
  finished.plan = finished.task = 1;
  finished.seconds = 90;
  finished.usage = {1, 1, 1, 2};
  happens("20260131-3c4d", finished);
  happens("20260131-3c4d", engine::event::task_completed{1, 1, "c", "f", false});
  RunsView view{"01", ledger.runs(), ""};
  CHECK_THAT(runs_text(view, kPlain), Contains("20260131-1a2b  2026-01-31 12:00:01") &&
                                          Contains("incomplete     1      0         0        -") &&
                                          Contains("cut_off") &&
                                          Contains("its engine did not come to its end"));
  test::SchemaChecker("runs.schema.json").check(runs_json(view));
  view.live_run = "20260131-3c4d";
  CHECK(outcome_of(view, view.runs[1]) == "running");
  CHECK(find_run(view, "1a2b").value() == &view.runs[0]);
  CHECK_THAT(find_run(view, "2026").error().message, Contains("part of 2 runs"));
  CHECK_THAT(find_run(view, "ffff").error().message, Contains("see `konductor runs 01`"));
  const RunsDiff diff{"01", &view.runs[0], &view.runs[1],
                      engine::compare_runs(view.runs[0], view.runs[1])};
  CHECK_THAT(runs_diff_text(view, diff, kPlain), Contains("01/001/1  failed > completed") &&
                                                     Contains("0 > 1") && Contains("- > $2.0000") &&
                                                     Contains("+1 min 30 s"));
  const auto json = runs_diff_json(view, diff);
  test::SchemaChecker("runs-diff.schema.json").check(json);
  CHECK(json["tasks"][0]["changed"] == true);
}

TEST_CASE("an explanation reads like an answer") {
  engine::Explanation told;
  told.subject = "01/001/1";
  told.title = "A \x1b[1mtask";
  told.state = "failed";
  told.answer = "It is not complete, because it failed.";
  told.ran = {{"began",
               "executor 1: the task began",
               {{"event", "task_started", "at commit c", 1'769'860'800'000, "r1"}}}};
  told.next = {{"runs", "it runs", {}}};
  told.commands = {"konductor execute 01"};
  const std::string text = explanation_text(told, kPlain);
  CHECK_THAT(text, Contains("01/001/1 A ") && !Contains("\x1b"));
  CHECK_THAT(text, Contains("why it ran\n  executor 1: the task began\n      run r1\n      "
                            "2026-01-31 12:00:00  task_started: at commit c\n"));
  CHECK_THAT(text, Contains("next time\n  it runs\n      konductor execute 01\n"));
  CHECK_THAT(text, !Contains("why it is so"));
  test::SchemaChecker("explain.schema.json").check(explanation_json(told));
}

TEST_CASE("the pager is the user's, and none when it is turned off") {
  const std::string path = "PATH=/usr/bin:/bin";
  CHECK(pager_command({path, "PAGER="}).empty());
  CHECK(pager_command({path, "PAGER=cat"}).empty());
  CHECK(pager_command({path, "PAGER=  "}).empty());
  CHECK(pager_command({path, "PAGER=sh -c 'cat'"}) == "sh -c 'cat'");
  CHECK(pager_command({path, "PAGER=no-such-pager -x"}).empty());
  CHECK(pager_command({path, "PAGER=$HOME/my-pager"}) == "$HOME/my-pager");
  CHECK(pager_command({"PATH=/nowhere"}).empty());
  const std::vector<std::string> set = pager_environment({path});
  CHECK(std::find(set.begin(), set.end(), "LESS=FRX") != set.end());
  CHECK(pager_environment({"LESS=", "LV="}) == std::vector<std::string>{"LESS=", "LV="});
}
