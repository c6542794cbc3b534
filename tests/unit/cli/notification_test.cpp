// SPDX-License-Identifier: MIT
#include "cli/notification.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/event_samples.hpp"

using namespace konductor;
using namespace konductor::cli;
using nlohmann::json;

namespace {

// The document as its schema has it.
json checked(const Notification& notification) {
  const json schema =
      json::parse(std::ifstream(KONDUCTOR_SOURCE_DIR "/schemas/notification.schema.json"));
  const json document = json::parse(notification_text(notification, "/project"));
  for (const json& name : schema.at("required"))
    CHECK(document.contains(name.get<std::string>()));
  for (const auto& [name, value] : document.items()) {
    CAPTURE(name);
    REQUIRE(schema.at("properties").contains(name));
    const json& part = schema.at("properties").at(name);
    if (part.contains("const")) CHECK(value == part.at("const"));
    if (part.contains("enum"))
      CHECK(std::count(part.at("enum").begin(), part.at("enum").end(), value) == 1);
    if (part.value("type", "") == "string") CHECK(value.is_string());
    if (part.value("type", "") == "integer") CHECK(value.is_number_integer());
  }
  return document;
}

Notification told(engine::EventBody body) {
  const auto found = notification_of({1'767'225'600'000, "r1", std::move(body)}, "01");
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("what a person should know is told with what to do") {
  const json blocked = checked(told(engine::event::task_blocked{2, 3, "no\nkey"}));
  CHECK(blocked.at("event") == "blocked");
  CHECK(blocked.at("address") == "01/002/3");
  CHECK(blocked.at("message") == "no key");
  CHECK(blocked.at("command") == "konductor unblock 01/002/3 --context \"…\"");
  CHECK(blocked.at("time") == "2026-01-01T00:00:00.000Z");
  const json manual = checked(told(engine::event::task_needs_manual{2, 3, "why"}));
  CHECK(manual.at("event") == "needs_person");
  CHECK(manual.at("command") == "konductor execute 01 --retry 01/002/3");
  const json breaker = checked(told(engine::event::breaker_tripped{"blocked", {"001/1", "002/1"}}));
  CHECK(breaker.at("message") == "too many tasks are blocked: 001/1, 002/1");
  const json done = checked(told(engine::event::run_finished{7, "limit", "none", ""}));
  CHECK(done.at("exit") == 7);
  CHECK(done.at("outcome") == "limit");
}

TEST_CASE("most events are nobody's concern") {
  std::size_t told_of = 0;
  for (const engine::EventBody& body : test::sample_bodies()) {
    const auto found = notification_of({0, "r1", body}, "01");
    if (!found) continue;
    ++told_of;
    checked(*found);
  }
  CHECK(told_of == 6);
  CHECK_FALSE(notification_of({0, "r1", engine::event::holistic_finished{"pass", ""}}, "01"));
}

TEST_CASE("a command finds the same in its environment") {
  const auto variables =
      notification_variables(told(engine::event::run_finished{0, "complete", "none", ""}));
  for (const char* variable : {"KONDUCTOR_EVENT=done", "KONDUCTOR_PHASE=01", "KONDUCTOR_EXIT=0",
                               "KONDUCTOR_OUTCOME=complete", "KONDUCTOR_RUN=r1"})
    CHECK(std::count(variables.begin(), variables.end(), variable) == 1);
}
