// SPDX-License-Identifier: MIT
#include "cli/init_questions.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;  // NOLINT

namespace {

// A person who types these lines, and then Ctrl-D.
struct Person {
  std::vector<std::string> lines;
  std::vector<std::string> heard;

  AskLine asked() {
    return [this](const std::string& question) -> std::optional<std::string> {
      heard.push_back(question);
      if (lines.empty()) return std::nullopt;
      std::string line = lines.front();
      lines.erase(lines.begin());
      return line;
    };
  }
};

ProjectFacts found(std::vector<std::string> agents, std::vector<std::string> tests) {
  ProjectFacts facts;
  facts.name = "shop";
  facts.agents = std::move(agents);
  facts.kind.test_commands = std::move(tests);
  return facts;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a person says what looking at a project does not tell") {
  ProjectFacts facts = found({"claude", "codex", "qwen"}, {"make test", "npm test"});
  bool has_example = false;
  Person person{{" A shop for tea. ", "Codex", "npm run check", "y"}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(facts.about == "A shop for tea.");
  CHECK(facts.agents == Words{"codex", "claude", "qwen"});
  CHECK(facts.kind.test_commands == Words{"npm run check"});
  CHECK(has_example);
  CHECK(person.heard ==
        Words{"What does \"shop\" do, in a sentence that every agent reads?: ",
              "Which agent does the work, of claude, codex, qwen? [claude]: ",
              "Which command runs its tests? [make test]: ",
              "Write a first plan to change, .konductor/phases/01/plans/001.md? yes or no [no]: "});
}

TEST_CASE("Enter takes what was found") {
  ProjectFacts facts = found({"claude", "codex"}, {"make test", "npm test"});
  bool has_example = false;
  Person person{{"", "", "", ""}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(facts.about.empty());
  CHECK(facts.agents == Words{"claude", "codex"});
  CHECK(facts.kind.test_commands == Words{"make test", "npm test"});
  CHECK_FALSE(has_example);
}

TEST_CASE("only what is open is asked") {
  ProjectFacts facts = found({"claude"}, {});
  bool has_example = true;
  Person person{{"", "none"}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(person.heard.size() == 2);
  CHECK(facts.kind.test_commands.empty());
  CHECK(has_example);
}

TEST_CASE("that a project has no tests can be said") {
  ProjectFacts facts = found({}, {"make test"});
  bool has_example = true;
  Person person{{"", "None"}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(facts.kind.test_commands.empty());
}

TEST_CASE("an agent that is not there is asked for again") {
  ProjectFacts facts = found({"claude", "codex"}, {});
  bool has_example = true;
  Person person{{"", "cursor", "codex", ""}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(person.heard.at(2) == "\"cursor\" is none of claude, codex. Which one? [claude]: ");
  CHECK(facts.agents.front() == "codex");
}

TEST_CASE("the end of input is an answer to all that is left") {
  ProjectFacts facts = found({"claude", "codex"}, {"make test"});
  bool has_example = false;
  Person person{{"A shop."}, {}};
  ask_facts(facts, has_example, person.asked());
  CHECK(person.heard.size() == 2);
  CHECK(facts.about == "A shop.");
  CHECK(facts.agents.front() == "claude");
  CHECK(facts.kind.test_commands == Words{"make test"});
  CHECK_FALSE(has_example);
}
