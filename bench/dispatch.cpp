// SPDX-License-Identifier: MIT
#include <cstdio>
#include <sstream>

#include "bench.hpp"
#include "measure.hpp"
#include "phase.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRoles[] = {"executor", "spec-reviewer", "code-reviewer"};
constexpr int kPromptBytes = 2048;

// The files that ninja and make know the tasks by: three steps a task, one after another.
std::string ninja_text(int tasks, const fs::path& prompt) {
  std::ostringstream text;
  text << "rule agent\n  command = " << BENCH_AGENT << " $role $out $file < " << prompt.string()
       << "\n";
  for (int task = 0; task < tasks; ++task)
    for (int stage = 0; stage < 3; ++stage) {
      text << "build out-" << task << "-" << stage << ": agent";
      if (stage > 0) text << " out-" << task << "-" << stage - 1;
      text << "\n  role = " << kRoles[stage] << "\n";
      if (stage == 0) text << "  file = file-" << task << "\n";
    }
  return text.str();
}

std::string make_text(int tasks, const fs::path& prompt) {
  std::ostringstream all;
  std::ostringstream text;
  for (int task = 0; task < tasks; ++task)
    for (int stage = 0; stage < 3; ++stage) {
      const std::string output = "out-" + std::to_string(task) + "-" + std::to_string(stage);
      if (stage == 2) all << " " << output;
      text << output << ":";
      if (stage > 0) text << " out-" << task << "-" << stage - 1;
      text << "\n\t@" << BENCH_AGENT << " " << kRoles[stage] << " " << output;
      if (stage == 0) text << " file-" << task;
      text << " < " << prompt.string() << "\n";
    }
  return "all:" + all.str() + "\n" + text.str();
}

double run_anew(const fs::path& directory, const std::string& file, const std::string& text,
                const Words& command) {
  if (!file.empty()) write_file(directory / file, text);
  return run_checked(command, directory).seconds;
}

}  // namespace

void bench_dispatch(int plans, int tasks, int rounds) {
  const Scratch scratch;
  const int count = plans * tasks;
  const fs::path prompt = scratch.path() / "prompt.md";
  write_file(prompt, std::string(kPromptBytes, 'x'));
  const Words execute = {KONDUCTOR_PROGRAM, "execute", "01", "-q"};
  std::printf("### Per task of three processes, %d plans of %d tasks, medians of %d\n\n", plans,
              tasks, rounds);
  std::printf("| at once | | µs a task | × floor | × ninja |\n|---|---|---|---|---|\n");
  for (const int parallel : {4, 16}) {
    PhaseShape in_place;
    in_place.plans = plans;
    in_place.tasks = tasks;
    in_place.parallel = parallel;
    PhaseShape bare = in_place;
    bare.is_in_git = true;
    PhaseShape whole = bare;
    whole.is_gated = true;
    const auto konductor = [&](const PhaseShape& shape) {
      const fs::path directory = scratch.fresh();
      make_phase(directory, shape);
      return run_checked(execute, directory).seconds;
    };
    const std::string width = std::to_string(parallel);
    const Words floor = {BENCH_FLOOR, BENCH_AGENT, prompt, std::to_string(count), width};
    const std::vector<Entrant> entrants = {
        {"floor", [&] { return run_anew(scratch.fresh(), "", "", floor); }},
        {"make -j",
         [&] {
           return run_anew(scratch.fresh(), "Makefile", make_text(count, prompt),
                           {"make", "-s", "-j" + width});
         }},
        {"ninja -j",
         [&] {
           return run_anew(scratch.fresh(), "build.ninja", ninja_text(count, prompt),
                           {"ninja", "-j" + width});
         }},
        {"konductor, no repository: one plan at a time, gates off",
         [&] { return konductor(in_place); }},
        {"konductor, git worktrees, gates off", [&] { return konductor(bare); }},
        {"konductor, git worktrees, gates on", [&] { return konductor(whole); }},
    };
    const std::vector<double> times = take_turns(entrants, rounds);
    for (std::size_t n = 0; n < entrants.size(); ++n)
      std::printf("| %d | %s | %.0f | %.2f | %.2f |\n", parallel, entrants[n].name.c_str(),
                  times[n] / count * 1e6, times[n] / times[0], times[n] / times[2]);
    std::fflush(stdout);
    for (const PhaseShape& shape : {in_place, bare, whole}) {
      const fs::path directory = scratch.fresh();
      make_phase(directory, shape);
      const std::string syncs = count_syncs(execute, directory, count);
      std::printf("| %d | (%s, gates %s: SQLite WAL, synchronous FULL; %s) | | | |\n", parallel,
                  shape.is_in_git ? "worktrees" : "no repository", shape.is_gated ? "on" : "off",
                  syncs.c_str());
    }
  }
  std::printf("\n");
}

}  // namespace bench
