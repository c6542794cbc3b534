// SPDX-License-Identifier: MIT
#include "cli/progress_text.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::cli;

TEST_CASE("times, tokens and costs are told briefly") {
  CHECK(elapsed_text(-5) == "00:00");
  CHECK(elapsed_text(192'999) == "03:12");
  CHECK(elapsed_text(3'792'000) == "1:03:12");
  const auto tokens = [](std::int64_t count) { return tokens_text({count, 0, 1'000'000, 0}); };
  CHECK(tokens(0) == "0");
  CHECK(tokens(850) == "850");
  CHECK(tokens(3200) == "3.2k");
  CHECK(tokens(320'400) == "320k");
  CHECK(tokens(999'700) == "1.0M");
  CHECK(tokens(12'340'000) == "12.3M");
  CHECK(cost_text({}) == "");
  CHECK(cost_text({0, 0, 0, 0.416}) == "$0.42");
  CHECK(about_text(12) == "less than a minute");
  CHECK(about_text(470) == "about 8 min");
  CHECK(about_text(7200) == "about 2 h");
  CHECK(about_text(7500) == "about 2 h 5 min");
}
