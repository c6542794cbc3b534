// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bench {

using Words = std::vector<std::string>;

// What a finished command took.
struct Cost {
  double seconds = 0;      // Wall time.
  double cpu_seconds = 0;  // User and system time of it and of what it waited for.
  int exit = 0;
};

// Runs a command to its end, its output discarded. Throws std::runtime_error when it cannot be
// started.
Cost run(const Words& command, const std::filesystem::path& directory);
// The same; throws when it exits with anything but 0.
Cost run_checked(const Words& command, const std::filesystem::path& directory);

// Starts a command in the background, its output discarded; the caller ends and reaps it.
int start(const Words& command, const std::filesystem::path& directory);

double median(std::vector<double> values);

// One of the things that are measured against each other.
struct Entrant {
  std::string name;
  std::function<double()> once;  // Prepares, measures, returns seconds.
};

// Lets the entrants take turns, `rounds` times, and returns each one's median in seconds.
std::vector<double> take_turns(const std::vector<Entrant>& entrants, int rounds);

// Counts SQLite's commits and files made durable in one run of a command, with strace; empty when
// strace is missing.
std::string count_syncs(const Words& command, const std::filesystem::path& directory, int tasks);

// A new directory below the working directory of the benchmark, removed by the destructor.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  // A directory that nobody used yet. Nothing is removed between measurements: ext4 makes files
  // slowly for seconds after many were removed, and whoever comes next would pay for it.
  std::filesystem::path fresh() const;

 private:
  std::filesystem::path path_;
  mutable int fresh_ = 0;
};

void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace bench
