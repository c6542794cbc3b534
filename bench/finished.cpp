// SPDX-License-Identifier: MIT
#include <cstdio>
#include <sstream>

#include "bench.hpp"
#include "measure.hpp"
#include "phase.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

std::string ninja_text(int edges) {
  std::ostringstream text;
  text << "rule make\n  command = echo done > $out\n";
  for (int edge = 0; edge < edges; ++edge)
    text << "build out-" << edge << ": make\n";
  return text.str();
}

}  // namespace

void bench_finished(int plans, int rounds) {
  const Scratch scratch;
  const fs::path project = scratch.path() / "project";
  const fs::path build = scratch.path() / "build";
  const Words execute = {KONDUCTOR_PROGRAM, "execute", "01", "-q"};
  PhaseShape shape;
  shape.plans = plans;
  shape.parallel = 16;
  shape.is_reviewed = false;
  std::printf("### A finished phase of %d plans with a task each, medians of %d\n\n", plans,
              rounds);
  make_phase(project, shape);
  make_markers(project, plans);
  const double first = run_checked(execute, project).seconds;
  write_file(build / "build.ninja", ninja_text(plans));
  run_checked({"ninja"}, build);
  const std::vector<double> times = take_turns(
      {
          {"ninja", [&] { return run_checked({"ninja"}, build).seconds; }},
          {"konductor", [&] { return run_checked(execute, project).seconds; }},
      },
      rounds);
  std::printf("| | ms | × ninja |\n|---|---|---|\n");
  std::printf("| ninja, nothing to do | %.1f | 1.00 |\n", times[0] * 1e3);
  std::printf("| konductor execute, all complete | %.1f | %.2f |\n", times[1] * 1e3,
              times[1] / times[0]);
  std::printf(
      "| (the run before, which built the journal from the marker files: %.0f µs a task) | | |\n\n",
      first / plans * 1e6);
}

}  // namespace bench
