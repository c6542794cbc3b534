// SPDX-License-Identifier: MIT
// Beside what Catch2 understands: --seed N lives through one world and prints its journal, --seeds
// FIRST COUNT through many, and --fresh COUNT through ones that nobody has tried.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "simulation/seeds.hpp"

int main(int argc, char** argv) {
  bool is_asked_for = false;
  const int result = konductor::test::run_seeds(argc, argv, is_asked_for);
  return is_asked_for ? result : Catch::Session().run(argc, argv);
}
