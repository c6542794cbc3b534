// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

namespace konductor::agent {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Reads a text from left to right. What does not fit is not taken.
class WordReader {
 public:
  WordReader(std::string_view original, std::string_view lower)
      : original_(original), lower_(lower) {}

  [[nodiscard]] std::string_view rest() const { return lower_; }

  void skip(std::string_view characters) {
    drop(std::min(lower_.size(), lower_.find_first_not_of(characters)));
  }

  bool take(std::string_view word) {
    if (lower_.substr(0, word.size()) != word) return false;
    const bool ends =
        lower_.size() == word.size() || !is_letter(word.back()) || !is_letter(lower_[word.size()]);
    if (ends) drop(word.size());
    return ends;
  }

  std::optional<std::int64_t> take_number(std::size_t digits_max) {
    std::size_t size = 0;
    std::int64_t number = 0;
    while (size < lower_.size() && is_digit(lower_[size])) {
      if (size == digits_max) return std::nullopt;
      number = number * 10 + (lower_[size++] - '0');
    }
    if (size == 0) return std::nullopt;
    drop(size);
    return number;
  }

  // The word that comes next, as it was written.
  std::string_view take_name() {
    std::size_t size = 0;
    while (size < original_.size() &&
           (is_letter(original_[size]) || original_[size] == '/' || original_[size] == '_'))
      ++size;
    const std::string_view name = original_.substr(0, size);
    drop(size);
    return name;
  }

 private:
  void drop(std::size_t size) {
    original_.remove_prefix(size);
    lower_.remove_prefix(size);
  }

  std::string_view original_;
  std::string_view lower_;
};

}  // namespace konductor::agent
