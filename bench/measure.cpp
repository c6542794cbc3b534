// SPDX-License-Identifier: MIT
#include "measure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bench {
namespace fs = std::filesystem;
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

int start(const Words& command, const fs::path& directory) {
  std::vector<char*> arguments;
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  return pid;
}

Cost run(const Words& command, const fs::path& directory) {
  const auto began = std::chrono::steady_clock::now();
  const pid_t pid = start(command, directory);
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  Cost cost;
  cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  cost.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  cost.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return cost;
}

Cost run_checked(const Words& command, const fs::path& directory) {
  const Cost cost = run(command, directory);
  if (cost.exit == 0) return cost;
  std::string text;
  for (const std::string& word : command)
    text += " " + word;
  throw std::runtime_error("exit " + std::to_string(cost.exit) + " in " + directory.string() + ":" +
                           text);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<double> take_turns(const std::vector<Entrant>& entrants, int rounds) {
  std::vector<std::vector<double>> times(entrants.size());
  for (int round = 0; round < rounds; ++round)
    for (std::size_t n = 0; n < entrants.size(); ++n)
      times[n].push_back(entrants[n].once());
  std::vector<double> medians;
  for (const std::vector<double>& values : times)
    medians.push_back(median(values));
  return medians;
}

std::string count_syncs(const Words& command, const fs::path& directory, int tasks) {
  if (::access("/usr/bin/strace", X_OK) != 0) return "install strace to count";
  const fs::path log = directory.parent_path() / "strace.log";
  Words traced = {"/usr/bin/strace", "-f", "-y", "-e", "trace=fdatasync,fsync", "-o", log};
  traced.insert(traced.end(), command.begin(), command.end());
  run_checked(traced, directory);
  std::ifstream stream(log);
  std::string line;
  int commits = 0;
  int others = 0;
  while (std::getline(stream, line)) {
    if (line.find("sync(") == std::string::npos) continue;
    ++(line.find("konductor.db-wal") != std::string::npos ? commits : others);
  }
  std::ostringstream text;
  text.precision(3);
  text << static_cast<double>(commits) / tasks << " commits and "
       << static_cast<double>(others) / tasks << " other syncs a task";
  return text.str();
}

Scratch::Scratch() {
  std::string text = (fs::temp_directory_path() / "konductor-bench-XXXXXX").string();
  if (::mkdtemp(text.data()) == nullptr) throw std::runtime_error("cannot make " + text);
  path_ = fs::canonical(text);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Scratch::fresh() const {
  const fs::path path = path_ / std::to_string(++fresh_);
  fs::create_directories(path);
  return path;
}

void write_file(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace bench
