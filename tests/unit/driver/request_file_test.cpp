// SPDX-License-Identifier: MIT
#include "driver/request_file.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::driver;

namespace {

engine::Request sample() {
  engine::Request request;
  request.id = "1767225600000-0a1b";
  request.action = engine::RequestAction::skip;
  request.address = {2, 3};
  request.text = "no \"API\" é\n";
  request.is_immediate = true;
  request.until = 1'767'225'610'000;
  return request;
}

std::string wrong(std::string_view name, std::string_view text) {
  const Result<engine::Request> read = parse_request_file(name, text);
  REQUIRE(read.has_error());
  CHECK(read.error().code == ErrorCode::invalid_input);
  return read.error().message;
}

}  // namespace

TEST_CASE("a request is read as it was written") {
  const engine::Request request = sample();
  const auto read = parse_request_file(request_file_name(request.id), request_file_text(request));
  REQUIRE(read.has_value());
  CHECK(read.value() == request);
}

TEST_CASE("every cut of a request's file is an error or nothing else than it") {
  const engine::Request request = sample();
  const std::string text = request_file_text(request);
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    CHECK(parse_request_file(request_file_name(request.id), text.substr(0, size)).has_error());
}

TEST_CASE("what is no request is told by what is wrong with it") {
  CHECK(wrong("a.json", "[]") == "it is no JSON object");
  CHECK(wrong("a.json", R"({"schema_version":2})") == "it is of another version of konductor");
  CHECK(wrong("a.json", R"({"schema_version":1,"id":"../a"})") == "it has no id");
  CHECK(wrong("b.json", R"({"schema_version":1,"id":"a"})") == "its name is not that of its id");
  CHECK(wrong("a.json", R"({"schema_version":1,"id":"a","action":"explode"})") ==
        "nobody knows its action");
  CHECK(wrong("a.json", R"({"schema_version":1,"id":"a","action":"tell","plan":-1})") ==
        "\"plan\" is no number of a plan or task");
  CHECK(wrong("a.json", R"({"schema_version":1,"id":"a","action":"stop"})") ==
        "it does not say until when it holds");
  const std::string long_text(engine::kRequestTextMax + 1, 'x');
  CHECK(wrong("a.json", R"({"schema_version":1,"id":"a","action":"tell","until":1,"text":")" +
                            long_text + "\"}") == "its text is too long");
}
