// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.hpp"
#include "cli/command_line_act.hpp"
#include "cli/command_line_app.hpp"
#include "cli/command_line_errors.hpp"
#include "cli/command_line_help.hpp"
#include "cli/command_line_limits.hpp"
#include "cli/command_line_look.hpp"
#include "cli/command_line_progress.hpp"
#include "cli/init_files.hpp"
#include "cli/options.hpp"
#include "config/units.hpp"

namespace konductor::cli {
namespace {

constexpr const char* kAbout =
    "konductor executes coding plans with many AI agent processes: wave by wave, each task checked "
    "and reviewed, nothing lost when it is interrupted.";

// Help that ends with an example.
void add_example(CLI::App& app, const std::string& example) {
  app.footer("Example:\n" + example);
}

void add_common(CLI::App& app, CommonOptions& common) {
  app.add_option("-C", common.directory, "Work as if started in DIR")->type_name("DIR");
  app.add_flag("-q,--quiet", common.is_quiet, "Print results and errors only");
  app.add_flag("-v,--verbose", common.is_verbose, "Print more about what is done");
  app.add_flag("--json", common.is_json, "Print one JSON document on stdout");
  // Before and behind the command, each as often as one likes: they add up.
  app.add_option(
         "--set",
         [&common](const CLI::results_t& given) {
           common.sets.insert(common.sets.end(), given.begin(), given.end());
           return true;
         },
         "Set a configuration key for this call")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& about,
                      const std::string& example, CommonOptions& common) {
  CLI::App* command = parent.add_subcommand(name, about);
  command->set_help_flag("-h,--help", "Print this help");
  add_common(*command, common);
  add_example(*command, example);
  return command;
}

// Everything the library writes into while it parses.
struct Parsed {
  CommonOptions common;
  InitOptions init;
  PlanOptions plan;
  ExecuteOptions execute;
  StatusOptions status;
  ActOptions act;
  DiffOptions diff;
  ShowOptions show;
  RollbackOptions rollback;
  CleanOptions clean;
  AgentsOptions agents;
  ConformanceOptions conformance;
  LookWords look;
  WatchOptions watch;
  CompletionsOptions completions;
  std::optional<int> until_wave;
};

void add_plan_commands(CLI::App& app, Parsed& parsed) {
  CLI::App* plan =
      add_command(app, "plan", "Check and look at the plans of a phase",
                  "  konductor plan check 01\n\nA plan, .konductor/phases/01/plans/001.md:\n\n" +
                      example_plan("01", "npm test"),
                  parsed.common);
  plan->require_subcommand(1);
  PlanOptions& options = parsed.plan;
  auto add_verb = [&](PlanOptions::Verb verb, const std::string& name, const std::string& about,
                      const std::string& example) {
    CLI::App* command = add_command(*plan, name, about, example, parsed.common);
    command->callback([&options, verb] { options.verb = verb; });
    return command;
  };
  CLI::App* check = add_verb(PlanOptions::Verb::check, "check",
                             "Report all errors and warnings of all plans of a phase",
                             "  konductor plan check 01 --strict\n"
                             "  konductor plan check 01 --format sarif > plans.sarif");
  check->add_option("PHASE", options.phase, "Phase, such as 01");
  check->add_flag("--strict", options.is_strict, "Treat warnings as errors");
  check->add_option("--format", options.format, "text, json, or sarif for code scanning")
      ->check(CLI::IsMember({"text", "json", "sarif"}));
  CLI::App* list = add_verb(PlanOptions::Verb::list, "list", "List the plans of a phase by wave",
                            "  konductor plan list 01");
  list->add_option("PHASE", options.phase, "Phase, such as 01");
  CLI::App* show = add_verb(PlanOptions::Verb::show, "show", "Show one plan with its tasks",
                            "  konductor plan show 01/002");
  show->add_option("PLAN", options.address, "Plan address, such as 01/002")->required();
  CLI::App* graph = add_verb(PlanOptions::Verb::graph, "graph",
                             "Show what depends on what, as a tree, for Graphviz, or as JSON",
                             "  konductor plan graph 01 --format dot | dot -Tsvg > plans.svg");
  graph->add_option("PHASE", options.phase, "Phase, such as 01");
  graph->add_option("--format", options.format, "text, dot or json")
      ->check(CLI::IsMember({"text", "dot", "json"}));
}

CLI::Validator a_wave() {
  auto check = [](const std::string& text) {
    const bool is_number = !text.empty() && text.size() < 10 &&
                           text.find_first_not_of("0123456789") == std::string::npos;
    if (is_number && text.find_first_not_of('0') != std::string::npos) return std::string();
    return quote(text) + " is not a wave, such as 2";
  };
  return CLI::Validator(check, "");
}

void add_execute(CLI::App& app, Parsed& parsed) {
  ExecuteOptions& options = parsed.execute;
  CLI::App* execute = add_command(app, "execute", "Run a phase, or go on with it",
                                  "  konductor execute 01\n  konductor execute 01 --dry-run\n"
                                  "  konductor execute 01 --only 01/002/3",
                                  parsed.common);
  execute->add_option("PHASE", options.phase, "Phase, such as 01");
  execute->add_flag("--dry-run", options.is_dry_run,
                    "Print the order and what can run side by side; start nothing");
  execute->add_flag("--strict", options.is_strict, "Treat warnings about plans as errors");
  execute->add_option("--plan", options.plan, "Run one plan only")->type_name("PLAN");
  execute->add_option("--only", options.only, "Run one task only")->type_name("TASK");
  execute->add_option("--until-wave", parsed.until_wave, "Stop after this wave")
      ->type_name("WAVE")
      ->check(a_wave());
  execute
      ->add_option(
          "--max-wait",
          [&parsed](const CLI::results_t& given) {
            parsed.common.sets.push_back("limits.max_wait=" + given.back());
            return config::parse_duration(given.back()).has_value();
          },
          "End with exit code 7 when a provider's limit lasts longer")
      ->type_name("DURATION")
      ->expected(1);
  execute->add_option("--approve", options.approvals, "Allow a plan that is not autonomous")
      ->type_name("PLAN")
      ->allow_extra_args(false)
      ->take_all();
  execute
      ->add_option("--retry", options.retries,
                   "Run a task again from its start; of a plan: fix its merge conflict again")
      ->type_name("TASK|PLAN")
      ->allow_extra_args(false)
      ->take_all();
  execute->add_flag("--retry-blocked", options.retries_blocked, "Run all blocked tasks again");
  execute->add_flag("--rebuild-markers", options.rebuilds_markers,
                    "Write missing summary files again from the journal");
  execute->add_flag("--take-over", options.takes_over,
                    "Take the phase from an engine that is suspended or unreachable");
  execute->add_option("--events", options.events, "Write one JSON object a line, - for stdout")
      ->type_name("FILE");
  add_execute_limits(*execute, options);
  execute->add_option("--record", options.record, "Record what agents do as a cassette")
      ->type_name("DIR");
  add_report_options(*execute, options);
  add_progress_options(*execute, options);
}

void add_others(CLI::App& app, Parsed& parsed) {
  CLI::App* init = add_command(app, "init", "Set up .konductor in this project",
                               "  cd my-project && konductor init", parsed.common);
  init->add_option("--name", parsed.init.name, "Name of the project");
  init->add_flag("--example", parsed.init.has_example,
                 "Also write a first plan to change, where no phase is there yet");
  init->add_flag("-y,--yes", parsed.init.takes_suggestions,
                 "Ask nothing: take what is found in the project");
  CLI::App* status = add_command(app, "status", "Show where a phase stands and what to do next",
                                 "  konductor status 01", parsed.common);
  status->add_option("PHASE", parsed.status.phase, "Phase, such as 01");
  const AddActCommand add = [&](const std::string& name, const std::string& about,
                                const std::string& example) {
    return add_command(app, name, about, example, parsed.common);
  };
  add_act_commands(add, parsed.act);
}

void add_show_command(CLI::App& app, Parsed& parsed) {
  CLI::App* show = add_command(
      app, "show",
      "Show what happened to a task, or to a plan: attempts, gates, reviews, change, documents",
      "  konductor show 01/002/3\n  konductor show 01/002\n  konductor show 01/002/3 --prompt\n"
      "  konductor show 01/002/3 --prompt --role spec-reviewer --attempt 1",
      parsed.common);
  show->add_option("ADDRESS", parsed.show.address, "Task or plan, such as 01/002/3")->required();
  CLI::Option* prompt = show->add_flag(
      "--prompt", parsed.show.is_prompt,
      "Print the sizes of a prompt's parts, and how much of them the role's prompt before it "
      "began with, too: that of the newest attempt");
  show->add_option("--role", parsed.show.role, "Of this role's newest attempt")->needs(prompt);
  show->add_option("--attempt", parsed.show.attempt,
                   "Of the attempt of this number; the executor's without --role")
      ->needs(prompt);
}

// Looking at what was done, taking it back, and tidying up after it.
void add_work_commands(CLI::App& app, Parsed& parsed) {
  CLI::App* diff = add_command(app, "diff", "Show what a task, a plan or a phase did, as a patch",
                               "  konductor diff 01/002/3\n  konductor diff 01/002 --stat\n"
                               "  konductor diff 01 | less",
                               parsed.common);
  diff->add_option("ADDRESS", parsed.diff.address,
                   "Task, plan or phase, such as 01/002/3, 01/002 or 01")
      ->required();
  CLI::Option* stat =
      diff->add_flag("--stat", parsed.diff.is_stat, "Print files and how many lines changed");
  diff->add_flag("--name-only", parsed.diff.is_name_only, "Print the names of changed files")
      ->excludes(stat);
  add_show_command(app, parsed);
  CLI::App* rollback = add_command(
      app, "rollback", "Put a plan back to before a task, so that it and those behind it run again",
      "  konductor rollback 01/002/3 --dry-run\n  konductor rollback 01/002/3", parsed.common);
  rollback->add_option("TASK", parsed.rollback.address, "Task address, such as 01/002/3")
      ->required();
  rollback->add_flag("--dry-run", parsed.rollback.is_dry_run,
                     "Print what would be undone; change nothing");
  CLI::App* clean = add_command(
      app, "clean",
      "Remove work trees and references of finished runs; what is not merged stays, unless it is "
      "forced. Logs in .konductor/runs stay without --logs",
      "  konductor clean --dry-run\n  konductor clean 01\n"
      "  konductor clean --older-than 30d\n"
      "  konductor clean --force konductor/01/plan-002/work",
      parsed.common);
  clean->add_option("PHASE", parsed.clean.phase, "Phase, such as 01; all of them without it");
  clean->add_flag("--dry-run", parsed.clean.is_dry_run,
                  "Print what would be removed; change nothing");
  clean
      ->add_option("--force", parsed.clean.forced,
                   "Remove this one although it is not merged, or holds changes")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->take_all();
  clean->add_flag("--logs", parsed.clean.removes_logs,
                  "Remove the logs of phases that are complete, too");
  add_clean_age(*clean, parsed.clean);
}

void add_agents_commands(CLI::App& app, Parsed& parsed) {
  CLI::App* agents =
      add_command(app, "agents", "See which agents there are, and try one",
                  "  konductor agents list\n  konductor agents test claude", parsed.common);
  agents->require_subcommand(1);
  AgentsOptions& options = parsed.agents;
  CLI::App* list = add_command(*agents, "list", "List runtimes, programs and versions",
                               "  konductor agents list", parsed.common);
  list->callback([&options] { options.verb = AgentsOptions::Verb::list; });
  CLI::App* test = add_command(
      *agents, "test",
      "Have one do a small task in a temporary folder: does it read, write, use the shell, report, "
      "review, and end when it is told to? Costs what such a task costs",
      "  konductor agents test claude", parsed.common);
  test->add_option("NAME", options.name, "Runtime, such as claude")->required();
  test->add_option(
          "--interrupt-after",
          [&options](const CLI::results_t& given) {
            const auto time = config::parse_duration(given.back());
            if (time) options.interrupt_after = *time;
            return time.has_value() && time->count() > 0;
          },
          "When it is told to end, after 30s by default")
      ->type_name("DURATION")
      ->expected(1);
  test->callback([&options] { options.verb = AgentsOptions::Verb::test; });
}

void add_conformance_command(CLI::App& app, Parsed& parsed) {
  CLI::App* conformance = add_command(
      app, "conformance",
      "See that agents that lie are not believed with the settings of this project: scripts claim "
      "what they have not done and touch what they must not, each in a temporary repository, and "
      "others do honest work. The runtime itself does one small task, which costs what it costs",
      "  konductor conformance --runtime claude\n"
      "  konductor conformance --runtime claude --only tests",
      parsed.common);
  conformance->add_option("--runtime", parsed.conformance.runtime, "Runtime, such as claude")
      ->type_name("NAME")
      ->required();
  conformance
      ->add_option("--only", parsed.conformance.only, "Play only lies whose name holds this text")
      ->type_name("TEXT");
}

Command chosen_command(const CLI::App& app, Parsed& parsed) {
  parsed.execute.until_wave = parsed.until_wave;
  if (parsed.look.chosen) return *parsed.look.chosen;
  if (app.got_subcommand("init")) return parsed.init;
  if (app.got_subcommand("plan")) return parsed.plan;
  if (app.got_subcommand("status")) return parsed.status;
  if (is_act_command(app.get_subcommands().front()->get_name())) return parsed.act;
  if (app.got_subcommand("diff")) return parsed.diff;
  if (app.got_subcommand("show")) return parsed.show;
  if (app.got_subcommand("rollback")) return parsed.rollback;
  if (app.got_subcommand("clean")) return parsed.clean;
  if (app.got_subcommand("agents")) return parsed.agents;
  if (app.got_subcommand("conformance")) return parsed.conformance;
  if (app.got_subcommand("watch")) return parsed.watch;
  if (app.got_subcommand("doctor")) return DoctorOptions{};
  if (app.got_subcommand("completions")) return parsed.completions;
  return parsed.execute;
}

void add_everything(CLI::App& app, Parsed& parsed) {
  list_commands_briefly(app);
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "konductor",
                       "Print the version, the commit and the libraries' versions");
  add_common(app, parsed.common);
  add_example(app,
              "  konductor init              set up .konductor\n"
              "  konductor plan check 01     check the plans of phase 01\n"
              "  konductor execute 01        run it");
  app.require_subcommand(1);
  add_others(app, parsed);
  add_plan_commands(app, parsed);
  add_execute(app, parsed);
  add_work_commands(app, parsed);
  add_agents_commands(app, parsed);
  add_conformance_command(app, parsed);
  const AddCommand add = [&parsed](CLI::App& parent, const std::string& name,
                                   const std::string& about, const std::string& example) {
    return add_command(parent, name, about, example, parsed.common);
  };
  add_look_commands(app, add, parsed.look);
  add_watch_options(add_command(app, "watch", kWatchAbout, kWatchExample, parsed.common),
                    parsed.watch);
  add_shell_commands(app, parsed.completions, add);
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  line.command = hidden_command(argc, argv);
  if (line.command) return line;
  Parsed parsed;
  CLI::App app(kAbout, "konductor");
  add_everything(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    line.asks_version = true;
    line.common.is_json = is_json_asked_for(argc, argv);
    return line;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream output;
      std::ostringstream unused;
      app.exit(error, output, unused);
      line.output = output.str();
      return line;
    }
    line.common = parsed.common;
    line.name = command_name(app);
    set_usage_error(line, app, error, argc, argv);
    return line;
  }
  line.common = parsed.common;
  line.name = command_name(app);
  line.command = chosen_command(app, parsed);
  return line;
}

void look_at_app(const std::function<void(const CLI::App&)>& look) {
  Parsed parsed;
  CLI::App app(kAbout, "konductor");
  add_everything(app, parsed);
  look(app);
}

}  // namespace konductor::cli
