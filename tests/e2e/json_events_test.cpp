// SPDX-License-Identifier: MIT
// What machines read: one document, or one event a line.
#include <signal.h>

#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;
using e2e::Words;

namespace {

void require_one_document(const Ended& ended, int exit) {
  REQUIRE(ended.exit == exit);
  json document;
  REQUIRE_NOTHROW(document = ended.document());
  REQUIRE(document.is_object());
  CHECK(document.value("exit", -1) == exit);
}

// True when `wanted` appear in that order, others between them.
bool is_in_order(const std::vector<json>& events, const Words& wanted) {
  std::size_t next = 0;
  for (const json& event : events)
    if (next < wanted.size() && event["type"] == wanted[next]) ++next;
  UNSCOPED_INFO("missing from: " << (next < wanted.size() ? wanted[next] : "nothing"));
  return next == wanted.size();
}

}  // namespace

TEST_CASE("execute --json prints exactly one document on every path") {
  Scenario scenario;
  SECTION("complete") {
    scenario.plan(1, {"ok"});
    require_one_document(scenario.execute({"--json"}), 0);
    require_one_document(scenario.execute({"--json"}), 0);
  }
  SECTION("failed") {
    scenario.plan(1, {"crash"});
    require_one_document(scenario.execute({"--json"}), 1);
  }
  SECTION("blocked") {
    scenario.plan(1, {"blocked"});
    require_one_document(scenario.execute({"--json"}), 4);
  }
  SECTION("breaker") {
    for (const int number : {1, 2, 3})
      scenario.plan(number, {"blocked"});
    require_one_document(scenario.execute({"--json"}), 3);
  }
  SECTION("dry run") {
    scenario.plan(1, {"ok"});
    require_one_document(scenario.run({"execute", "01", "--dry-run", "--json"}), 0);
  }
  SECTION("bad plan") {
    scenario.write(scenario.plans() / "001.md", "no frontmatter\n");
    require_one_document(scenario.execute({"--json"}), 2);
  }
  SECTION("no such phase") {
    require_one_document(scenario.run({"execute", "77", "--json"}), 2);
  }
  SECTION("usage error") {
    scenario.plan(1, {"ok"});
    require_one_document(scenario.run({"execute", "01", "--json", "--no-such-option"}), 2);
  }
  SECTION("bad configuration") {
    scenario.set("execution.schedule", "7").plan(1, {"ok"});
    require_one_document(scenario.execute({"--json"}), 2);
  }
  SECTION("no project") {
    std::filesystem::remove_all(scenario.konductor());
    require_one_document(scenario.run({"execute", "01", "--json"}), 2);
  }
  SECTION("missing agent") {
    scenario.set("runtimes.fake.command", R"(["no-such-agent-anywhere"])").plan(1, {"ok"});
    require_one_document(scenario.execute({"--json"}), 6);
  }
}

TEST_CASE(
    "execute --json prints one document when another engine holds the phase or a signal came") {
  Scenario scenario;
  scenario.plan(1, {"waits door"});
  auto first = scenario.start_execute({"--json"});
  REQUIRE(scenario.wait_for_log("waiting"));
  require_one_document(scenario.run({"execute", "01", "--json"}), 5);
  first->send(SIGINT);
  require_one_document(first->wait(), 130);
}

TEST_CASE("every line of the event stream says what, when and in which run") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto ended = scenario.execute();
  REQUIRE(ended.exit == 0);
  CHECK(ended.out.empty());
  const auto events = scenario.events();
  REQUIRE(events.size() > 10);
  const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)");
  for (const json& event : events) {
    CAPTURE(event.dump());
    CHECK(event.at("schema_version").is_number_integer());
    CHECK(event.at("type").is_string());
    CHECK(std::regex_match(event.at("time").get<std::string>(), time));
    CHECK(event.at("run") == scenario.attempts().at(0).run);
  }
  CHECK(events.front()["type"] == "run_started");
  CHECK(events.back()["type"] == "run_finished");
  CHECK(events.back()["exit"] == 0);
}

TEST_CASE("document and events call a phase by its name in addresses") {
  Scenario scenario;
  scenario.plan(1, {"blocked"});
  std::filesystem::rename(scenario.konductor() / "phases/01",
                          scenario.konductor() / "phases/01-auth");
  for (const std::string typed : {"01-auth", "01", "1"}) {
    const auto document = scenario.run({"execute", typed, "--json"}).document();
    CHECK(document["phase"] == "01");
    CHECK(document["blockers"].at(0)["task"] == "01/001/1");
  }
  REQUIRE(scenario.execute().exit == 4);
  CHECK(scenario.events("run_started").at(0)["phase"] == "01");
}

TEST_CASE("the events of a task tell its story in order") {
  Scenario scenario;
  scenario.plan(1, {"spec rejects 1"});
  REQUIRE(scenario.execute().exit == 0);
  CHECK(is_in_order(scenario.events(),
                    {"run_started",       "wave_started",     "plan_started",    "task_started",
                     "attempt_started",   "attempt_finished", "status_reported", "gate_checked",
                     "attempt_started",   "attempt_finished", "review_finished", "attempt_started",
                     "attempt_finished",  "status_reported",  "gate_checked",    "attempt_started",
                     "attempt_finished",  "review_finished",  "attempt_started", "attempt_finished",
                     "review_finished",   "task_completed",   "marker_filed",    "merge_finished",
                     "plan_completed",    "wave_finished",    "attempt_started", "attempt_finished",
                     "holistic_finished", "run_finished"}));
  CHECK(scenario.events("attempt_started").size() == scenario.attempts().size());
  CHECK(scenario.events("attempt_finished").size() == scenario.attempts().size());
}

TEST_CASE("the stream tells what attempts print, the journal does not") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"prints much"});
  REQUIRE(scenario.execute().exit == 0);
  const auto printed = scenario.events("attempt_output");
  REQUIRE_FALSE(printed.empty());
  std::int64_t bytes = 0;
  for (const json& event : printed) {
    CHECK(event["plan"] == 1);
    CHECK(event["task"] == 1);
    CHECK(event["role"] == "executor");
    CHECK(event["attempt"] == 1);
    CHECK(event["stream"] == "stdout");
    bytes += event["skipped"].get<std::int64_t>() +
             static_cast<std::int64_t>(event["text"].get<std::string>().size());
  }
  CHECK(bytes >= 4 << 20);
  CHECK(is_in_order(scenario.events(), {"attempt_started", "attempt_output", "attempt_finished"}));
  const std::string journal = scenario.read(scenario.konductor() / "konductor.db") +
                              scenario.read(scenario.konductor() / "konductor.db-wal");
  CHECK_THAT(journal, !Contains("attempt_output"));
}

TEST_CASE("a flood of output does not flood the stream") {
  Scenario scenario;
  scenario.set("features.code_review", "false").set("limits.output_max", "\"256 MiB\"");
  scenario.set("execution.max_crash_retries", "0").plan(1, {"floods stdout"});
  REQUIRE(scenario.execute().exit == 1);
  std::size_t bytes = 0;
  for (const json& event : scenario.events("attempt_output"))
    bytes += event["text"].get<std::string>().size();
  CHECK(bytes > 0);
  const double seconds = scenario.events("attempt_finished").at(0)["seconds"].get<double>();
  CHECK(static_cast<double>(bytes) <= (seconds * 10 + 3) * (64 << 10));
}

TEST_CASE("the event stream may go to stdout") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto ended = scenario.run({"execute", "01", "--events", "-"});
  REQUIRE(ended.exit == 0);
  std::istringstream lines(ended.out);
  std::string line;
  std::size_t count = 0;
  for (; std::getline(lines, line); ++count)
    CHECK(json::parse(line).contains("type"));
  CHECK(count > 10);
}

TEST_CASE("document and stream on stdout together are a usage error") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  const auto ended = scenario.run({"execute", "01", "--json", "--events", "-"});
  REQUIRE(ended.exit == 2);
  CHECK(scenario.attempts().empty());
  CHECK_THAT(ended.err, Contains("--events"));
}

TEST_CASE("a stream that nobody reads any more does not end the run") {
  Scenario scenario;
  scenario.plan(1, {"ok"});
  scenario.set("features.code_review", "false");
  const auto ended = scenario.run({"execute", "01", "--events", "/dev/full"});
  // Losing the stream may be told, but the work is what counts.
  CHECK((ended.exit == 0 || ended.exit == 6));
  CHECK_FALSE(scenario.attempts().empty());
  REQUIRE(scenario.execute().exit == 0);
  CHECK(scenario.is_task_filed(1, 1));
  CHECK(scenario.attempts("executor").size() == 1);
}
