// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace konductor::test {

// Where all that is random in one world comes from.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  // A number below `limit`.
  std::size_t pick(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
  bool chance(int percent) { return pick(100) < static_cast<std::size_t>(percent); }

 private:
  std::mt19937_64 random_;
};

}  // namespace konductor::test
