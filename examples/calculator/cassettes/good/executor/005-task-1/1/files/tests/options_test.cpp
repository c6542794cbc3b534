// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <string>

#include "check.hpp"

using calculator::parse_options;
using calculator::UsageError;

namespace {

std::string usage_error(const std::vector<std::string>& words) {
  try {
    parse_options(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

int main() {
  CHECK_EQUAL(parse_options({}).expression, "");
  CHECK_EQUAL(parse_options({}).digits, 12);
  CHECK_EQUAL(parse_options({"2", "+", "3"}).expression, "2 + 3");
  CHECK_EQUAL(parse_options({"-2 * 3"}).expression, "-2 * 3");
  CHECK_EQUAL(parse_options({"--2"}).expression, "--2");
  CHECK_EQUAL(parse_options({"--digits", "3", "pi"}).digits, 3);
  CHECK_EQUAL(parse_options({"--digits", "3", "pi"}).expression, "pi");
  CHECK_EQUAL(parse_options({"--help"}).is_help, true);
  CHECK_EQUAL(parse_options({"--version"}).is_version, true);
  CHECK_EQUAL(parse_options({"--", "--help"}).expression, "--help");
  CHECK_EQUAL(parse_options({"--", "--help"}).is_help, false);

  CHECK_EQUAL(usage_error({"--digits"}), "--digits needs a number");
  CHECK_EQUAL(usage_error({"--digits", "0"}), "--digits takes a number from 1 to 17, not \"0\"");
  CHECK_EQUAL(usage_error({"--digits", "18"}), "--digits takes a number from 1 to 17, not \"18\"");
  CHECK_EQUAL(usage_error({"--digits", "3x"}), "--digits takes a number from 1 to 17, not \"3x\"");
  CHECK_EQUAL(usage_error({"--colour"}), "unknown option \"--colour\"");
  return check::result();
}
