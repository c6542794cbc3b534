// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <charconv>
#include <string_view>

namespace calculator {
namespace {

int parse_digits(const std::string& text) {
  int digits = 0;
  const char* last = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), last, digits);
  if (code != std::errc() || end != last || digits < 1 || digits > kDigitsMax)
    throw UsageError("--digits takes a number from 1 to " + std::to_string(kDigitsMax) +
                     ", not \"" + text + "\"");
  return digits;
}

bool is_option(std::string_view word) {
  return word.substr(0, 2) == "--" && word.size() > 2 && word[2] >= 'a' && word[2] <= 'z';
}

void add_word(std::string& expression, const std::string& word) {
  if (!expression.empty()) expression += ' ';
  expression += word;
}

}  // namespace

Options parse_options(const std::vector<std::string>& words) {
  Options options;
  bool are_options_over = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (are_options_over || (word != "--" && !is_option(word))) {
      add_word(options.expression, word);
    } else if (word == "--") {
      are_options_over = true;
    } else if (word == "--help") {
      options.is_help = true;
    } else if (word == "--version") {
      options.is_version = true;
    } else if (word == "--digits" && i + 1 < words.size()) {
      options.digits = parse_digits(words[++i]);
    } else if (word == "--digits") {
      throw UsageError("--digits needs a number");
    } else {
      throw UsageError("unknown option \"" + word + "\"");
    }
  }
  return options;
}

}  // namespace calculator
