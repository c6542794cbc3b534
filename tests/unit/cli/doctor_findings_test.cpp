// SPDX-License-Identifier: MIT
#include "cli/doctor_findings.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;
using State = FindingState;

namespace {

RuntimeFacts claude() {
  RuntimeFacts facts;
  facts.agent.name = "claude";
  facts.agent.program = "/usr/bin/claude";
  facts.agent.version = "2.1.330";
  facts.agent.verdict = {agent::VersionVerdict::Kind::verified, "2.1.330"};
  facts.login = Login::found;
  facts.login_command = "claude auth login";
  return facts;
}

}  // namespace

TEST_CASE("a runtime that is missing matters only to who needs it") {
  RuntimeFacts facts = claude();
  CHECK(judge_runtime(facts).state == State::ok);
  facts.agent.program.clear();
  CHECK(judge_runtime(facts).state == State::ok);
  facts.is_wanted = true;
  const Finding missing = judge_runtime(facts);
  CHECK(missing.state == State::problem);
  CHECK(missing.fix == "npm install -g @anthropic-ai/claude-code");
}

TEST_CASE("a login that is not found is a warning, and one that cannot be told is said to be so") {
  RuntimeFacts facts = claude();
  facts.login = Login::missing;
  CHECK(judge_runtime(facts).state == State::warning);
  CHECK(judge_runtime(facts).fix == "claude auth login");
  facts.login = Login::cannot_be_told;
  CHECK(judge_runtime(facts).state == State::ok);
  CHECK_THAT(judge_runtime(facts).text, Contains("cannot be told"));
}

TEST_CASE("a version that is known not to work stops who needs it") {
  RuntimeFacts facts = claude();
  facts.agent.verdict = {agent::VersionVerdict::Kind::bad, "it breaks"};
  CHECK(judge_runtime(facts).state == State::warning);
  facts.is_wanted = true;
  CHECK(judge_runtime(facts).state == State::problem);
}

TEST_CASE("where logins lie is known of the agents that are known") {
  config::Config config;
  CHECK(login_places(config.runtimes.at("claude"))->files.front() == ".claude/.credentials.json");
  CHECK(login_places(config.runtimes.at("codex"))->command == "codex login");
  CHECK_FALSE(login_places(config::RuntimeSettings{}));
}

TEST_CASE("a sandbox that is asked for and not there is a problem") {
  SandboxFacts facts;
  CHECK(judge_sandbox(facts).state == State::ok);
  facts.wanted = config::Sandbox::automatic;
  CHECK(judge_sandbox(facts).state == State::warning);
  facts.wanted = config::Sandbox::landlock;
  CHECK(judge_sandbox(facts).state == State::problem);
  facts.landlock_abi = 4;
  CHECK(judge_sandbox(facts).state == State::ok);
  facts.wanted = config::Sandbox::bwrap;
  CHECK(judge_sandbox(facts).fix == "apt-get install bubblewrap");
}

TEST_CASE("cgroups and overlays stop a run only where they were insisted on") {
  config::Config config;
  agent::CgroupOffer offer;
  offer.why_not = "no cgroup may be made";
  CHECK(judge_containment(config, offer).state == State::ok);
  config.execution.containment = config::Containment::cgroup;
  CHECK(judge_containment(config, offer).state == State::problem);
  CHECK(judge_overlay(false, "no user namespaces").state == State::ok);
  CHECK(judge_overlay(true, "no user namespaces").state == State::warning);
  CHECK(judge_overlay(true, "").state == State::ok);
}

TEST_CASE("a repository in which nobody can commit is a problem") {
  platform::RepositoryFacts facts;
  const auto states = [&facts] {
    std::vector<State> found;
    for (const Finding& finding : judge_git(facts, "2.39.5", config::Config{}))
      found.push_back(finding.state);
    return found;
  };
  CHECK(states() == std::vector<State>{State::ok, State::warning});
  facts.is_there = true;
  facts.top = "/p";
  facts.branch = "main";
  facts.has_commit = true;
  CHECK(states() == std::vector<State>{State::ok, State::ok, State::ok});
  facts.under_way = "rebase";
  CHECK(states() == std::vector<State>{State::ok, State::warning, State::ok});
  facts.no_identity = "git does not know who commits";
  CHECK(states() == std::vector<State>{State::ok, State::warning, State::problem});
  facts.unusable = "it is bare";
  CHECK(states() == std::vector<State>{State::ok, State::problem, State::problem});
  CHECK(judge_git(facts, "", config::Config{}).front().state == State::warning);
  CHECK(judge_git(facts, "2.39.5", config::Config{}).at(1).fix == "git -C /p status");
  facts.has_commit = false;
  facts.is_unborn = true;
  CHECK(judge_git(facts, "2.39.5", config::Config{}).at(1).fix ==
        "git -C /p add -A && git -C /p commit -m start");
}

TEST_CASE("room on the disk and the kernel's features are judged by what a run takes") {
  constexpr std::uint64_t kMebibyte = 1U << 20U;
  CHECK(judge_disk(5000 * kMebibyte, "/p").state == State::ok);
  CHECK(judge_disk(500 * kMebibyte, "/p").state == State::warning);
  CHECK(judge_disk(5 * kMebibyte, "/p").state == State::problem);
  CHECK(judge_kernel({"6.1.0", true, 524288}).back().state == State::ok);
  CHECK(judge_kernel({"6.1.0", true, 8192}).back().state == State::warning);
  CHECK(judge_kernel({"4.19.0", false, 0}).front().state == State::problem);
}

TEST_CASE("the exit code is 6 when something is a problem, and text and JSON say the same") {
  const Finding good{"disk", "space", State::ok, "5000 MiB free", ""};
  const Finding poor{"runtime", "claude", State::warning, "no login found", "claude auth login"};
  const Finding bad{"git", "identity", State::problem, "nobody\x1b[2J", "git config"};
  CHECK(doctor_exit({good, poor}) == 0);
  CHECK(doctor_exit({good, bad}) == 6);
  const std::string text = doctor_text({good, poor, bad}, Paint(false), false);
  CHECK_THAT(text, Contains("warning  runtime claude: no login found\n"
                            "           fix: claude auth login\n"));
  CHECK_THAT(text, Contains("1 problem, 1 warning; `konductor execute` would stop at it\n") &&
                       !Contains("\x1b"));
  CHECK_THAT(doctor_text({bad, bad}, Paint(false), false), Contains("would stop at them\n"));
  CHECK_THAT(doctor_text({good}, Paint(false), true), Catch::Equals(""));
  const auto json = doctor_json({good, poor, bad});
  CHECK(json.at("exit") == 6);
  CHECK(json.at("findings").at(1).at("state") == "warning");
}

TEST_CASE("the doctor's schema names what its document holds") {
  std::ifstream stream(KONDUCTOR_SOURCE_DIR "/schemas/doctor.schema.json");
  const auto schema = nlohmann::json::parse(stream);
  const auto document =
      nlohmann::json::parse(doctor_json({{"git", "program", State::ok, "version 2", ""}}).dump());
  const auto check = [](const nlohmann::json& part, const nlohmann::json& value) {
    CHECK(part.at("required").size() == value.size());
    for (const auto& name : part.at("required")) {
      CAPTURE(name);
      CHECK(value.contains(name.get<std::string>()));
      CHECK(part.at("properties").contains(name.get<std::string>()));
    }
  };
  check(schema, document);
  check(schema.at("properties").at("findings").at("items"), document.at("findings").at(0));
  CHECK(
      schema.at("properties").at("findings").at("items").at("properties").at("state").at("enum") ==
      nlohmann::json::array({"ok", "warning", "problem"}));
}
