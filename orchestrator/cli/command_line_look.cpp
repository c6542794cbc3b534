// SPDX-License-Identifier: MIT
#include "cli/command_line_look.hpp"

#include <CLI/CLI.hpp>

namespace konductor::cli {
namespace {

void add_log(CLI::App& app, const AddCommand& add, LookWords& words) {
  LogOptions& options = words.log;
  CLI::App* log = add(app, "log",
                      "Show what an attempt said and did: of a task, a plan or a phase the newest "
                      "one, without an address what runs now or ran last",
                      "  konductor log\n  konductor log 01/002/3 --follow\n"
                      "  konductor log 01/002/3 --role spec-reviewer --attempt 1\n"
                      "  konductor log 01/002/3 --raw > attempt.jsonl");
  log->add_option("ADDRESS", options.address, "Task, plan or phase, such as 01/002/3");
  log->add_option("--role", options.role, "The newest attempt of this role")->type_name("ROLE");
  log->add_option("--attempt", options.attempt,
                  "The attempt of this number; the executor's without --role")
      ->type_name("N");
  log->add_flag("-f,--follow", options.is_following, "Go on until the attempt ends");
  log->add_flag("--raw", options.is_raw, "Print the bytes that were recorded, as they are");
  log->callback([&words] { words.chosen = words.log; });
}

void add_runs(CLI::App& app, const AddCommand& add, LookWords& words) {
  RunsOptions& options = words.runs;
  CLI::App* runs = add(app, "runs", "List the runs of a phase: when, how long, how they ended",
                       "  konductor runs 01\n  konductor runs diff 1a2b 3c4d");
  runs->add_option("PHASE", options.phase, "Phase, such as 01");
  runs->callback([&words] { words.chosen = words.runs; });
  CLI::App* diff = add(*runs, "diff",
                       "Show which tasks came out differently in two runs, and what each took; "
                       "without runs the newest two",
                       "  konductor runs diff\n  konductor runs diff 1a2b 3c4d --phase 01");
  diff->add_option("BEFORE", options.before, "A run's id, or a part of it that no other one has");
  diff->add_option("AFTER", options.after, "Another one; without it the newest");
  diff->add_option("--phase", options.phase, "Phase, such as 01")->type_name("PHASE");
  // Called back before the command above it.
  diff->callback([&options] { options.is_diff = true; });
}

}  // namespace

void add_look_commands(CLI::App& app, const AddCommand& add, LookWords& words) {
  add_log(app, add, words);
  CLI::App* explain = add(app, "explain",
                          "Tell why a task or a plan ran, was skipped or is not complete, and what "
                          "becomes of it next time",
                          "  konductor explain 01/002/3\n  konductor explain 01/002");
  explain->add_option("ADDRESS", words.explain.address, "Task or plan, such as 01/002/3")
      ->required();
  explain->callback([&words] { words.chosen = words.explain; });
  CLI::App* cost = add(app, "cost",
                       "Show what a phase cost in all its runs: what was of use, what was wasted, "
                       "and what the engine's own ends took",
                       "  konductor cost 01\n  konductor cost 01 --by task");
  cost->add_option("PHASE", words.cost.phase, "Phase, such as 01");
  cost->add_option("--by", words.cost.by, "A line for each plan, role, model or task")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"plan", "role", "model", "task"}));
  cost->callback([&words] { words.chosen = words.cost; });
  add_runs(app, add, words);
}

void add_report_options(CLI::App& execute, ExecuteOptions& options) {
  execute
      .add_option("--junit", options.junit,
                  "Write what became of each task as JUnit XML, whatever the end")
      ->type_name("FILE");
  execute
      .add_option("--summary", options.summary,
                  "Write a summary in Markdown, whatever the end; by default to "
                  "$GITHUB_STEP_SUMMARY in GitHub Actions")
      ->type_name("FILE");
}

}  // namespace konductor::cli
