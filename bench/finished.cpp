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

void bench_finished(int plans, int tasks, int rounds) {
  const Scratch scratch;
  const fs::path project = scratch.path() / "project";
  const fs::path half = scratch.path() / "half";
  const fs::path build = scratch.path() / "build";
  const Words execute = {KONDUCTOR_PROGRAM, "execute", "01", "-q"};
  PhaseShape shape;
  shape.plans = plans;
  shape.tasks = tasks;
  shape.parallel = 16;
  shape.is_reviewed = false;
  std::printf("### A finished phase of %d plans, %d tasks in all, medians of %d\n\n", plans,
              plans * tasks, rounds);
  make_phase(project, shape);
  make_markers(project, plans, tasks);
  const double first = run_checked(execute, project).seconds;
  make_phase(half, shape);
  make_markers(half, plans / 2, tasks);
  int next = plans / 2;
  // One more task of the half that is left: everything before its attempt, and the attempt.
  const auto run_next = [&] {
    const std::string task = "01/" + std::to_string(++next) + "/1";
    return run_checked({KONDUCTOR_PROGRAM, "execute", "01", "-q", "--only", task}, half).seconds;
  };
  run_next();
  write_file(build / "build.ninja", ninja_text(plans * tasks));
  run_checked({"ninja"}, build);
  const std::vector<double> times = take_turns(
      {
          {"ninja", [&] { return run_checked({"ninja"}, build).seconds; }},
          {"konductor", [&] { return run_checked(execute, project).seconds; }},
          {"half", run_next},
      },
      rounds);
  std::printf("| | ms | × ninja |\n|---|---|---|\n");
  std::printf("| ninja, nothing to do | %.1f | 1.00 |\n", times[0] * 1e3);
  std::printf("| konductor execute, all complete | %.1f | %.2f |\n", times[1] * 1e3,
              times[1] / times[0]);
  std::printf("| konductor execute --only, half complete: one more task | %.1f | %.2f |\n",
              times[2] * 1e3, times[2] / times[0]);
  std::printf("| (all complete: %.1f µs a task, ninja %.1f µs an edge) | | |\n",
              times[1] / plans / tasks * 1e6, times[0] / plans / tasks * 1e6);
  std::printf(
      "| (the run before, which built the journal from the marker files: %.0f µs a task) | | |\n\n",
      first / plans / tasks * 1e6);
}

}  // namespace bench
