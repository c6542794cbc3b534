// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "driver/supervise.hpp"
#include "platform/boost_process_launcher.hpp"
#include "platform/proc_fs.hpp"
#include "platform/system_clock.hpp"
#include "support/temp_dir.hpp"

namespace konductor::test {

// A loop with a launcher, and the helper program started in its ways.
class ProcessFixture {
 public:
  // A spec that runs the helper with these arguments; stdout and stderr go to files of their own.
  ports::ProcessSpec spec(std::vector<std::string> arguments) {
    const std::string number = std::to_string(++count_);
    ports::ProcessSpec spec;
    spec.argv = std::move(arguments);
    spec.argv.insert(spec.argv.begin(), KONDUCTOR_PROCESS_HELPER);
    spec.token = "KONDUCTOR_PROMPT_FILE=" + (dir / ("prompt-" + number)).native();
    spec.environment = {"PATH=/usr/bin:/bin", spec.token};
    spec.directory = dir.text();
    spec.stdout_path = (dir / ("stdout-" + number)).native();
    spec.stderr_path = (dir / ("stderr-" + number)).native();
    return spec;
  }

  std::unique_ptr<ports::Process> start(const ports::ProcessSpec& spec) {
    auto process = launcher.start(spec);
    if (!process.has_value()) throw std::runtime_error(process.error().message);
    return std::move(process).value();
  }

  // Runs a coroutine to its end on the loop.
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T result) {
      failure = error;
      if (!error) value.emplace(std::move(result));
      io.stop();
    });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

  driver::Supervised supervise(ports::Process& process, driver::AttemptLimits limits = {}) {
    return run(driver::supervise(clock, process, limits, stop)).value();
  }

  driver::Supervised supervise(const ports::ProcessSpec& spec, driver::AttemptLimits limits = {}) {
    const auto process = start(spec);
    return supervise(*process, limits);
  }

  // Lets the loop run until the condition holds; throws after twenty seconds.
  template <class Condition>
  void run_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    io.restart();
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain");
      io.run_one_for(std::chrono::milliseconds(2));
      io.restart();
    }
  }

  TempDir dir;
  boost::asio::io_context io{1};
  platform::SystemClock clock{io.get_executor()};
  driver::StopSignal stop{io.get_executor()};
  platform::BoostProcessLauncher launcher{io.get_executor()};

 private:
  int count_ = 0;
};

inline bool is_alive(pid_t pid) {
  const auto stat = platform::read_process_stat(pid);
  return stat.has_value() && !platform::is_dead(*stat);
}

// True when there is such a process at all, dead ones that were not reaped included.
inline bool is_in_table(pid_t pid) {
  return platform::read_process_stat(pid).has_value();
}

// The number that the helper wrote to a file, or 0.
inline pid_t pid_in(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  return text.empty() ? 0 : std::stoi(text);
}

inline std::size_t count_open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    (void)entry;
    ++count;
  }
  return count;
}

}  // namespace konductor::test
