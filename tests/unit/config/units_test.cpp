// SPDX-License-Identifier: MIT
#include "config/units.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using konductor::config::format_duration;
using konductor::config::format_size;
using konductor::config::parse_duration;
using konductor::config::parse_size;

TEST_CASE("durations are read in every unit and as sums") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("30m") == 30min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration(" 10s ") == 10s);
  CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("a duration without a unit, with a wrong one or beyond a year is refused") {
  for (const char* text :
       {"", " ", "90", "s", "-1s", "+1s", "1.5h", "1 s", "1S", "1sec", "s1", "1s2", "400d",
        "99999999999999999999s", "18446744073709551615d", "1h\xC3\xA9"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
  std::string sum;
  for (int i = 0; i < 400; ++i)
    sum += "1d";
  CHECK_FALSE(parse_duration(sum).has_value());
}

TEST_CASE("a duration is written with the largest unit that divides it") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(500ms) == "500ms");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(10min) == "10m");
  CHECK(format_duration(1h) == "1h");
  for (const auto value : {1ms, 1500ms, 60000ms, 5400000ms, 86400000ms})
    CHECK(parse_duration(format_duration(value)) == value);
}

TEST_CASE("sizes are bytes or carry a binary unit") {
  CHECK(parse_size("512") == 512U);
  CHECK(parse_size("0") == 0U);
  CHECK(parse_size("7B") == 7U);
  CHECK(parse_size("64KiB") == 65536U);
  CHECK(parse_size("1 MiB") == 1048576U);
  CHECK(parse_size("1GiB") == 1073741824U);
  CHECK(parse_size("2TiB") == 2199023255552U);
  for (const char* text : {"", "MiB", "-1", "1.5MiB", "1MB", "1mib", "1MiB1", "9999999999TiB",
                           "99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
  CHECK(format_size(0) == "0");
  CHECK(format_size(1000) == "1000");
  CHECK(format_size(1048576) == "1MiB");
  CHECK(format_size(1536) == "1536");
}
