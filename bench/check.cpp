// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <toml++/toml.h>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench.hpp"
#include "measure.hpp"
#include "phase.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

double timed(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void parse_all(const fs::path& plans) {
  for (const auto& entry : fs::directory_iterator(plans)) {
    const std::string text = read_file(entry.path());
    const std::size_t end = text.find("\n+++\n", 4);
    const toml::table table = toml::parse(std::string_view(text).substr(4, end - 3));
    if (table.empty()) throw std::runtime_error("an empty plan: " + entry.path().string());
  }
}

void stat_all(const fs::path& plans) {
  struct stat status {};
  for (const auto& entry : fs::directory_iterator(plans))
    if (::stat(entry.path().c_str(), &status) != 0) throw std::runtime_error("cannot stat a plan");
}

}  // namespace

void bench_check(int plans, int rounds) {
  const Scratch scratch;
  PhaseShape shape;
  shape.plans = plans;
  make_phase(scratch.path() / "work", shape);
  const fs::path folder = plans_of(scratch.path() / "work");
  const Words check = {KONDUCTOR_PROGRAM, "plan", "check", "01", "-q"};
  const std::vector<double> times = take_turns(
      {
          {"readdir + stat", [&] { return timed([&] { stat_all(folder); }); }},
          {"read + toml++", [&] { return timed([&] { parse_all(folder); }); }},
          {"plan check", [&] { return run_checked(check, scratch.path() / "work").seconds; }},
      },
      rounds);
  std::printf("### `plan check` of %d plans, medians of %d\n\n", plans, rounds);
  std::printf("| | ms | × read + toml++ |\n|---|---|---|\n");
  std::printf("| readdir + stat | %.1f | %.2f |\n", times[0] * 1e3, times[0] / times[1]);
  std::printf("| read + toml++ of the same files | %.1f | 1.00 |\n", times[1] * 1e3);
  std::printf("| konductor plan check | %.1f | %.2f |\n\n", times[2] * 1e3, times[2] / times[1]);
}

}  // namespace bench
