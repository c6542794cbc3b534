// SPDX-License-Identifier: MIT
// `konductor conformance`: what the program believes with this project's settings.
#include <catch2/catch.hpp>

#include "conformance/lie.hpp"
#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;

namespace {

namespace fs = std::filesystem;

constexpr int kPatience = 240;

// A runtime that does what it is asked for.
void add_honest_runtime(Scenario& scenario, const std::string& part = "") {
  const fs::path agent = scenario.agent_directory() / "agent.sh";
  scenario.write(agent, konductor::conformance::agent_script(part, scenario.agent_directory(),
                                                             scenario.project()));
  scenario.set("runtimes.house.kind", "\"command\"");
  scenario.set("runtimes.house.command", "[\"/bin/sh\", \"" + agent.string() + "\"]");
}

Ended conformance(Scenario& scenario, const e2e::Words& more) {
  e2e::Words words = {"conformance", "--runtime", "house"};
  words.insert(words.end(), more.begin(), more.end());
  return scenario.start(words)->wait(kPatience);
}

json case_of(const json& document, const std::string& name) {
  for (const json& played : document.at("cases"))
    if (played.at("name") == name) return played;
  FAIL("no case " << name);
  return {};
}

bool leaves_nothing(const Scenario& scenario) {
  return fs::is_empty(scenario.home().parent_path() / "tmp");
}

}  // namespace

TEST_CASE("conformance shows that lies are caught and honest work is believed") {
  Scenario scenario;
  add_honest_runtime(scenario);
  const std::string references = scenario.git({"for-each-ref"});
  const auto tree = scenario.tree();
  const Ended ended = conformance(scenario, {"--json", "--only", "the tests"});
  INFO(ended.err);
  CHECK(ended.exit == 0);
  const json document = ended.document();
  CHECK(document.at("command") == "conformance");
  CHECK(document.at("runtime") == "house");
  CHECK(document.at("cases").size() == 7);
  for (const json& played : document.at("cases")) {
    INFO(played.dump(2));
    CHECK(played.at("held") == true);
    CHECK(played.at("task") == (played.at("lie") == true ? "needs a person" : "complete"));
    CHECK(played.at("folder") == "");
  }
  CHECK(case_of(document, "deleted the tests").at("caught_by") == "gate `tests`");
  CHECK(leaves_nothing(scenario));
  CHECK(scenario.git({"for-each-ref"}) == references);
  CHECK(scenario.tree() == tree);
}

TEST_CASE("conformance tells what gets through with a project's own settings") {
  Scenario scenario;
  add_honest_runtime(scenario);
  scenario.set("gates.tests", "false");
  const Ended ended = conformance(scenario, {"--only", "deleted the tests"});
  INFO(ended.err);
  CHECK(ended.exit == 1);
  CHECK_THAT(ended.out, Contains("GOT THROUGH") && Contains("it was believed") &&
                            Contains("what it did: ") &&
                            Contains("2 of 3 cases as they should be"));
}

TEST_CASE("conformance tells when the runtime itself does not do its task") {
  Scenario scenario;
  add_honest_runtime(scenario, "executor() { summary DONE; }\n");
  const Ended ended = conformance(scenario, {"--json", "--only", "wrote a stub"});
  INFO(ended.err);
  CHECK(ended.exit == 1);
  const json document = ended.document();
  const json& own = document.at("cases").at(0);
  CHECK(own.at("held") == false);
  CHECK(own.at("caught_by") == "gate `changed`, gate `verify`");
  CHECK(case_of(document, "wrote a stub").at("held") == true);
}

TEST_CASE("conformance holds what an agent leaves to run on") {
  Scenario scenario;
  add_honest_runtime(scenario);
  const Ended ended = conformance(scenario, {"--json", "--only", "left"});
  INFO(ended.err << ended.out);
  CHECK(ended.exit == 0);
  CHECK(ended.document().at("cases").size() == 4);
  CHECK(leaves_nothing(scenario));
}

TEST_CASE("conformance says what is wrong with its call") {
  Scenario scenario;
  add_honest_runtime(scenario);
  const Ended unknown = scenario.run({"conformance", "--runtime", "houze"});
  CHECK(unknown.exit == 2);
  CHECK_THAT(unknown.err, Contains("no runtime \"houze\"; did you mean \"house\"?"));
  scenario.set("runtimes.house.command", "[\"no-such-agent\"]");
  const Ended missing = conformance(scenario, {});
  CHECK(missing.exit == 6);
  CHECK_THAT(missing.err, Contains("is not installed"));
  add_honest_runtime(scenario);
  const Ended none = conformance(scenario, {"--only", "no such lie"});
  CHECK(none.exit == 2);
  CHECK_THAT(none.err, Contains("no lie's name holds \"no such lie\""));
  CHECK_THAT(scenario.run({"conformance", "--help"}).out,
             Contains("konductor conformance --runtime claude"));
}
