// SPDX-License-Identifier: MIT
#include "cli/lock_holder.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;  // NOLINT

TEST_CASE("a lock file names its holder") {
  const auto holder =
      parse_lock_holder(R"({"host":"box","pid":4711,"started":"2026-01-31T12:00:00Z"})");
  REQUIRE(holder);
  CHECK(holder->pid == 4711);
  CHECK(holder->host == "box");
  CHECK(holder->started == "2026-01-31T12:00:00Z");
}

TEST_CASE("a lock file that names nobody is held by nobody") {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"pid":"1"})", R"({"pid":0})", R"({"pid":-4})", R"({"pid":1.5})"})
    CHECK_FALSE(parse_lock_holder(text));
  CHECK(parse_lock_holder(R"({"pid":1,"host":2})")->host.empty());
}

TEST_CASE("only a lock that is held counts, not one that is waited for") {
  const std::string locks =
      "1: POSIX  ADVISORY  WRITE 4711 08:01:1 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 815 08:01:2 0 EOF\n"
      "2: -> FLOCK  ADVISORY  WRITE 42 08:01:2 0 EOF\n";
  CHECK(lists_lock_of(locks, 815));
  CHECK_FALSE(lists_lock_of(locks, 4711));
  CHECK_FALSE(lists_lock_of(locks, 42));
  CHECK_FALSE(lists_lock_of(locks, 81));
  CHECK_FALSE(lists_lock_of("", 815));
}
