// SPDX-License-Identifier: MIT
#include "cli/output.hpp"

#include <catch2/catch.hpp>

#include "cli/config_sources.hpp"
#include "cli/text_table.hpp"
#include "plan/plan_check.hpp"

using namespace konductor;       // NOLINT
using namespace konductor::cli;  // NOLINT

TEST_CASE("text of others is one line without control characters") {
  CHECK(one_line("a\n\n\tb\x1b[31mc\x7f") == "a b [31mc ");
  CHECK(one_line("abc", 3) == "abc");
  CHECK(one_line("abcd", 3) == "abc…");
  CHECK(one_line("aéz", 2) == "a…");
  CHECK(one_line("\xff") == "\xEF\xBF\xBD");
}

TEST_CASE("columns stand below each other in characters, not bytes") {
  TextTable table;
  table.add({"é", "1"});
  table.add({"long", "", "x"});
  CHECK(table.lines("  ") == std::vector<std::string>{"  é     1", "  long     x"});
}

TEST_CASE("a warning is an error when it is judged strictly") {
  const std::vector<plan::Diagnostic> found = {
      {"001.md", {1, 1}, plan::Severity::warning, plan::Rule::late_wave, "late wave", ""}};
  CHECK_FALSE(plan::has_errors(judged(found, false)));
  CHECK(judged(found, true).front().severity == plan::Severity::error);
  CHECK(count_text(judged(found, true)) == "1 error");
  CHECK(count_text(found) == "1 warning");
}

TEST_CASE("the user's settings are where the environment says") {
  CHECK(user_config_path({"HOME=/home/u"}) == "/home/u/.config/konductor/config.toml");
  CHECK(user_config_path({"HOME=/home/u", "XDG_CONFIG_HOME=/etc/mine"}) ==
        "/etc/mine/konductor/config.toml");
  CHECK(user_config_path({"HOME=/home/u", "XDG_CONFIG_HOME=relative"}) ==
        "/home/u/.config/konductor/config.toml");
  CHECK(user_config_path({}).empty());
}
