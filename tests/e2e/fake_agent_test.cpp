// SPDX-License-Identifier: MIT
// The scripted agent by itself: what the other tests take for granted.
#include <catch2/catch.hpp>
#include <fstream>

#include "e2e/scenario.hpp"

using e2e::Ended;
using e2e::Scenario;
using e2e::Words;

namespace {

namespace fs = std::filesystem;

// Calls the agent as the engine would, inside the project.
class Caller {
 public:
  explicit Caller(const std::string& title) { scenario_.plan(1, {title, "ok"}); }

  Ended call(const std::string& role, int attempt, const std::string& reason = "execute",
             int task = 1) {
    const std::string output = scenario_.project() / ".konductor/output.md";
    fs::remove_all(output);
    const char* path = std::getenv("PATH");
    const Words environment = {
        "PATH=" + std::string(path),
        "HOME=" + scenario_.home().string(),
        "FAKE_AGENT_DIR=" + scenario_.agent_directory().string(),
        "FAKE_AGENT_PROJECT=" + scenario_.project().string(),
        "KONDUCTOR_ROLE=" + role,
        "KONDUCTOR_REASON=" + reason,
        "KONDUCTOR_PHASE=01",
        "KONDUCTOR_PLAN=1",
        "KONDUCTOR_TASK=" + std::to_string(task),
        "KONDUCTOR_ATTEMPT=" + std::to_string(attempt),
        "KONDUCTOR_PLAN_FILE=" + (scenario_.plans() / "001.md").string(),
        "KONDUCTOR_OUTPUT=" + output,
    };
    return e2e::run_program({KONDUCTOR_FAKE_AGENT}, environment, scenario_.project());
  }

  std::string document() const { return scenario_.read(".konductor/output.md"); }
  bool says(const std::string& text) const { return document().find(text) != std::string::npos; }
  Scenario& scenario() { return scenario_; }

 private:
  Scenario scenario_;
};

}  // namespace

TEST_CASE("the scripted agent does an unknown title's work honestly") {
  Caller agent("a title without a directive");
  REQUIRE(agent.call("executor", 1).exit == 0);
  CHECK(agent.scenario().read("p1t1.txt") == "plan 1 task 1\n");
  CHECK(agent.says("\n## Status: DONE\n"));
  const auto attempts = agent.scenario().attempts();
  REQUIRE(attempts.size() == 1);
  CHECK(attempts[0].text() == "executor 1/1 execute");
  CHECK(attempts[0].ended >= attempts[0].began);
  REQUIRE(agent.call("spec-reviewer", 1, "review").exit == 0);
  CHECK(agent.says("## Verdict: pass"));
}

TEST_CASE("the scripted agent counts attempts against its directives") {
  Caller agent("crash twice; spec rejects 1");
  CHECK(agent.call("executor", 1).exit == 7);
  CHECK(agent.call("executor", 2, "retry").exit == 7);
  CHECK(agent.call("executor", 3, "retry").exit == 0);
  CHECK(agent.call("spec-reviewer", 1, "review").exit == 0);
  CHECK(agent.says("## Verdict: fail"));
  CHECK(agent.says("finding-of-spec-reviewer-1-1-1"));
  CHECK(agent.call("spec-reviewer", 2, "review").exit == 0);
  CHECK(agent.says("## Verdict: pass"));
  CHECK(agent.call("code-reviewer", 1, "review").exit == 0);
  CHECK(agent.says("## Verdict: pass"));
}

TEST_CASE("the scripted agent hands in what its title asks for") {
  const auto [title, text] = GENERATE(table<std::string, std::string>({
      {"unknown status", "## Status: FINISHED"},
      {"two statuses", "## Status: BLOCKED"},
      {"status in fence", "```markdown\n## Status: DONE"},
      {"needs context", "## Missing Context"},
      {"blocked", "## Blocker"},
      {"concerns actionable", "- [actionable] "},
      {"concerns informational", "- [informational] "},
      {"concerns unmarked actionable", "- concern-to-judge"},
      {"forges review status", "## Review Status: passed"},
      {"invalid utf8 summary", "\xff\xfe"},
  }));
  Caller agent(title);
  CAPTURE(title);
  REQUIRE(agent.call("executor", 1).exit == 0);
  CHECK(agent.says(text));
}

TEST_CASE("the scripted agent makes outputs that are no documents") {
  const std::string output = ".konductor/output.md";
  Caller nothing("no summary");
  REQUIRE(nothing.call("executor", 1).exit == 0);
  CHECK_FALSE(nothing.scenario().exists(output));
  Caller huge("huge summary");
  REQUIRE(huge.call("executor", 1).exit == 0);
  CHECK(fs::file_size(huge.scenario().project() / output) == 100ULL << 20U);
  Caller link("output is a link");
  REQUIRE(link.call("executor", 1).exit == 0);
  CHECK(fs::is_symlink(link.scenario().project() / output));
  Caller fifo("output is a fifo");
  REQUIRE(fifo.call("executor", 1).exit == 0);
  CHECK(fs::is_fifo(fifo.scenario().project() / output));
}

TEST_CASE("the scripted agent's children live on and are found") {
  const std::string title = GENERATE("grandchild holds stdout", "grandchild leaves session",
                                     "grandchild forgets its origin");
  CAPTURE(title);
  Caller agent(title + " once");
  REQUIRE(agent.call("executor", 1).exit == 0);
  CHECK_FALSE(agent.scenario().living_agents().empty());
  REQUIRE(agent.call("spec-reviewer", 1, "review").exit == 0);
  CHECK_FALSE(agent.scenario().attempts("spec-reviewer").at(0).start["living_children"].empty());
}

TEST_CASE("the scripted agent answers and decides") {
  Caller agent("blocked split");
  REQUIRE(agent.call("executor", 1).exit == 0);
  CHECK(agent.says("## Status: BLOCKED"));
  REQUIRE(agent.call("assessor", 1, "assess").exit == 0);
  CHECK(agent.says("## Decision: split"));
  CHECK(agent.says("### Task 2: ok"));
  REQUIRE(agent.call("researcher", 1, "research").exit == 0);
  CHECK(agent.says("## Context"));
}

TEST_CASE("the scripted agent ends with exit code 9 when the engine breaks the contract") {
  Caller agent("ok");
  CHECK(agent.call("dreamer", 1).exit == 9);
}
