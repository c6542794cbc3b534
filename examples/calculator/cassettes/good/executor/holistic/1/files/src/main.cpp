// SPDX-License-Identifier: MIT
#include <iostream>
#include <string>
#include <vector>

#include "error.hpp"
#include "evaluate.hpp"
#include "format.hpp"
#include "options.hpp"
#include "parser.hpp"

namespace {

constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

constexpr const char* kHelp =
    "usage: calculator [--digits N] [EXPRESSION]\n"
    "\n"
    "Prints the value of EXPRESSION, or of each line of standard input.\n"
    "\n"
    "  + - * / % ^ ( )   sqrt abs ln min max   pi e\n"
    "\n"
    "  --digits N   significant digits, 1 to 17 (12)\n"
    "  --version    print the version\n"
    "  --help       print this\n"
    "\n"
    "example: calculator '2 + 3 * 4'\n";

// Prints the value, or the error, of one expression; false for an error.
bool answer(const std::string& text, int digits) {
  try {
    const double value = calculator::evaluate(*calculator::parse(text));
    std::cout << calculator::format_number(value, digits) << '\n';
    return true;
  } catch (const calculator::Error& error) {
    // Positions count from 0, columns from 1.
    std::cerr << "calculator: column " << error.position() + 1 << ": " << error.what() << '\n';
    return false;
  }
}

int answer_lines(std::istream& lines, int digits) {
  bool is_good = true;
  std::string line;
  while (std::getline(lines, line))
    is_good = answer(line, digits) && is_good;
  return is_good ? 0 : kExitError;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = calculator::parse_options({argv + 1, argv + argc});
    if (options.is_help) {
      std::cout << kHelp;
    } else if (options.is_version) {
      std::cout << "calculator " CALCULATOR_VERSION "\n";
    } else if (options.expression.empty()) {
      return answer_lines(std::cin, options.digits);
    } else {
      return answer(options.expression, options.digits) ? 0 : kExitError;
    }
    return 0;
  } catch (const calculator::UsageError& error) {
    std::cerr << "calculator: " << error.what() << "; see calculator --help\n";
    return kExitUsage;
  }
}
