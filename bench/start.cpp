// SPDX-License-Identifier: MIT
#include <cstdio>

#include "bench.hpp"
#include "measure.hpp"
#include "phase.hpp"

namespace bench {

void bench_start(int rounds) {
  const Scratch scratch;
  const auto project = scratch.path() / "work";
  PhaseShape shape;
  shape.plans = 1'000;
  shape.is_reviewed = false;
  make_phase(project, shape);
  make_markers(project, shape.plans, 1);
  run_checked({KONDUCTOR_PROGRAM, "execute", "01", "-q"}, project);
  const auto timed = [&](const Words& command) {
    return [&project, command] { return run_checked(command, project).seconds; };
  };
  const std::vector<double> times = take_turns(
      {
          {"git --version", timed({"git", "--version"})},
          {"konductor --version", timed({KONDUCTOR_PROGRAM, "--version"})},
          {"konductor status", timed({KONDUCTOR_PROGRAM, "status"})},
      },
      rounds);
  std::printf("### Short commands, medians of %d\n\n| | ms | × git --version |\n|---|---|---|\n",
              rounds);
  std::printf("| git --version | %.2f | 1.00 |\n", times[0] * 1e3);
  std::printf("| konductor --version | %.2f | %.2f |\n", times[1] * 1e3, times[1] / times[0]);
  std::printf("| konductor status, 1,000 tasks | %.2f | %.2f |\n\n", times[2] * 1e3,
              times[2] / times[0]);
}

}  // namespace bench
