// SPDX-License-Identifier: MIT
// Limits on real processes.
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "driver/task_group.hpp"
#include "integration/process_fixture.hpp"

namespace fs = std::filesystem;
using konductor::driver::AttemptLimits;
using konductor::driver::StopLevel;
using konductor::driver::Supervised;
using konductor::driver::TaskGroup;
using konductor::test::count_open_descriptors;
using konductor::test::ProcessFixture;
using konductor::test::read_file;
using namespace std::chrono_literals;

namespace {

void require_no_children() {
  REQUIRE(konductor::platform::read_children(::getpid()).empty());
}

}  // namespace

TEST_CASE("a process that hangs is ended at its time limit") {
  ProcessFixture fixture;
  AttemptLimits limits;
  limits.timeout = 100ms;
  limits.grace = 10s;
  const auto result = fixture.supervise(fixture.spec({"hang"}), limits);
  CHECK(result.cause == "timed_out");
  CHECK(result.exit.signal == SIGTERM);
  CHECK(result.duration >= 100ms);
  CHECK(result.duration < 9s);
  require_no_children();
}

TEST_CASE("a process that ignores SIGTERM is killed after the grace period") {
  ProcessFixture fixture;
  AttemptLimits limits;
  limits.timeout = 200ms;
  limits.grace = 100ms;
  const auto spec = fixture.spec({"ignore_term"});
  const auto result = fixture.supervise(spec, limits);
  CHECK(result.cause == "timed_out");
  CHECK(result.exit.signal == SIGKILL);
  CHECK(result.duration >= 300ms);
}

TEST_CASE("a process that falls silent is stalled, one that talks on is not") {
  ProcessFixture fixture;
  AttemptLimits limits;
  limits.silence = 400ms;
  limits.grace = 5s;
  const auto silent = fixture.supervise(fixture.spec({"hang"}), limits);
  CHECK(silent.cause == "stalled");
  CHECK(silent.duration >= 400ms);
  // It talks for more than twice the limit, never silent for long.
  const auto talking = fixture.supervise(fixture.spec({"chatter", "50"}), limits);
  CHECK(talking.cause == "done");
  CHECK(talking.duration >= 900ms);
}

TEST_CASE("a flood is stopped near its limit") {
  ProcessFixture fixture;
  AttemptLimits limits;
  limits.output_bytes_max = 64 << 20;
  limits.grace = 10s;
  const auto spec = fixture.spec({"flood"});
  const auto result = fixture.supervise(spec, limits);
  CHECK(result.cause == "output_limit");
  CHECK(result.exit.signal == SIGKILL);
  CHECK(fs::file_size(spec.stdout_path) > limits.output_bytes_max);
  CHECK(fs::file_size(spec.stdout_path) < 8 * limits.output_bytes_max);
  // Just at the limit is not past it.
  limits.output_bytes_max = 6;
  CHECK(fixture.supervise(fixture.spec({"both"}), limits).cause == "done");
}

TEST_CASE("a polite stop ends what obeys, an immediate one what does not") {
  ProcessFixture fixture;
  AttemptLimits limits;
  limits.grace = 1h;
  const auto obeying_spec = fixture.spec({"hang"});
  const auto ignoring_spec = fixture.spec({"ignore_term"});
  const auto obeying = fixture.start(obeying_spec);
  const auto ignoring = fixture.start(ignoring_spec);
  fixture.run_until([&] {
    return !read_file(obeying_spec.stdout_path).empty() &&
           !read_file(ignoring_spec.stdout_path).empty();
  });
  fixture.stop.request(StopLevel::polite);
  const auto obeyed = fixture.supervise(*obeying, limits);
  CHECK(obeyed.cause == "cancelled");
  CHECK(obeyed.exit.signal == SIGTERM);

  boost::asio::steady_timer second_signal(fixture.io, 50ms);
  second_signal.async_wait(
      [&](boost::system::error_code) { fixture.stop.request(StopLevel::immediate); });
  const auto ignored = fixture.supervise(*ignoring, limits);
  CHECK(ignored.cause == "cancelled");
  CHECK(ignored.exit.signal == SIGKILL);
  require_no_children();
}

namespace {

konductor::ports::Task<void> supervise_into(ProcessFixture& fixture,
                                            konductor::ports::Process& process,
                                            AttemptLimits limits, Supervised& result) {
  auto supervised =
      co_await konductor::driver::supervise(fixture.clock, process, limits, fixture.stop);
  result = std::move(supervised).value();
}

// The longest time in which the loop did not come round, and how much of it the loop worked.
struct Gap {
  std::chrono::microseconds wall{0};
  std::chrono::microseconds work{0};
};

std::chrono::microseconds work_so_far() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000);
}

konductor::ports::Task<void> measure_gaps(ProcessFixture& fixture, TaskGroup& others,
                                          Gap& longest) {
  auto last = fixture.clock.steady_now();
  auto last_work = work_so_far();
  while (others.size() > 0) {
    co_await fixture.clock.sleep_until(last + 1ms);
    const auto now = fixture.clock.steady_now();
    const auto work = work_so_far();
    longest.wall =
        std::max(longest.wall, std::chrono::duration_cast<std::chrono::microseconds>(now - last));
    longest.work = std::max(longest.work, work - last_work);
    last = now;
    last_work = work;
  }
}

}  // namespace

TEST_CASE("a cancelled supervision leaves no process") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"ignore_term"});
  const auto process = fixture.start(spec);
  fixture.run_until([&] { return !read_file(spec.stdout_path).empty(); });
  TaskGroup group(fixture.io.get_executor());
  Supervised result;
  AttemptLimits limits;
  limits.grace = 1h;
  limits.silence = 1h;
  group.spawn(supervise_into(fixture, *process, limits, result));
  fixture.io.restart();
  fixture.io.poll();
  group.cancel(boost::asio::cancellation_type::terminal);
  fixture.run_until([&] { return group.empty(); });
  CHECK(result.cause == "cancelled");
  CHECK(result.exit.signal == SIGKILL);
  require_no_children();
}

TEST_CASE("a process that lives on holds up nothing that ends beside it") {
  ProcessFixture fixture;
  std::vector<std::unique_ptr<konductor::ports::Process>> living;
  TaskGroup group(fixture.io.get_executor());
  std::vector<Supervised> results(20);
  AttemptLimits limits;
  limits.grace = 10s;
  for (Supervised& result : results) {
    living.push_back(fixture.start(fixture.spec({"hang"})));
    group.spawn(supervise_into(fixture, *living.back(), limits, result));
  }
  // A loop that waits for one of the living would stand still here for ever.
  for (int i = 0; i < 40; ++i)
    CHECK(fixture.supervise(fixture.spec({"exit", "7"})).exit.exit_code == 7);
  CHECK(group.size() == results.size());
  fixture.stop.request(StopLevel::immediate);
  fixture.run_until([&] { return group.empty(); });
  for (const Supervised& result : results)
    CHECK(result.cause == "cancelled");
  require_no_children();
}

TEST_CASE("two hundred processes come and go without holding up the loop") {
  ProcessFixture fixture;
  const std::size_t descriptors = count_open_descriptors();
  constexpr int kProcesses = 200;
  std::vector<std::unique_ptr<konductor::ports::Process>> processes;
  std::vector<Supervised> results(kProcesses);
  TaskGroup group(fixture.io.get_executor());
  TaskGroup watcher(fixture.io.get_executor());
  AttemptLimits limits;
  limits.timeout = 100s;
  limits.silence = 100s;
  limits.output_bytes_max = 1 << 20;
  for (int i = 0; i < kProcesses; ++i) {
    const auto spec = i % 2 == 0 ? fixture.spec({"nap", std::to_string(100 + i * 4)})
                                 : fixture.spec({"exit", std::to_string(i % 100)});
    processes.push_back(fixture.start(spec));
    group.spawn(
        supervise_into(fixture, *processes.back(), limits, results[static_cast<std::size_t>(i)]));
  }
  Gap longest;
  watcher.spawn(measure_gaps(fixture, group, longest));
  fixture.io.restart();
  fixture.io.run();  // Ends by itself: nothing keeps the loop running without processes.
  REQUIRE(group.first_exception() == nullptr);
  for (int i = 0; i < kProcesses; ++i) {
    const Supervised& result = results[static_cast<std::size_t>(i)];
    CHECK(result.cause == "done");
    CHECK(result.exit.exit_code == (i % 2 == 0 ? 0 : i % 100));
    CHECK(result.strays == 0);
  }
  std::cout << "longest gap between two turns of the loop: " << longest.wall.count() << " us, "
            << longest.work.count() << " us of it work\n";
  // A loaded machine may let the loop wait; what it does in one turn it can answer for.
  CHECK(longest.work < 1s);
  processes.clear();
  require_no_children();
  CHECK(count_open_descriptors() == descriptors);
}
