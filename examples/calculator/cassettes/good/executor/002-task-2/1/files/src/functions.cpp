// SPDX-License-Identifier: MIT
#include "functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "error.hpp"

namespace calculator {
namespace {

using Arguments = std::vector<double>;

struct Function {
  std::string_view name;
  bool takes_one = true;  // Else one or more.
  double (*compute)(const Arguments&);
};

constexpr Function kFunctions[] = {
    {"sqrt", true, [](const Arguments& a) { return std::sqrt(a[0]); }},
    {"abs", true, [](const Arguments& a) { return std::fabs(a[0]); }},
    {"ln", true, [](const Arguments& a) { return std::log(a[0]); }},
    {"min", false, [](const Arguments& a) { return *std::min_element(a.begin(), a.end()); }},
    {"max", false, [](const Arguments& a) { return *std::max_element(a.begin(), a.end()); }},
};

std::string quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

}  // namespace

double constant_value(std::string_view name, std::size_t position) {
  if (name == "pi") return std::numbers::pi;
  if (name == "e") return std::numbers::e;
  throw Error("unknown name " + quoted(name), position);
}

double call_function(std::string_view name, const std::vector<double>& arguments,
                     std::size_t position) {
  for (const Function& function : kFunctions) {
    if (function.name != name) continue;
    if (arguments.empty() || (function.takes_one && arguments.size() != 1))
      throw Error("wrong number of arguments for " + quoted(name), position);
    return function.compute(arguments);
  }
  throw Error("unknown function " + quoted(name), position);
}

}  // namespace calculator
