// SPDX-License-Identifier: MIT
#include "base/printable_text.hpp"

#include <catch2/catch.hpp>

using konductor::printable_text;

TEST_CASE("orders to a terminal are left out of a stranger's text") {
  CHECK(printable_text("\x1b[31mred\x1b[0m") == "red");
  CHECK(printable_text("\x1b]0;a title\x07text") == "text");
  CHECK(printable_text("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\") == "link");
  CHECK(printable_text("\x1bP1$r0m\x1b\\a") == "a");
  CHECK(printable_text("\x1b(Ba\x1b"
                       "7b") == "ab");
  CHECK(printable_text("cut \x1b") == "cut ");
  CHECK(printable_text("cut \x1b[12") == "cut ");
}

TEST_CASE("an order that never ends takes no further line with it") {
  CHECK(printable_text("\x1b]0;title\nnext line") == "\nnext line");
}

TEST_CASE("control characters are named, lines and tabs stay") {
  CHECK(printable_text("a\tb\nc") == "a\tb\nc");
  CHECK(printable_text("ring\x07 back\x08 del\x7F") == "ring^G back^H del^?");
  CHECK(printable_text("50 %\r100 %\r\ndone") == "50 %\n100 %\ndone");
  CHECK(printable_text(std::string_view("nul\0", 4)) == "nul^@");
}

TEST_CASE("what is no character, steers a terminal or turns text around is replaced") {
  CHECK(printable_text("\xC2\x9B"
                       "31m") ==
        "\xEF\xBF\xBD"
        "31m");
  CHECK(printable_text("a\xE2\x80\xAE"
                       "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(printable_text("a\xFF"
                       "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(printable_text("gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\xBC") ==
        "gr\xC3\xBC\xC3\x9F \xF0\x9F\x8E\xBC");
}
