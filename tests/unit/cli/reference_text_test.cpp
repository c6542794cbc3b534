// SPDX-License-Identifier: MIT
// Man pages and docs/reference.md, made from the command line itself.
#include "cli/reference_text.hpp"

#include <catch2/catch.hpp>

#include "support/golden.hpp"

using namespace konductor::cli;  // NOLINT
using Catch::Matchers::Contains;

TEST_CASE("docs/reference.md says what the program knows") {
  konductor::test::require_source_file("docs/reference.md",
                                       markdown_reference(read_command_reference()));
}

TEST_CASE("there is a man page for the program and for each command") {
  const std::vector<ManPage> pages = man_pages(read_command_reference());
  std::vector<std::string> names;
  for (const ManPage& page : pages) {
    names.push_back(page.name);
    CAPTURE(page.name);
    CHECK_THAT(page.text, Contains(".SH NAME\n") && Contains(".SH SYNOPSIS\n") &&
                              Contains(".SH EXIT STATUS\n") && Contains(".SH EXAMPLES\n"));
  }
  CHECK(names.front() == "konductor");
  CHECK(std::find(names.begin(), names.end(), "konductor-plan-check") != names.end());
  CHECK(std::find(names.begin(), names.end(), "konductor-execute") != names.end());
}

TEST_CASE("nothing in a text is taken for a request or an escape of roff") {
  CHECK(roff_text(".so /etc/passwd") == "\\&.so /etc/passwd");
  CHECK(roff_text("a\n'b") == "a\n\\&\\(aqb");
  CHECK(roff_text("a\\nb -C `x`") == "a\\enb \\-C \\(gax\\(ga");
}
