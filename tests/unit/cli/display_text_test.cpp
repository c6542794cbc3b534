// SPDX-License-Identifier: MIT
#include "cli/display_text.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;

TEST_CASE("the width of a text is what a terminal needs for it") {
  CHECK(display_width("") == 0);
  CHECK(display_width("plain") == 5);
  CHECK(display_width("naïve") == 5);
  CHECK(display_width("e\xCC\x81t\xC3\xA9") == 3);  // The first "é" is an "e" with a mark.
  CHECK(display_width("日本語") == 6);
  CHECK(display_width("한글") == 4);
  CHECK(display_width("ok 🎉") == 5);
  CHECK(display_width("…") == 1);
}

TEST_CASE("a text is cut between characters, and says so") {
  CHECK(fit("short", 5) == "short");
  CHECK(fit("longer", 5) == "long…");
  CHECK(fit("日本語の題", 5) == "日本…");
  CHECK(fit("日本語の題", 6) == "日本…");  // The third one would need the column of the mark.
  CHECK(fit("日本語の題", 10) == "日本語の題");
  CHECK(fit("ae\xCC\x81iou", 3) == "ae\xCC\x81…");
  CHECK(fit("abc", 1) == "…");
  CHECK(fit("abc", 0).empty());
  CHECK(fit_and_fill("日本", 6) == "日本  ");
  CHECK(fit_and_fill("日本語", 4) == "日… ");
}

TEST_CASE("nothing of others' text moves a terminal") {
  CHECK(safe_line("a\x1b[31mred\x1b[0m b") == "ared b");
  CHECK(safe_line("\x1b]0;title\aafter") == "after");
  CHECK(safe_line("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\") == "link");
  CHECK(safe_line("\x1b(Bx\x1b=y") == "xy");
  CHECK(safe_line("cut off \x1b[") == "cut off");
  CHECK(safe_line("two\nlines\tand\bmore\x7f.") == "two lines and more .");
  CHECK(safe_line("\xC2\x9B"
                  "31mred") == "red");  // CSI as one character.
  CHECK(safe_line("a\xE2\x80\xAE"
                  "b") == "ab");  // Right-to-left override.
  CHECK(safe_line("line\xE2\x80\xA8separator") == "line separator");
  CHECK(safe_line("bad \xFF byte") == "bad \xEF\xBF\xBD byte");
  CHECK(safe_line("👩\xE2\x80\x8D💻") == "👩\xE2\x80\x8D💻");  // What joins emoji stays.
  CHECK(safe_line("naïve 日本語") == "naïve 日本語");
  CHECK(safe_line(std::string(100'000, 'x')).size() <= 2000);
}
