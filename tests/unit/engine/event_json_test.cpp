// SPDX-License-Identifier: MIT
#include "engine/event_json.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.hpp"
#include "support/event_samples.hpp"

using namespace konductor;
using namespace konductor::engine;
using nlohmann::json;

namespace {

EventBody round_trip(const EventBody& body) {
  auto decoded = decode_body(event_name(body), encode_body(body));
  if (!decoded.has_value()) FAIL(decoded.error().message);
  REQUIRE(decoded.value().has_value());
  return *decoded.value();
}

Error decode_error(std::string_view name, std::string_view text) {
  auto decoded = decode_body(name, text);
  INFO(text);
  REQUIRE(decoded.has_error());
  return decoded.error();
}

template <class Body>
Body decode_as(std::string_view text) {
  auto decoded = decode_body(Body::kName, text);
  if (!decoded.has_value()) FAIL(decoded.error().message);
  REQUIRE(decoded.value().has_value());
  return std::get<Body>(*decoded.value());
}

std::string golden_text() {
  std::string text;
  std::int64_t time = 1767225600000;
  for (const EventBody& body : test::sample_bodies()) {
    text += std::string(event_name(body)) + " " + encode_body(body) + "\n";
    text += encode_stream_line(Event{time += 250, "run-1", body}) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every event comes back as it was encoded") {
  for (const EventBody& body : test::sample_bodies()) {
    INFO(event_name(body));
    CHECK(round_trip(body) == body);
  }
}

TEST_CASE("an event with nothing in it comes back as it was encoded") {
  for (const EventBody& body : test::default_bodies()) {
    INFO(event_name(body));
    CHECK(round_trip(body) == body);
  }
}

TEST_CASE("the encoding of every event is the recorded one") {
  const std::string path = KONDUCTOR_SOURCE_DIR "/tests/golden/events.txt";
  const std::string now = golden_text();
  if (std::getenv("KONDUCTOR_ACCEPT") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
    FAIL("the golden file was written anew: look at the difference");
  }
  std::ostringstream recorded;
  recorded << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string before = recorded.str();
  const auto expected = split_lines(before);
  const auto actual = split_lines(now);
  for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i)
    CHECK(actual[i] == expected[i]);
  CHECK(actual.size() == expected.size());
}

TEST_CASE("what the journal holds and what the stream says is JSON on one line") {
  for (const EventBody& body : test::sample_bodies()) {
    const std::string row = encode_body(body);
    const std::string line = encode_stream_line(Event{1, "run", body});
    INFO(line);
    CHECK(row.find('\n') == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
    const json stored = json::parse(row);
    const json streamed = json::parse(line);
    for (const auto& [key, value] : stored.items())
      CHECK(streamed.at(key) == value);
    CHECK(streamed.at("type") == std::string(event_name(body)));
    CHECK(streamed.at("schema_version") == kEventSchemaVersion);
    CHECK(streamed.size() == stored.size() + 4);
  }
}

TEST_CASE("a stream line keeps every field, a journal row leaves defaults out") {
  const event::task_failed failed{2, 0, ""};
  CHECK(encode_body(failed) == R"({"plan":2})");
  for (const EventBody& body : test::default_bodies())
    CHECK(encode_body(body) == "{}");
  event::attempt_finished killed;
  killed.exit_code = 0;
  killed.usage.cost_usd = 0.5;
  CHECK(encode_body(killed) == R"({"exit_code":0,"usage":{"cost_usd":0.5}})");
  CHECK(encode_stream_line(Event{0, "r", failed}) ==
        R"({"schema_version":1,"type":"task_failed","time":"1970-01-01T00:00:00.000Z",)"
        R"("run":"r","plan":2,"task":0,"reason":""})");
  CHECK(json::parse(encode_stream_line(Event{0, "r", event::attempt_finished{}}))
            .at("usage")
            .at("cost_usd") == 0);
}

TEST_CASE("an unknown event is passed over, whatever it holds") {
  for (const char* text : {"{}", "[", "", R"({"plan":1})"}) {
    auto decoded = decode_body("event_of_tomorrow", text);
    REQUIRE(decoded.has_value());
    CHECK_FALSE(decoded.value().has_value());
  }
}

TEST_CASE("unknown fields are passed over and missing ones keep their defaults") {
  const auto failed = decode_as<event::task_failed>(
      R"({"new":{"plan":[1,{"task":"x"}]},"task":3,"more":[[],{}],"text":"}","reason":"r"})");
  CHECK(failed == event::task_failed{0, 3, "r"});
  CHECK(decode_as<event::attempt_finished>("{}").exit_code == -1);
  CHECK(
      decode_as<event::attempt_finished>(R"({"usage":{"cost_usd":2,"carbon":1}})").usage.cost_usd ==
      2.0);
}

TEST_CASE("spaces, escapes in names and repeated fields are read as JSON says") {
  CHECK(decode_as<event::task_failed>("  {\n \"pl\\u0061n\" :\t4 ,\"task\":1,\"task\":2 }\r\n ") ==
        event::task_failed{4, 2, ""});
  const auto blocked = decode_as<event::breaker_tripped>(R"({"tasks":["a"],"tasks":["b","c"]})");
  CHECK(blocked.tasks == std::vector<std::string>{"b", "c"});
}

TEST_CASE("a field of the wrong type is invalid input and is named") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"plan":"1"})", "plan"},
      {R"({"plan":1.5})", "plan"},
      {R"({"plan":4294967296})", "plan"},
      {R"({"plan":-2147483649})", "plan"},
      {R"({"plan":null})", "plan"},
      {R"({"plan":[1]})", "plan"},
      {R"({"passed":1})", "passed"},
      {R"({"passed":"true"})", "passed"},
      {R"({"stage":7})", "stage"},
      {R"({"stage":{}})", "stage"},
      {R"({"findings":{}})", "findings"},
      {R"({"findings":["x"]})", "findings"},
      {R"({"undeclared":"a"})", "undeclared"},
      {R"({"undeclared":[1]})", "undeclared"},
      {R"({"findings":[{"text":1}]})", "findings.text"},
  };
  for (const auto& [text, field] : cases) {
    const Error error = decode_error("gate_checked", text);
    CHECK(error.code == ErrorCode::invalid_input);
    CHECK(error.message.find("\"gate_checked\", field \"" + field + "\"") != std::string::npos);
  }
}

TEST_CASE("text that is no JSON object is invalid input") {
  for (const char* text : {"",
                           " ",
                           "null",
                           "1",
                           "\"x\"",
                           "[]",
                           "{",
                           "{\"plan\"",
                           "{\"plan\":",
                           "{\"plan\":1",
                           "{\"plan\":1,",
                           "{\"plan\":1}}",
                           "{\"plan\":1} x",
                           "{} {}",
                           "{\"reason\":\"a}",
                           "{\"reason\":\"\\q\"}",
                           "{\"reason\":\"\\ud800\"}",
                           "{plan:1}",
                           "{\"plan\" 1}",
                           "{\"reason\":\"\xFF\"}"}) {
    const Error error = decode_error("task_failed", text);
    CHECK(error.code == ErrorCode::invalid_input);
    CHECK(error.message.find("event \"task_failed\"") == 0);
  }
}

TEST_CASE("bytes that are not UTF-8 are replaced, in the row and in the stream") {
  const event::note_recorded note{1, 2, "a\xFFz\xED\xA0\x80"};
  const auto back = std::get<event::note_recorded>(round_trip(note));
  CHECK(back.text == to_valid_utf8(note.text));
  CHECK(back.text.find("\xEF\xBF\xBD") == 1);
  CHECK_NOTHROW(json::parse(encode_stream_line(Event{0, "r\xC0", note})));
}

TEST_CASE("control characters and NUL survive, escaped") {
  std::string text;
  for (int c = 0; c < 128; ++c)
    text += static_cast<char>(c);
  text += "\xE2\x80\xA8\xF0\x9F\x98\x80";
  const event::note_recorded note{1, 2, text};
  const std::string row = encode_body(note);
  for (const char c : row)
    CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(row.find("\\u0000\\u0001") != std::string::npos);
  CHECK(round_trip(note) == EventBody(note));
  CHECK(json::parse(row).at("text") == text);
}

TEST_CASE("numbers keep their value to the last bit, and what JSON cannot hold is 0") {
  for (const double seconds : {0.1, 1e300, 5e-324, 123456789.123456789, -0.5, 1e20}) {
    event::attempt_finished finished;
    finished.seconds = seconds;
    CHECK(std::get<event::attempt_finished>(round_trip(finished)).seconds == seconds);
  }
  for (const double seconds : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    event::attempt_finished finished;
    finished.seconds = seconds;
    CHECK(std::get<event::attempt_finished>(round_trip(finished)).seconds == 0);
  }
  event::run_started started;
  started.pid = std::numeric_limits<std::int64_t>::max();
  started.fence = std::numeric_limits<std::int64_t>::min();
  started.max_wave_parallelism = std::numeric_limits<int>::min();
  CHECK(round_trip(started) == EventBody(started));
}

TEST_CASE("a text of a mebibyte comes back whole") {
  event::context_provided context{1, 1, "person", ""};
  while (context.text.size() < (1U << 20U))
    context.text += "line \"with\" quotes\n";
  CHECK(round_trip(context) == EventBody(context));
  CHECK(round_trip(event::task_failed{1, 1, "small again"}) ==
        EventBody(event::task_failed{1, 1, "small again"}));
}

TEST_CASE("times are written as RFC 3339 in UTC with milliseconds") {
  CHECK(time_text(0) == "1970-01-01T00:00:00.000Z");
  CHECK(time_text(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(time_text(1772366400250) == "2026-03-01T12:00:00.250Z");
  CHECK(time_text(1709164800005) == "2024-02-29T00:00:00.005Z");
  CHECK(time_text(std::numeric_limits<std::int64_t>::max()) == "9999-12-31T23:59:59.999Z");
  CHECK(time_text(std::numeric_limits<std::int64_t>::min()) == "0000-01-01T00:00:00.000Z");
}
