// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench.hpp"
#include "measure.hpp"
#include "phase.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

constexpr int kAgentSeconds = 3600;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr int kPauses = 50;
constexpr int kStartPausesMax = 600;

long number_in(const fs::path& file, const std::string& name) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line))
    if (line.rfind(name, 0) == 0) return std::stol(line.substr(name.size()));
  return 0;
}

// Of all threads.
long switches(const fs::path& process) {
  long count = 0;
  for (const auto& thread : fs::directory_iterator(process / "task"))
    count += number_in(thread.path() / "status", "voluntary_ctxt_switches:");
  return count;
}

double cpu_seconds(const fs::path& process) {
  double nanoseconds = 0;
  for (const auto& thread : fs::directory_iterator(process / "task")) {
    std::ifstream stream(thread.path() / "schedstat");
    double ran = 0;
    stream >> ran;
    nanoseconds += ran;
  }
  return nanoseconds * 1e-9;
}

int children(const fs::path& process) {
  int count = 0;
  for (const auto& thread : fs::directory_iterator(process / "task")) {
    std::ifstream stream(thread.path() / "children");
    for (std::string pid; stream >> pid;)
      ++count;
  }
  return count;
}

}  // namespace

void bench_live(int attempts) {
  const Scratch scratch;
  const fs::path project = scratch.path() / "work";
  PhaseShape shape;
  shape.plans = attempts;
  shape.parallel = attempts;
  shape.is_in_git = true;
  shape.sleep_seconds = kAgentSeconds;
  make_phase(project, shape);
  const pid_t pid = start({KONDUCTOR_PROGRAM, "execute", "01", "-q"}, project);
  const fs::path process = "/proc/" + std::to_string(pid);
  int waited = 0;
  while (children(process) < attempts && ++waited < kStartPausesMax)
    std::this_thread::sleep_for(kPause);
  const int alive = children(process);
  std::this_thread::sleep_for(kPause * 10);
  const long switches_before = switches(process);
  const double cpu_before = cpu_seconds(process);
  std::this_thread::sleep_for(kPause * kPauses);
  const long switched = switches(process) - switches_before;
  const double cpu = cpu_seconds(process) - cpu_before;
  const long resident = number_in(process / "status", "VmRSS:");
  const long own = number_in(process / "status", "RssAnon:");
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  if (alive < attempts) throw std::runtime_error("the attempts did not all start");
  std::printf("### %d live attempts, watched for 5 s\n\n", attempts);
  std::printf("| resident MB | of it anonymous | context switches | processor ms |\n");
  std::printf("|---|---|---|---|\n| %.1f | %.1f | %ld | %.2f |\n\n",
              static_cast<double>(resident) / 1024, static_cast<double>(own) / 1024, switched,
              cpu * 1e3);
}

}  // namespace bench
