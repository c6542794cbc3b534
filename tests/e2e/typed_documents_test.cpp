// SPDX-License-Identifier: MIT
// Agents that are asked for their documents by a schema.
#include <catch2/catch.hpp>

#include "e2e/cli_scenario.hpp"

using Catch::Matchers::Contains;
using e2e::CliScenario;
using e2e::Ended;
using e2e::json;
using e2e::Words;

namespace {

constexpr const char* kWork = "echo work >p1t1.txt\n";
constexpr const char* kSummary =
    R"({"status":"DONE","files_created":[{"path":"p1t1.txt","note":"the work"}],"concerns":[]})";
constexpr const char* kReview =
    R"({"verdict":"pass","findings":[{"severity":"minor","path":"p1t1.txt","line":1,"text":"x"}]})";

std::string printed(const std::string& line) {
  return "cat <<'END'\n" + line + "\nEND\n";
}

// What the agent prints that ends with this object.
std::string answer(const std::string& kind, const std::string& object) {
  if (kind == "claude")
    return printed(
        R"({"type":"result","subtype":"success","is_error":false,"result":"","structured_output":)" +
        object + "}");
  return printed(R"({"type":"item.completed","item":{"type":"agent_message","text":)" +
                 json(object).dump() + "}}\n" + R"({"type":"turn.completed","usage":{}})");
}

std::string written(const std::string& document) {
  return "cat >\"$KONDUCTOR_OUTPUT\" <<'END'\n" + document + "\nEND\n";
}

std::string detail(const CliScenario& scenario) {
  return scenario.events("attempt_finished").at(0).at("detail");
}

}  // namespace

TEST_CASE("an object by a schema is filed as the document that it stands for") {
  const std::string kind = GENERATE(std::string("claude"), std::string("codex"));
  CliScenario scenario(kind);
  scenario.set("features.code_review", "true");
  scenario.turn(1, kWork + answer(kind, kSummary));
  scenario.turn(2, answer(kind, kReview));
  const Ended ended = scenario.execute();
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  CHECK(scenario.causes() == Words{"done", "done", "done", "done"});
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"),
             Contains("# Summary\n\n## Status: DONE\n") &&
                 Contains("## Files Created\n\n- `p1t1.txt` — the work\n") &&
                 Contains("## Review Status: passed"));
  CHECK_THAT(scenario.plan_file("001-task-1-quality-review.md"),
             Contains("## Verdict: pass\n") && Contains("- [minor] p1t1.txt:1 — x\n"));
  const std::string flag = kind == "claude" ? "--json-schema\n{" : "--output-schema\n/";
  CHECK_THAT(scenario.given("args", 1), Contains(flag));
  CHECK_THAT(scenario.given("args", 2), Contains(flag));
  CHECK_THAT(scenario.given("prompt", 1), Contains("as an object with named fields"));
}

TEST_CASE("structured_output = \"never\" asks for Markdown, and takes nothing else") {
  const std::string kind = GENERATE(std::string("claude"), std::string("codex"));
  CliScenario scenario(kind);
  scenario.set("runtimes." + kind + ".structured_output", "\"never\"");
  scenario.turn(1, kWork + answer(kind, kSummary));
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{"no_document"});
  CHECK_THAT(scenario.given("args", 1), !Contains("schema"));
  CHECK_THAT(scenario.given("prompt", 1), !Contains("object"));
}

TEST_CASE("the file that an agent wrote goes before the object, when both say the same") {
  CliScenario scenario("claude");
  scenario.turn(1, kWork + written("## Status: DONE\n\nAs a file.") + answer("claude", kSummary));
  CHECK(scenario.execute().exit == 0);
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), Contains("As a file."));
}

TEST_CASE("the object goes before a file that is no document") {
  CliScenario scenario("claude");
  scenario.turn(1, kWork + written("Still to be written.") + answer("claude", kSummary));
  CHECK(scenario.execute().exit == 0);
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), Contains("# Summary"));
}

TEST_CASE("a file and an object with different results are no document") {
  CliScenario scenario("codex");
  scenario.turn(
      1, kWork + written("## Status: BLOCKED\n\n## Blocker\n\nNo.") + answer("codex", kSummary));
  CHECK(scenario.execute().exit == 1);
  CHECK(scenario.causes() == Words{"no_document"});
  CHECK_THAT(detail(scenario), Contains("says BLOCKED") && Contains("with DONE"));
}

TEST_CASE("an object that is not of the schema gives way to the file, else it is no document") {
  CliScenario scenario("claude");
  const std::string wrong = answer("claude", R"({"status":"done"})");
  SECTION("with a file") {
    scenario.turn(1, kWork + written("## Status: DONE") + wrong);
    CHECK(scenario.execute().exit == 0);
  }
  SECTION("alone") {
    scenario.turn(1, kWork + wrong);
    CHECK(scenario.execute().exit == 1);
    CHECK(scenario.causes() == Words{"no_document"});
    CHECK_THAT(detail(scenario), Contains("\"status\" is not one of DONE"));
  }
}

TEST_CASE("Markdown as the last message counts although an object was asked for") {
  CliScenario scenario("codex");
  scenario.turn(1,
                kWork + printed(R"({"type":"item.completed","item":{"type":"agent_message","text":)"
                                R"("## Status: DONE\n\nIn words."}})"
                                "\n"
                                R"({"type":"turn.completed","usage":{}})"));
  CHECK(scenario.execute().exit == 0);
  CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), Contains("In words."));
}
