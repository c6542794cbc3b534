// SPDX-License-Identifier: MIT
#include "records/state_file.hpp"

#include <toml++/toml.h>

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::records;

namespace {

constexpr const char* kNow = "2026-03-01T12:00:00.000Z";

StateFile parsed(std::string_view text) {
  auto state = parse_state(text);
  if (state.has_error()) FAIL(state.error().message);
  return state.value();
}

constexpr const char* kPlanned = R"(
# a person's remark
[project]
name = "Demo"
initialized = 2026-01-01T00:00:00Z
owner = "somebody"

[current]
phase = "01"
step = "planned"
status = "idle"
plan = ""
wave = 0

[progress]
phases_total = 3

[metrics]
last_activity = "2026-01-02T00:00:00Z"
total_agent_sessions = 1

[[blockers]]
phase = "00"
step = "executing"
reason = "old"
timestamp = "2026-01-01T00:00:00Z"
resolved = true
ticket = 7

[release]
version = "v1"

[team.lead]
name = "x"
)";

}  // namespace

TEST_CASE("an empty state file is an empty state and stays empty") {
  const StateFile state = parsed("");
  CHECK(state.current.step.empty());
  CHECK(state.blockers.empty());
  CHECK(to_toml(state).empty());
}

TEST_CASE("every known key is read and other keys are kept") {
  const StateFile state = parsed(kPlanned);
  CHECK(state.project.name == "Demo");
  CHECK(state.project.initialized == "2026-01-01T00:00:00Z");
  CHECK(state.current.step == "planned");
  CHECK(state.progress.phases_total == 3);
  CHECK(state.metrics.total_agent_sessions == 1);
  REQUIRE(state.blockers.size() == 1);
  CHECK(state.blockers[0] == Blocker{"00", "executing", "old", "2026-01-01T00:00:00Z", true});
  CHECK(toml::parse(to_toml(state)) == toml::parse(kPlanned));
}

TEST_CASE("a phase goes from planned over executing to executed") {
  StateFile state = parsed(kPlanned);
  set_step(state, "01", "executing", "busy", kNow);
  state.current.plan = "002";
  state.current.wave = 1;
  state.progress.current_phase_plans = 5;
  const std::string text = to_toml(state);
  StateFile again = parsed(text);
  CHECK(again.current.step == "executing");
  CHECK(again.current.status == "busy");
  CHECK(again.current.plan == "002");
  CHECK(again.current.wave == 1);
  CHECK(again.progress.current_phase_plans == 5);
  CHECK(again.metrics.last_activity == kNow);
  const toml::table document = toml::parse(text);
  CHECK(document["project"]["owner"] == "somebody");
  CHECK(document["project"]["initialized"].is_date_time());
  CHECK(document["blockers"][0]["ticket"] == 7);
  CHECK(document["team"]["lead"]["name"] == "x");
  set_step(again, "01", "executed", "idle", kNow);
  CHECK(parsed(to_toml(again)).current.step == "executed");
}

TEST_CASE("the tables are written in the order of the format") {
  StateFile state = parsed(std::string("top = 1\nlist = [ 1, 2 ]\n") + kPlanned);
  add_blocker(state, "01", "01/002/3", "why", kNow);
  const std::string text = to_toml(state);
  std::size_t at = 0;
  for (const char* part : {"top = 1", "[project]", "[current]", "[progress]", "[metrics]",
                           "[[blockers]]", "[[blockers]]", "[release]", "[team.lead]"}) {
    INFO(part);
    at = text.find(part, at);
    REQUIRE(at != std::string::npos);
    ++at;
  }
  CHECK(text.find("list") < text.find("[project]"));
}

TEST_CASE("a blocked task is a blocker until it is resolved") {
  StateFile state = parsed(kPlanned);
  set_step(state, "01", "executing", "busy", kNow);
  add_blocker(state, "01", "01/002/3", "needs a\n  decision ", kNow);
  add_blocker(state, "01", "01/002/30", "other", kNow);
  CHECK(state.current.status == "blocked");
  state = parsed(to_toml(state));
  REQUIRE(state.blockers.size() == 3);
  CHECK(state.blockers[1] == Blocker{"01", "executing", "01/002/3: needs a decision", kNow, false});
  CHECK(state.current.status == "blocked");

  CHECK(resolve_blockers(state, "01", "01/002/3", "2026-03-02T00:00:00.000Z") == 1);
  CHECK(state.blockers[1].resolved);
  CHECK_FALSE(state.blockers[2].resolved);
  CHECK(state.current.status == "blocked");
  CHECK(state.metrics.last_activity == "2026-03-02T00:00:00.000Z");
  CHECK(resolve_blockers(state, "01", "01/002/3", kNow) == 0);
  CHECK(state.metrics.last_activity == "2026-03-02T00:00:00.000Z");
  CHECK(resolve_blockers(state, "02", "01/002/30", kNow) == 0);
  CHECK(resolve_blockers(state, "01", "01/002/30", kNow) == 1);
  CHECK(state.current.status == "idle");
  state = parsed(to_toml(state));
  CHECK(state.blockers[1].resolved);
  CHECK(state.blockers[2].resolved);
  CHECK(state.blockers.size() == 3);
}

TEST_CASE("blocking a blocked task again adds nothing, blocking a resolved one does") {
  StateFile state = parsed("blockers = []\n");
  add_blocker(state, "01", "01/holistic", "first", kNow);
  add_blocker(state, "01", "01/holistic", "second", kNow);
  REQUIRE(state.blockers.size() == 1);
  CHECK(state.blockers[0].reason == "01/holistic: second");
  resolve_blockers(state, "01", "01/holistic", kNow);
  add_blocker(state, "01", "01/holistic", "third", kNow);
  const StateFile again = parsed(to_toml(state));
  REQUIRE(again.blockers.size() == 2);
  CHECK(again.blockers[0].resolved);
  CHECK_FALSE(again.blockers[1].resolved);
}

TEST_CASE("a step keeps the status blocked while a blocker of its phase is open") {
  StateFile state = parsed(kPlanned);
  add_blocker(state, "01", "01/001/1", "why", kNow);
  set_step(state, "01", "executing", "busy", kNow);
  CHECK(state.current.status == "blocked");
  set_step(state, "02", "executing", "busy", kNow);
  CHECK(state.current.status == "busy");
}

TEST_CASE("any text of a reason survives") {
  StateFile state = parsed("");
  const std::string reason = "quote \" apostrophe ' back\\slash \xC3\xA9 [x] # ''' \"\"\" \x01\x7F";
  add_blocker(state, "01", "01/001/1", reason, kNow);
  CHECK(parsed(to_toml(state)).blockers[0].reason == "01/001/1: " + reason);
  add_blocker(state, "01", "01/001/2", "bad \xFF byte", kNow);
  CHECK(parsed(to_toml(state)).blockers[1].reason == "01/001/2: bad \xEF\xBF\xBD byte");
}

TEST_CASE("inline tables, dotted keys, CRLF and a byte order mark are read and written") {
  StateFile state = parsed(
      "\xEF\xBB\xBF"
      "current = { phase = \"01\", step = \"planned\" }\r\n"
      "metrics.last_activity = \"then\"\r\n"
      "blockers = [ { phase = \"01\", reason = \"01/001/1: r\" } ]\r\n");
  CHECK(state.current.step == "planned");
  resolve_blockers(state, "01", "01/001/1", kNow);
  set_step(state, "01", "executing", "busy", kNow);
  add_blocker(state, "01", "01/001/2", "more", kNow);
  const StateFile again = parsed(to_toml(state));
  CHECK(again.current.step == "executing");
  CHECK(again.metrics.last_activity == kNow);
  REQUIRE(again.blockers.size() == 2);
  CHECK(again.blockers[0].resolved);
  CHECK(again.blockers[1].reason == "01/001/2: more");
}

TEST_CASE("bad TOML and wrong types are errors that name the place") {
  const auto message = [](std::string_view text) {
    auto state = parse_state(text);
    REQUIRE(state.has_error());
    CHECK(state.error().code == ErrorCode::invalid_input);
    return state.error().message;
  };
  CHECK(message("[current]\nstep = \n").find("line 2, column ") == 0);
  CHECK(message("[current]\nwave = \"1\"\n") ==
        "line 2, column 8: \"current.wave\" must be an integer");
  CHECK(message("[current]\nstep = 1\n").find("\"current.step\" must be a string") !=
        std::string::npos);
  CHECK(message("current = 1\n").find("\"current\" must be a table") != std::string::npos);
  CHECK(message("blockers = 1\n").find("\"blockers\" must be an array of tables") !=
        std::string::npos);
  CHECK(message("blockers = [1]\n").find("\"blockers\" must be") != std::string::npos);
  CHECK(message("[[blockers]]\nresolved = \"no\"\n").find("\"blockers.resolved\" must be true") !=
        std::string::npos);
  CHECK(message("a = \"\xFF\"\n").find("line 1") == 0);
}

TEST_CASE("a new project's state has every key of the format") {
  const StateFile state = parsed(initial_state("A \"project\"", "01", 1, kNow));
  CHECK(state.project.name == "A \"project\"");
  CHECK(state.current.phase == "01");
  CHECK(state.current.step == "specced");
  CHECK(state.current.status == "idle");
  CHECK(state.progress.phases_total == 1);
  CHECK(state.metrics.total_agent_sessions == 1);
  const toml::table document = toml::parse(initial_state("p", "01", 1, kNow));
  CHECK(document["current"]["plan"] == "");
  CHECK(document["current"]["wave"] == 0);
  CHECK(document["progress"]["current_phase_plans_complete"] == 0);
}
