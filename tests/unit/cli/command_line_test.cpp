// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "cli/options.hpp"

using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

namespace {

using Words = std::vector<const char*>;

CommandLine parse(Words words) {
  words.insert(words.begin(), "konductor");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("every command's help ends with an example") {
  const Words command =
      GENERATE(Words{}, Words{"init"}, Words{"plan"}, Words{"plan", "check"}, Words{"plan", "list"},
               Words{"plan", "show"}, Words{"plan", "graph"}, Words{"execute"}, Words{"status"},
               Words{"unblock"}, Words{"diff"}, Words{"rollback"}, Words{"clean"}, Words{"doctor"},
               Words{"completions"});
  Words words = command;
  words.push_back("--help");
  const CommandLine line = parse(words);
  CAPTURE(words);
  CHECK(line.exit == 0);
  CHECK_FALSE(line.command);
  CHECK(line.error.empty());
  CHECK_THAT(line.output, Contains("Example:\n  "));
}

TEST_CASE("the version is asked for instead of a command, as JSON wherever that stands") {
  const CommandLine line = parse({"--version"});
  CHECK(line.asks_version);
  CHECK(line.exit == 0);
  CHECK_FALSE(line.common.is_json);
  CHECK(parse({"--version", "--json"}).common.is_json);
  CHECK(parse({"--json", "--version"}).common.is_json);
}

TEST_CASE("commands that programs call take their words as they are") {
  const CommandLine line = parse({"__complete", "execute", "--help", ""});
  REQUIRE(line.command);
  CHECK(std::get<CompleteOptions>(*line.command).words ==
        std::vector<std::string>{"execute", "--help", ""});
}

TEST_CASE("a misspelt command is answered with the nearest one") {
  const CommandLine line = parse({"exceute", "01"});
  CHECK(line.exit == 2);
  CHECK(line.message == "no command \"exceute\"; did you mean \"execute\"?");
  CHECK_THAT(line.error, Catch::StartsWith("konductor: error: no command"));
  CHECK(parse({"-C", "plans", "sttus"}).message ==
        "no command \"sttus\"; did you mean \"status\"?");
  CHECK(parse({"plan", "chek", "01"}).message == "no command \"chek\"; did you mean \"check\"?");
  CHECK(parse({"frobnicate"}).message ==
        "no command \"frobnicate\"; there is init, status, pause, resume, stop, tell, skip, retry, "
        "unblock, plan, execute, diff, show, rollback, clean, agents, conformance, log, explain, "
        "cost, runs, watch, doctor, completions");
}

TEST_CASE("the longest wait for a provider is a setting of one run") {
  const CommandLine line =
      parse({"execute", "01", "--set", "limits.max_wait=1h", "--max-wait", "5m"});
  CHECK(line.exit == 0);
  CHECK(line.common.sets == std::vector<std::string>{"limits.max_wait=1h", "limits.max_wait=5m"});
  CHECK(parse({"execute", "01", "--max-wait", "soon"}).exit == 2);
  CHECK(parse({"execute", "01", "--max-wait"}).exit == 2);
}

TEST_CASE("a misspelt option is answered with the nearest one") {
  const CommandLine line = parse({"execute", "01", "--dryrun"});
  CHECK(line.exit == 2);
  CHECK(line.message == "no option \"--dryrun\"; did you mean \"--dry-run\"?");
  CHECK_THAT(line.error, Contains("`konductor execute --help`"));
  CHECK(parse({"execute", "--frobnicate=1"}).message == "no option \"--frobnicate\"");
}

TEST_CASE("a command that is missing or not whole is a usage error") {
  for (const Words& words :
       {Words{}, Words{"plan"}, Words{"unblock"}, Words{"unblock", "01/002/3"},
        Words{"plan", "show"}, Words{"execute", "01", "02"}, Words{"execute", "--until-wave", "x"},
        Words{"execute", "--until-wave", "0"}, Words{"plan", "graph", "--format", "png"}}) {
    CAPTURE(words);
    const CommandLine line = parse(words);
    CHECK(line.exit == 2);
    CHECK_FALSE(line.command);
    CHECK_THAT(line.error, Catch::StartsWith("konductor: error: ") && Contains("--help`"));
    CHECK_FALSE(line.message.empty());
  }
  CHECK_THAT(parse({}).message, Contains("no command") && Contains("execute"));
  CHECK_THAT(parse({"plan"}).message, Contains("no command") && Contains("check"));
}

TEST_CASE("common options stand before or behind the command") {
  for (const Words& words : {Words{"-C", "sub", "-q", "--json", "plan", "check", "01"},
                             Words{"plan", "-C", "sub", "check", "-q", "--json", "01"},
                             Words{"plan", "check", "01", "-C", "sub", "--quiet", "--json"}}) {
    CAPTURE(words);
    const CommandLine line = parse(words);
    REQUIRE(line.command);
    CHECK(line.name == "plan check");
    CHECK(line.common.directory == "sub");
    CHECK(line.common.is_quiet);
    CHECK(line.common.is_json);
    CHECK(std::get<PlanOptions>(*line.command).phase == "01");
  }
}

TEST_CASE("settings of one call add up in their order") {
  const CommandLine line =
      parse({"--set", "a.b=1", "execute", "01", "--set", "c.d=2", "--set", "a.b=3"});
  REQUIRE(line.command);
  CHECK(line.common.sets == std::vector<std::string>{"a.b=1", "c.d=2", "a.b=3"});
  CHECK(std::get<ExecuteOptions>(*line.command).phase == "01");
}

TEST_CASE("execute takes all that narrows and repeats a run") {
  const CommandLine line = parse({"execute", "01", "--only", "01/002/3", "--until-wave", "2",
                                  "--approve", "1", "--approve", "2", "--retry", "01/001/1",
                                  "--retry", "01/holistic", "--events", "-", "--record", "out"});
  REQUIRE(line.command);
  const auto& options = std::get<ExecuteOptions>(*line.command);
  CHECK(options.only == "01/002/3");
  CHECK(options.until_wave == 2);
  CHECK(options.approvals == std::vector<std::string>{"1", "2"});
  CHECK(options.retries == std::vector<std::string>{"01/001/1", "01/holistic"});
  CHECK(options.events == "-");
  CHECK(options.record == "out");
}

TEST_CASE("what is asked of a phase is read into one set of options") {
  using konductor::engine::RequestAction;
  const auto asked = [](const Words& words) {
    const CommandLine line = parse(words);
    REQUIRE(line.command);
    return std::get<ActOptions>(*line.command);
  };
  CHECK(asked({"pause"}).action == RequestAction::pause);
  CHECK(asked({"resume", "02"}).phase == "02");
  const ActOptions stop = asked({"stop", "01", "--now", "--wait", "5s"});
  CHECK(stop.action == RequestAction::stop);
  CHECK(stop.is_immediate);
  CHECK(stop.wait == std::chrono::seconds(5));
  CHECK(asked({"tell", "01/002/3", "use db2"}).text == "use db2");
  const ActOptions skip = asked({"skip", "01/002", "--because", "later"});
  CHECK(skip.address == "01/002");
  CHECK(skip.text == "later");
  CHECK(asked({"retry", "1/2"}).action == RequestAction::retry);
  CHECK(asked({"unblock", "1/2", "--context", "x"}).text == "x");
  for (const Words& words : {Words{"tell", "1/2"}, Words{"skip", "1/2"}, Words{"retry"},
                             Words{"stop", "--wait", "soon"}}) {
    CAPTURE(words);
    CHECK(parse(words).exit == 2);
  }
}

TEST_CASE("a limit of one run is an amount or a time, and more than nothing") {
  const CommandLine line = parse({"execute", "01", "--max-cost", "$2.50", "--max-time", "45m"});
  REQUIRE(line.command);
  const auto& options = std::get<ExecuteOptions>(*line.command);
  CHECK(options.usd_max == 2.5);
  CHECK(options.time_max == std::chrono::minutes(45));
  for (const char* cost : {"0", "-1", "much", "1.2.3", "inf", ""})
    CHECK(parse({"execute", "--max-cost", cost}).exit == 2);
  for (const char* time : {"0s", "45", "soon"})
    CHECK(parse({"execute", "--max-time", time}).exit == 2);
  CHECK(parse({"clean", "--older-than", "30d"}).exit == 0);
  CHECK(parse({"clean", "--older-than", "old"}).exit == 2);
}

TEST_CASE("a value that cannot be read is answered with what it may be") {
  const std::vector<std::pair<Words, std::string>> mistakes = {
      {{"execute", "--max-cost", "much"},
       "--max-cost \"much\" is not an amount above zero, such as 2.50"},
      {{"execute", "01", "--max-time=5"},
       "--max-time \"5\" is not a time above zero, such as 90s, 10m or 2h"},
      {{"log", "01/001/1", "--attempt", "x"}, "--attempt \"x\" is not a whole number"}};
  for (const auto& [words, message] : mistakes)
    CHECK(parse(words).message == message);
}

TEST_CASE("an error knows that JSON was asked for, wherever it stands") {
  for (const Words& words :
       {Words{"execute", "--bogus", "--json"}, Words{"execute", "--json", "--bogus"}}) {
    const CommandLine line = parse(words);
    CHECK(line.common.is_json);
    CHECK(line.name == "execute");
  }
}

TEST_CASE("help lists every command once, by purpose, on a line that fits a terminal") {
  const std::string help = parse({"--help"}).output;
  CHECK_THAT(help, Contains("\nSet up:\n  init  ") && Contains("\nLook:\n  status  ") &&
                       Contains("  tell          Give a task a note\n"));
  for (const std::string name :
       {"init",    "doctor", "agents", "conformance", "completions", "plan",
        "execute", "watch",  "status", "log",         "show",        "explain",
        "diff",    "cost",   "runs",   "pause",       "resume",      "stop",
        "tell",    "skip",   "retry",  "unblock",     "rollback",    "clean"}) {
    INFO(name);
    const std::string line = "\n  " + name + " ";
    const std::size_t at = help.find(line);
    REQUIRE(at != std::string::npos);
    CHECK(help.find(line, at + 1) == std::string::npos);
    CHECK(help.find('\n', at + 1) - at <= 120);
  }
  CHECK_THAT(parse({"tell", "--help"}).output, Contains("every attempt at it that begins"));
}

TEST_CASE("help on plans shows a plan") {
  CHECK_THAT(parse({"plan", "--help"}).output, Contains("### Task 1") && Contains("+++"));
}
