// SPDX-License-Identifier: MIT
// The fakes that other tests stand on.
#include <catch2/catch.hpp>

#include "driver/task_group.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_store.hpp"
#include "support/spawn.hpp"

using konductor::ErrorCode;
using konductor::driver::TaskGroup;
using konductor::ports::Durability;
using konductor::ports::Task;
using konductor::test::FakeClock;
using konductor::test::MemoryFileStore;
using konductor::test::run_program;
using konductor::test::RunOptions;
using namespace std::chrono_literals;

namespace {

Task<void> tick(FakeClock& clock, std::vector<std::int64_t>& ticks) {
  for (int i = 0; i < 3; ++i) {
    const auto deadline = clock.steady_now() + 1min;
    co_await clock.sleep_until(deadline);
    ticks.push_back(clock.wall_milliseconds());
  }
}

}  // namespace

TEST_CASE("the fake clock wakes a sleeper at each of its times") {
  boost::asio::io_context io{1};
  FakeClock clock(io);
  TaskGroup group(io.get_executor());
  std::vector<std::int64_t> ticks;
  group.spawn(tick(clock, ticks));
  const std::int64_t start = clock.wall_milliseconds();
  clock.advance(59s);
  CHECK(ticks.empty());
  clock.advance(10min);
  CHECK(ticks == std::vector<std::int64_t>{start + 60'000, start + 120'000, start + 180'000});
  CHECK(clock.wall_milliseconds() == start + 659'000);
  CHECK_FALSE(clock.advance_to_next());
}

TEST_CASE("the memory store loses what was not synced") {
  MemoryFileStore store;
  REQUIRE(store.write("/r/a/summary.md", "one", Durability::synced).has_value());
  REQUIRE(store.write("/r/a/summary.md", "two").has_value());
  REQUIRE(store.write("/r/a/marker", "x").has_value());
  CHECK(store.list("/r/a").value() == std::vector<std::string>{"marker", "summary.md"});
  CHECK(store.exists("/r/a"));
  CHECK_FALSE(store.is_synced("/r/a/summary.md"));
  store.drop_unsynced();
  CHECK(store.read("/r/a/summary.md").value() == "one");
  CHECK(store.read("/r/a/marker").error().code == ErrorCode::not_found);
  store.fail_nth_write(2);
  CHECK(store.write("/r/b", "").has_value());
  CHECK(store.write("/r/c", "").error().code == ErrorCode::environment);
  CHECK(store.write("/r/c", "").has_value());
  REQUIRE(store.remove("/r").has_value());
  CHECK_FALSE(store.exists("/r/b"));
  CHECK(store.list("/r").value().empty());
}

TEST_CASE("a program run by a test gets its input, arguments and environment") {
  RunOptions options;
  options.input = "from stdin";
  options.environment = {{"NAME", "value"}};
  options.directory = "/";
  const auto result = run_program(
      {"/bin/sh", "-c", "cat; echo \"$NAME $1\"; pwd >&2; exit 3", "sh", "a b"}, options);
  CHECK(result.exit_code == 3);
  CHECK(result.out == "from stdinvalue a b\n");
  CHECK(result.err == "/\n");
  options.timeout = 20ms;
  const auto slow = run_program({"/bin/sh", "-c", "exec sleep 1000"}, options);
  CHECK(slow.is_timed_out);
  CHECK(slow.signal == SIGKILL);
  CHECK(slow.exit_code == 128 + SIGKILL);
  CHECK_THROWS(run_program({"/no/such/program"}));
}
