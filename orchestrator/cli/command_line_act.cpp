// SPDX-License-Identifier: MIT
#include "cli/command_line_act.hpp"

#include <CLI/CLI.hpp>

#include "config/units.hpp"

namespace konductor::cli {
namespace {

using engine::RequestAction;

class Lines {
 public:
  Lines(const AddActCommand& add, ActOptions& options) : add_(add), options_(options) {}

  CLI::App* phase_command(RequestAction action, const std::string& about,
                          const std::string& example) {
    CLI::App* command = make(action, about, example);
    command->add_option("PHASE", options_.phase, "Phase, such as 01");
    return command;
  }

  CLI::App* address_command(RequestAction action, const std::string& name, const std::string& what,
                            const std::string& about, const std::string& example) {
    CLI::App* command = make(action, about, example);
    command->add_option(name, options_.address, what)->required();
    return command;
  }

 private:
  CLI::App* make(RequestAction action, const std::string& about, const std::string& example) {
    CLI::App* command = add_(std::string(engine::to_string(action)), about, example);
    command->callback([this_options = &options_, action] { this_options->action = action; });
    return command;
  }

  const AddActCommand& add_;
  ActOptions& options_;
};

void add_stop(Lines& lines, ActOptions& options) {
  CLI::App* stop = lines.phase_command(
      RequestAction::stop,
      "Stop the engine that runs a phase, as Ctrl-C at its terminal does: attempts at work are "
      "ended, what is done is kept, `konductor execute` goes on. Waits until it has ended",
      "  konductor stop 01\n  konductor stop 01 --now");
  stop->add_flag("--now", options.is_immediate, "Without time to end politely, as a second Ctrl-C");
  stop->add_option(
          "--wait",
          [&options](const CLI::results_t& given) {
            const auto time = config::parse_duration(given.back());
            if (time) options.wait = *time;
            return time.has_value();
          },
          "How long its end is waited for, 1m by default")
      ->type_name("DURATION")
      ->expected(1);
}

}  // namespace

void add_act_commands(const AddActCommand& add, ActOptions& options) {
  Lines lines(add, options);
  lines.phase_command(RequestAction::pause,
                      "Let no attempt start any more until `konductor resume`: those at work go on "
                      "to their end, the engine stays",
                      "  konductor pause 01");
  lines.phase_command(RequestAction::resume, "Let a paused run go on", "  konductor resume 01");
  add_stop(lines, options);
  CLI::App* tell = lines.address_command(
      RequestAction::tell, "TASK", "Task address, such as 01/002/3",
      "Give a task a note: every attempt at it that begins from now on is told, until it is "
      "complete",
      "  konductor tell 01/002/3 \"The staging database is db2.\"");
  tell->add_option("NOTE", options.text, "What its attempts should know")->required();
  CLI::App* skip = lines.address_command(
      RequestAction::skip, "ADDRESS", "Task or plan, such as 01/002/3 or 01/002",
      "Leave a task or a plan out. A plan with a skipped task goes on with its other tasks and "
      "cannot complete, plans that depend on it are skipped, and the run ends with exit code 1. "
      "`konductor retry` takes it back",
      "  konductor skip 01/002/3 --because \"The vendor has no API for this.\"\n"
      "  konductor skip 01/002 --because \"Moved to the next phase.\"");
  skip->add_option("--because", options.text, "Why; those that come after it are told")->required();
  lines.address_command(
      RequestAction::retry, "ADDRESS",
      "Task or plan, such as 01/002/3; of a plan: its merge, or that it was skipped",
      "Have a task run again from its start: at once in a running engine, when its plan is at "
      "rest, else with the next `konductor execute`",
      "  konductor retry 01/002/3");
  CLI::App* unblock = lines.address_command(
      RequestAction::unblock, "TASK", "Task address, such as 01/002/3",
      "Free a blocked task with the context it lacked; a running engine takes it up at once",
      "  konductor unblock 01/002/3 --context \"The staging database is db2.\"");
  unblock->add_option("--context", options.text, "What the next attempt should know")->required();
}

bool is_act_command(const std::string& name) {
  return engine::parse_request_action(name).has_value();
}

}  // namespace konductor::cli
