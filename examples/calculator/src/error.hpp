// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace calculator {

// What is wrong with an expression. `position` is the offset of the first character concerned,
// counted from 0.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, std::size_t position)
      : std::runtime_error(message), position_(position) {}
  std::size_t position() const { return position_; }

 private:
  std::size_t position_;
};

}  // namespace calculator
