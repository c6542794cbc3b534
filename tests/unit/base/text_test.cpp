// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <catch2/catch.hpp>

using namespace konductor;  // NOLINT

TEST_CASE("lines lose both kinds of line break") {
  CHECK(split_lines("a\r\nb\n\nc") == std::vector<std::string_view>{"a", "b", "", "c"});
  CHECK(split_lines("a\n") == std::vector<std::string_view>{"a"});
  CHECK(split_lines("").empty());
}

TEST_CASE("split keeps empty parts") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
}

TEST_CASE("nearest finds a slip of the finger and nothing else") {
  CHECK(nearest("depend_on", {"depends_on", "wave"}) == "depends_on");
  CHECK(nearest("wvae", {"depends_on", "wave"}).empty());
  CHECK(nearest("waves", {"depends_on", "wave"}) == "wave");
  CHECK(nearest("colour", {"depends_on", "wave"}).empty());
}

TEST_CASE("UTF-8 is judged strictly and mended byte by byte") {
  CHECK(is_valid_utf8("z\xC3\xA9\xE2\x86\x92\xF0\x9F\x98\x80"));
  CHECK_FALSE(is_valid_utf8("\xC0\xAF"));
  CHECK_FALSE(is_valid_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_valid_utf8("\xE2\x86"));
  CHECK(to_valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(count_code_points("\xE2\x86\x92x") == 2);
}
