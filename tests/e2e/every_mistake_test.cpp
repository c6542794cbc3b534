// SPDX-License-Identifier: MIT
// What all commands have in common: help with an example, a schema for what they print as JSON, and
// an answer to each kind of mistake that says what to do. The commands are those that the program
// knows, so that a new one is held to this, too.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "e2e/told_documents.hpp"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using e2e::CommandReference;
using e2e::Ended;
using e2e::json;
using e2e::OptionReference;
using e2e::Scenario;
using e2e::Where;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

Words words_of(const CommandReference& command) {
  Words words;
  if (command.path != command.name)
    for (const std::string_view word : konductor::split(e2e::short_path(command), ' '))
      words.emplace_back(word);
  return words;
}

// A value that the command takes, of this phase.
std::string value_for(const OptionReference& wanted, const std::string& phase) {
  if (wanted.value == "PHASE") return phase;
  if (wanted.value == "PLAN") return phase + "/001";
  if (wanted.value == "TASK" || wanted.value == "ADDRESS") return phase + "/001/1";
  if (!wanted.choices.empty()) return wanted.choices.front();
  return "nobody";
}

bool names_phase(const OptionReference& wanted) {
  return value_for(wanted, "") != value_for(wanted, "01");
}

// The command with all that it needs, and what says which phase is meant.
Words call_of(const CommandReference& command, const std::string& phase = "01") {
  Words words = words_of(command);
  for (const OptionReference& argument : command.arguments)
    if (argument.is_required || names_phase(argument)) words.push_back(value_for(argument, phase));
  for (const OptionReference& option : command.options)
    if (option.is_required || option.has("--phase")) {
      words.push_back(option.names.back());
      words.push_back(value_for(option, phase));
    }
  return words;
}

// Commands that are there to be called, and those of them that look at a phase or change it.
std::vector<const CommandReference*> callable_commands() {
  std::vector<const CommandReference*> all;
  for (const CommandReference* command : e2e::all_commands())
    if (!command->schema.empty() && command != &e2e::program_reference()) all.push_back(command);
  return all;
}

std::vector<const CommandReference*> phase_commands() {
  std::vector<const CommandReference*> all;
  for (const CommandReference* command : callable_commands())
    if (call_of(*command, "01") != call_of(*command, "02")) all.push_back(command);
  return all;
}

// Refused with this exit code: in words on stderr alone, with `--json` as a document, too.
std::string check_refused(Scenario& scenario, const CommandReference& command, const Words& call,
                          int exit) {
  CAPTURE(call);
  const Ended ended = scenario.run(call);
  CHECK(ended.exit == exit);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, StartsWith("konductor: error: "));
  const Ended as_json = scenario.run(e2e::with(call, {"--json"}));
  CHECK(as_json.exit == exit);
  CHECK(as_json.err == ended.err);
  const json document = e2e::check_documents(command, as_json).back();
  const std::string message = command.name == "execute" ? document.at("message").get<std::string>()
                                                        : document.at("error").get<std::string>();
  CHECK_FALSE(message.empty());
  CHECK_THAT(ended.err, Contains(message));
  if (command.name != "execute") CHECK(document.at("command") == e2e::short_path(command));
  return ended.err;
}

}  // namespace

TEST_CASE("every command has help with an example of itself") {
  Scenario scenario(Where::outside_of_git);
  REQUIRE(e2e::all_commands().size() > 25);
  for (const CommandReference* command : e2e::all_commands()) {
    CAPTURE(command->path);
    const Ended help = scenario.run(e2e::with(words_of(*command), {"--help"}));
    CHECK(help.exit == 0);
    CHECK(help.err.empty());
    const auto example = help.out.find("\nExample:\n");
    REQUIRE(example != std::string::npos);
    CHECK_THAT(help.out.substr(example), Contains(command->path));
    CHECK_THAT(help.out, Contains("--json") && Contains("-C DIR") && Contains("--quiet"));
  }
}

TEST_CASE("every command refuses an option that it does not have, and names its help") {
  Scenario scenario(Where::outside_of_git);
  for (const CommandReference* command : callable_commands()) {
    const Words call = e2e::with(call_of(*command), {"--no-such-thing"});
    const std::string told = check_refused(scenario, *command, call, 2);
    CHECK_THAT(told, Contains("no option \"--no-such-thing\""));
    CHECK_THAT(told, Contains("try `" + command->path + " --help`"));
  }
}

TEST_CASE("every command that needs another word says so when it is left out") {
  Scenario scenario(Where::outside_of_git);
  const auto is_required = [](const OptionReference& one) { return one.is_required; };
  for (const CommandReference* command : e2e::all_commands()) {
    const bool needs_word =
        command->schema.empty() || command == &e2e::program_reference() ||
        std::any_of(command->arguments.begin(), command->arguments.end(), is_required) ||
        std::any_of(command->options.begin(), command->options.end(), is_required);
    if (!needs_word) continue;
    CHECK_THAT(check_refused(scenario, *command, words_of(*command), 2),
               Contains("try `" + command->path + " --help`"));
  }
}

TEST_CASE("every command that prints JSON has a schema, and every schema is of use") {
  // Files that people and agents write, and what is sent to others.
  std::set<std::string> used = {"config", "error",        "plan",   "role",
                                "review", "notification", "summary"};
  const fs::path folder = KONDUCTOR_SOURCE_DIR "/schemas";
  for (const CommandReference* command : e2e::all_commands()) {
    if (command->schema.empty()) continue;
    CAPTURE(command->path, command->schema);
    CHECK(command->option("--json") != nullptr);
    REQUIRE(fs::exists(folder / command->schema));
    const json schema = json::parse(konductor::test::read_file(folder / command->schema));
    CHECK(schema.at("$schema") == "https://json-schema.org/draft/2020-12/schema");
    CHECK_FALSE(schema.at("description").get<std::string>().empty());
    if (command->schema != "event.schema.json") {
      const json& name = schema.at("properties").at("command");
      const std::string path =
          command == &e2e::program_reference() ? "version" : e2e::short_path(*command);
      CHECK(
          (name.value("const", "") == path ||
           name.value("enum", json::array()).dump().find(json(path).dump()) != std::string::npos));
    }
    used.insert(command->schema.substr(0, command->schema.find('.')));
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    CAPTURE(name);
    CHECK(used.count(name.substr(0, name.find('.'))) == 1);
  }
}

TEST_CASE("outside of a project every command says how one is begun") {
  Scenario scenario(Where::outside_of_git);
  fs::remove_all(scenario.konductor());
  const Words at_home = {"agents list", "agents test", "conformance",
                         "doctor",      "completions", "init"};
  for (const CommandReference* command : callable_commands()) {
    if (std::count(at_home.begin(), at_home.end(), e2e::short_path(*command)) != 0) continue;
    CHECK_THAT(check_refused(scenario, *command, call_of(*command), 2),
               Contains("no .konductor directory in ") && Contains("run `konductor init`"));
  }
  CHECK_FALSE(scenario.exists(".konductor"));
}

TEST_CASE("a phase that is not there is answered with those that are") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(phase_commands().size() > 20);
  for (const CommandReference* command : phase_commands())
    CHECK_THAT(check_refused(scenario, *command, call_of(*command, "07"), 2),
               Contains("no phase \"07\" in .konductor/phases; there is 01"));
}

TEST_CASE("a task that is not there is answered with where the tasks are told") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  REQUIRE(scenario.execute({"--set", "features.code_review=false"}).exit == 0);
  for (const CommandReference* command : phase_commands()) {
    if (command->arguments.empty() || !command->arguments.front().is_required) continue;
    const bool is_of_plan = command->arguments.front().value == "PLAN";
    Words call = call_of(*command);
    for (std::string& word : call)
      if (word.substr(0, 6) == "01/001") word = is_of_plan ? "01/009" : "01/009/4";
    CHECK_THAT(check_refused(scenario, *command, call, 2),
               Contains("01/009") && (Contains("konductor plan list") || Contains("there is 001")));
    for (std::string& word : call)
      if (word.substr(0, 6) == "01/009") word = "x/y/z";
    CHECK_THAT(check_refused(scenario, *command, call, 2),
               Contains("\"x/y/z\" is no") && Contains("such as 01"));
  }
}

TEST_CASE("a phase that never ran is answered with the command that runs it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  for (const Words& words : std::vector<Words>{{"log"},
                                               {"cost", "01"},
                                               {"runs"},
                                               {"runs", "diff"},
                                               {"show", "01/001/1"},
                                               {"diff", "01"},
                                               {"rollback", "01/001/1"},
                                               {"unblock", "01/001/1", "--context", "it is 42"},
                                               {"pause"},
                                               {"resume", "01"}})
    CHECK_THAT(check_refused(scenario, e2e::command_of(words), words, 2),
               Contains("`konductor execute 01`"));
  CHECK_FALSE(scenario.exists(".konductor/konductor.db"));
}

TEST_CASE("a mistake in the configuration is told with its place, by all who read it") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write(".konductor/config.toml", "[execution]\nmax_wave_paralelism = 2\n");
  for (const Words& words : std::vector<Words>{{"execute", "01"},
                                               {"execute", "01", "--dry-run"},
                                               {"agents", "list"},
                                               {"agents", "test", "fake"},
                                               {"conformance", "--runtime", "fake"},
                                               {"tell", "01/001/1", "a note"},
                                               {"clean"},
                                               {"watch", "01"}})
    CHECK_THAT(check_refused(scenario, e2e::command_of(words), words, 2),
               Contains(".konductor/config.toml:2:1: ") &&
                   Contains("did you mean \"max_wave_parallelism\"?"));
  for (const Words& words : std::vector<Words>{{"plan", "check"}, {"plan", "list"}, {"status"}})
    CHECK(scenario.run(words).exit == 0);
}

TEST_CASE("a mistake in --set is told by every command, and nothing is done") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const Words before = e2e::with(Words{"--set"}, {"execution.max_wave_paralelism=2"});
  for (const CommandReference* command : callable_commands())
    CHECK_THAT(check_refused(scenario, *command, e2e::with(before, call_of(*command)), 2),
               Contains("--set execution.max_wave_paralelism") &&
                   Contains("did you mean \"execution.max_wave_parallelism\"?"));
  CHECK_THAT(scenario.run({"status", "--set", "nonsense"}).err,
             Contains("write section.key=value"));
  CHECK(scenario.run({"status", "--set", "execution.max_wave_parallelism=2"}).exit == 0);
  CHECK(scenario.attempts().empty());
  CHECK_FALSE(scenario.exists(".konductor/konductor.db"));
}

TEST_CASE("a mistake in a plan starts nothing, and the way to all of them is told") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const std::string plan = scenario.read(".konductor/phases/01/plans/001.md");
  scenario.write(
      ".konductor/phases/01/plans/001.md",
      "+++\nphase = \"01\"\nplan = 1\nwave = \"one\"\n" + plan.substr(plan.find("title")));
  for (const Words& words : std::vector<Words>{{"plan", "show", "01/001"}, {"plan", "graph", "01"}})
    CHECK_THAT(check_refused(scenario, e2e::command_of(words), words, 2),
               Contains("see `konductor plan check 01`"));
  const Ended checked = scenario.run({"plan", "check", "01"});
  CHECK(checked.exit == 2);
  CHECK_THAT(checked.out,
             Contains("001.md:4:8: error: \"wave\" must be an integer") && Contains("hint: "));
  CHECK(checked.err.empty());
  for (const Words& words :
       std::vector<Words>{{"plan", "check", "01"}, {"plan", "list", "01"}, {"execute", "01"}}) {
    const Ended ended = scenario.run(e2e::with(words, {"--json"}));
    CHECK(ended.exit == 2);
    e2e::check_documents(e2e::command_of(words), ended);
  }
  CHECK(scenario.attempts().empty());
}

TEST_CASE("a journal that cannot be read is said to be so, with what to do") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.write(".konductor/konductor.db", std::string(4096, 'x'));
  const Words without = {"pause", "resume", "stop", "plan check", "plan show", "plan graph"};
  for (const CommandReference* command : phase_commands()) {
    if (std::count(without.begin(), without.end(), e2e::short_path(*command)) != 0) continue;
    CHECK_THAT(check_refused(scenario, *command, call_of(*command), 6),
               Contains("is not a usable journal") && Contains("move it away"));
  }
  CHECK(scenario.read(".konductor/konductor.db") == std::string(4096, 'x'));
}
