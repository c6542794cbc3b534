// SPDX-License-Identifier: MIT
#include "records/results_file.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::records;

TEST_CASE("a plan's result is written in the order of the format and comes back") {
  const ExecuteResult result{"01", 1, 2, true, 4, 4, "2026-03-01T12:00:00.000Z"};
  CHECK(results_file_name("01", 1) == "execute-01-plan-1.toml");
  CHECK(results_file_name("01-auth", 12) == "execute-01-auth-plan-12.toml");
  const std::string text = to_toml(result);
  std::size_t at = 0;
  for (const char* key : {"step = ", "phase = ", "plan = 1\n", "wave = 2\n", "status = ",
                          "tasks_total = 4\n", "tasks_completed = 4\n", "timestamp = "}) {
    INFO(key);
    at = text.find(key, at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(parse_execute_result(text).value() == result);
  ExecuteResult failed = result;
  failed.is_ok = false;
  failed.phase = "01-\"x\"\n";
  CHECK(parse_execute_result(to_toml(failed)).value() == failed);
}

TEST_CASE("a result with a missing or wrong key is invalid input") {
  const std::string good = to_toml(ExecuteResult{"01", 1, 2, true, 4, 4, "t"});
  CHECK(parse_execute_result(good + "more = 1\n").has_value());
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"plan = 1", "plan = \"1\""},
                                                        {"plan = 1", "plan = -1"},
                                                        {"plan = 1", ""},
                                                        {"wave = 2", "wave = 2.0"},
                                                        {"plan = 1", "plan = 99999999999"},
                                                        {"tasks_total = 4", "tasks_total = "},
                                                        {"status", "state"},
                                                        {"ok", "fine"},
                                                        {"execute", "verify"}}) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    INFO(text);
    const auto result = parse_execute_result(text);
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::invalid_input);
  }
}
