// SPDX-License-Identifier: MIT
#include "cli/live_region.hpp"

#include <catch2/catch.hpp>

#include "support/terminal_screen.hpp"

using namespace konductor::cli;
using konductor::test::TerminalScreen;

namespace {

ScreenLine line(const std::string& text) {
  return {text, text.size()};
}

}  // namespace

TEST_CASE("a frame is one text, and there is none when nothing changes") {
  LiveRegion region;
  const std::string first = region.frame({}, {line("head"), line("one"), line("two")});
  CHECK(first.rfind("\x1b[?2026h", 0) == 0);
  CHECK(first.substr(first.size() - 8) == "\x1b[?2026l");
  CHECK(region.frame({}, {line("head"), line("one"), line("two")}).empty());
}

TEST_CASE("only the lines that changed are drawn again") {
  LiveRegion region;
  region.frame({}, {line("head"), line("one"), line("two")});
  const std::string change = region.frame({}, {line("head"), line("ONE"), line("two")});
  CHECK(change.find("ONE") != std::string::npos);
  CHECK(change.find("head") == std::string::npos);
  CHECK(change.find("two") == std::string::npos);
}

TEST_CASE("what is over scrolls away above the view") {
  LiveRegion region;
  TerminalScreen screen(20, 6);
  screen.write("$ konductor\r\n");
  screen.write(region.frame({}, {line("head"), line("one")}));
  CHECK(screen.lines() == std::vector<std::string>{"$ konductor", "head", "one"});
  screen.write(region.frame({"done 1"}, {line("head"), line("two"), line("three")}));
  CHECK(screen.lines() ==
        std::vector<std::string>{"$ konductor", "done 1", "head", "two", "three"});
  screen.write(region.frame({"done 2"}, {line("head"), line("three")}));
  CHECK(screen.lines() ==
        std::vector<std::string>{"$ konductor", "done 1", "done 2", "head", "three"});
  screen.write(region.frame({}, {line("HEAD")}));
  CHECK(screen.lines() == std::vector<std::string>{"$ konductor", "done 1", "done 2", "HEAD"});
  screen.write(region.frame({}, {line("HEAD"), line("a"), line("b"), line("c")}));
  CHECK(screen.lines() == std::vector<std::string>{"done 2", "HEAD", "a", "b", "c"});
  screen.write(region.frame({}, {}));
  screen.write("the result\r\n");
  CHECK(screen.lines() == std::vector<std::string>{"done 2", "the result"});
}

TEST_CASE("a line that fills the whole screen scrolls away as it is") {
  LiveRegion region;
  TerminalScreen screen(8, 6);
  screen.write(region.frame({}, {line("head")}));
  screen.write(region.frame({"12345678", "123456789"}, {line("head")}));
  CHECK(screen.lines() == std::vector<std::string>{"12345678", "12345678", "9", "head"});
}

TEST_CASE("a terminal that got narrower has wrapped the lines, and is drawn on anew") {
  LiveRegion region;
  region.set_columns(20);
  TerminalScreen screen(20, 8);
  screen.write("before\r\n");
  screen.write(region.frame({}, {line("0123456789abcdef"), line("short")}));
  screen.narrow(10);
  CHECK(screen.lines() == std::vector<std::string>{"before", "0123456789", "abcdef", "short"});
  region.set_columns(10);
  screen.write(region.frame({}, {line("01234567…"), line("short")}));
  CHECK(screen.lines() == std::vector<std::string>{"before", "01234567…", "short"});
}

TEST_CASE("what somebody else wrote to the terminal stays") {
  LiveRegion region;
  TerminalScreen screen(20, 8);
  screen.write(region.frame({}, {line("head")}));
  screen.write("[1]+ Stopped\r\n");
  region.forget();
  screen.write(region.frame({}, {line("head")}));
  CHECK(screen.lines() == std::vector<std::string>{"head", "[1]+ Stopped", "head"});
}
