// SPDX-License-Identifier: MIT
#include "rpc/message.hpp"

#include <catch2/catch.hpp>

#include "rpc/line_splitter.hpp"

using namespace konductor::rpc;

namespace {

template <class T>
T decoded(std::string_view line) {
  Message message = decode(line);
  REQUIRE(std::holds_alternative<T>(message));
  return std::get<T>(std::move(message));
}

}  // namespace

TEST_CASE("a request is known by its method and its id") {
  const auto request = decoded<Request>(R"({"jsonrpc":"2.0","id":7,"method":"m","params":[1]})");
  CHECK(request.id == 7);
  CHECK(request.method == "m");
  CHECK(request.params == Json::array({1}));
  CHECK(decoded<Request>(R"({"id":"a","method":"m"})").params == Json::object());
  CHECK(decoded<Notification>(R"({"method":"m","params":null})").params == Json::object());
}

TEST_CASE("a response has a result or an error") {
  CHECK(decoded<Response>(R"({"id":1,"result":null})").outcome.failure == std::nullopt);
  const auto failed =
      decoded<Response>(R"({"id":1,"error":{"code":-32000,"message":"no","data":{"x":1}}})");
  REQUIRE(failed.outcome.failure.has_value());
  CHECK(failed.outcome.failure->code == -32000);
  CHECK(failed.outcome.failure->message == "no");
  CHECK(failed.outcome.failure->data == Json{{"x", 1}});
  CHECK(decoded<Response>(R"({"id":1,"error":{"code":99999999999,"message":3}})")
            .outcome.failure->code == kInternalError);
}

TEST_CASE("what is neither is malformed") {
  const auto line = GENERATE(
      "", "null", "1", "[]", "{}", "{", R"({"id":1})", R"({"id":1,"result":1,"error":{}})",
      R"({"id":null,"result":1})", R"({"id":{},"method":"m"})", R"({"id":1.5,"method":"m"})",
      R"({"method":3})", R"({"method":"m","params":"text"})", R"({"id":1,"error":"no"})");
  INFO(line);
  CHECK(std::holds_alternative<Malformed>(decode(line)));
}

TEST_CASE("a message with half a character in it is not lost") {
  const auto half = decoded<Notification>("{\"method\":\"m\",\"params\":{\"t\":\"a\\ud83d\"}}");
  CHECK(half.params.at("t") == "a\xEF\xBF\xBD");
  const auto bytes = decoded<Notification>("{\"method\":\"m\",\"params\":{\"t\":\"a\xC3\"}}");
  CHECK(bytes.params.at("t") == "a\xEF\xBF\xBD");
}

TEST_CASE("depth is bounded") {
  const std::string deep(200'000, '[');
  const auto cut = decoded<Notification>(R"({"method":"m","params":{"a":1,"b":)" + deep +
                                         std::string(deep.size(), ']') + "}}");
  CHECK(cut.params.at("a") == 1);
  CHECK(cut.params.dump().size() < 1000);
  CHECK(std::holds_alternative<Malformed>(decode(deep)));
}

TEST_CASE("what is encoded is one line and is decoded to the same") {
  const Json params = {{"text", "two\nlines \x01"}};
  const std::string line = encode_request("id", "m", params);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(decoded<Request>(line).params == params);
  CHECK(decoded<Notification>(encode_notification("n", params)).method == "n");
  CHECK(decoded<Response>(encode_response(1, succeeded(params))).outcome.result == params);
  const auto response = decoded<Response>(encode_response(1, failed(-1, "broken \xFF")));
  CHECK(response.outcome.failure->message == "broken \xEF\xBF\xBD");
  CHECK(decoded<Response>(encode_response(1, method_not_found("x"))).outcome.failure->code ==
        kMethodNotFound);
}

TEST_CASE("lines are cut whatever the pieces") {
  const std::string text =
      "one\n\ntwo\n" + std::string(LineSplitter::kLineBytesMax + 1, 'x') + "\nthree\nunfinished";
  const std::size_t piece = GENERATE(std::size_t{65536}, std::size_t{99991}, std::size_t{1} << 25U);
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto keep = [&lines](std::string_view line) { lines.emplace_back(line); };
  for (std::size_t at = 0; at < text.size(); at += piece)
    splitter.feed(std::string_view(text).substr(at, piece), keep);
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
  CHECK(splitter.skipped_lines() == 1);
}
