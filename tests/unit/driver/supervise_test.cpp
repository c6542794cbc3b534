// SPDX-License-Identifier: MIT
#include "driver/supervise.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "driver/task_group.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_process_launcher.hpp"

using konductor::Error;
using konductor::ErrorCode;
using konductor::Result;
using konductor::driver::AttemptLimits;
using konductor::driver::StopLevel;
using konductor::driver::StopSignal;
using konductor::driver::Supervised;
using konductor::driver::TaskGroup;
using konductor::test::FakeBehaviour;
using konductor::test::FakeCall;
using konductor::test::FakeClock;
using konductor::test::FakeProcessLauncher;
using namespace std::chrono_literals;

namespace {

// One supervised fake process on a loop whose time the test moves.
class Fixture {
 public:
  explicit Fixture(FakeBehaviour behaviour)
      : launcher(io, [behaviour](const FakeCall&) { return behaviour; }) {
    konductor::ports::ProcessSpec spec;
    spec.environment = {"KONDUCTOR_ROLE=executor", "KONDUCTOR_PLAN=2", "KONDUCTOR_TASK=1",
                        "KONDUCTOR_REASON=execute"};
    process = launcher.start(spec).value();
  }

  void begin(AttemptLimits limits, konductor::driver::OutputListener* listener = nullptr) {
    group.spawn(supervise_into(clock, *process, limits, stop, result, listener));
    clock.run_ready();
  }

  static konductor::ports::Task<void> supervise_into(konductor::ports::Clock& clock,
                                                     konductor::ports::Process& process,
                                                     AttemptLimits limits, StopSignal& stop,
                                                     std::optional<Result<Supervised>>& result,
                                                     konductor::driver::OutputListener* listener) {
    auto supervised = co_await konductor::driver::supervise(clock, process, limits, stop, listener);
    result.emplace(std::move(supervised));
  }

  std::vector<int> signals() const {
    std::vector<int> all;
    for (const auto& [title, signal] : launcher.signals())
      all.push_back(signal);
    return all;
  }

  const Supervised& supervised() {
    REQUIRE(result.has_value());
    return result->value();
  }

  boost::asio::io_context io{1};
  FakeClock clock{io};
  FakeProcessLauncher launcher;
  StopSignal stop{io.get_executor()};
  TaskGroup group{io.get_executor()};
  std::unique_ptr<konductor::ports::Process> process;
  std::optional<Result<Supervised>> result;
};

constexpr const char* kTitle = "executor 2/1 execute";

FakeBehaviour running() {
  FakeBehaviour behaviour;
  behaviour.ending = FakeBehaviour::Ending::when_told;
  return behaviour;
}

AttemptLimits all_limits() {
  AttemptLimits limits;
  limits.timeout = 30min;
  limits.silence = 5min;
  limits.grace = 10s;
  limits.output_bytes_max = 1000;
  return limits;
}

}  // namespace

TEST_CASE("an attempt that ends by itself is done, and its strays are counted") {
  FakeBehaviour behaviour = running();
  behaviour.exit = {3, 0};
  behaviour.strays = 2;
  Fixture fixture(behaviour);
  fixture.begin(all_limits());
  fixture.clock.advance(2min);
  CHECK_FALSE(fixture.result.has_value());
  REQUIRE(fixture.launcher.finish(kTitle));
  fixture.clock.run_ready();
  CHECK(fixture.supervised().cause == "done");
  CHECK(fixture.supervised().exit.exit_code == 3);
  CHECK(fixture.supervised().strays == 2);
  CHECK(fixture.supervised().duration == 2min);
  CHECK(fixture.launcher.signals().empty());
  CHECK(fixture.launcher.alive() == 0);
  CHECK(fixture.clock.sleepers() == 0);
}

TEST_CASE("an attempt without limits is waited for however long it takes") {
  Fixture fixture(running());
  fixture.begin(AttemptLimits());
  fixture.clock.advance(24h * 365);
  CHECK_FALSE(fixture.result.has_value());
  REQUIRE(fixture.launcher.finish(kTitle));
  fixture.clock.run_ready();
  CHECK(fixture.supervised().cause == "done");
}

TEST_CASE("an attempt is timed out at its limit, not before") {
  Fixture fixture(running());
  AttemptLimits limits;
  limits.timeout = 30min;
  limits.grace = 10s;
  fixture.begin(limits);
  fixture.clock.advance(30min - 1ms);
  CHECK(fixture.launcher.signals().empty());
  fixture.clock.advance(1ms);
  CHECK(fixture.supervised().cause == "timed_out");
  CHECK(fixture.supervised().exit.signal == SIGTERM);
  CHECK(fixture.launcher.alive() == 0);
}

TEST_CASE("one that ignores SIGTERM has the grace period and no longer") {
  FakeBehaviour behaviour = running();
  behaviour.ignores_term = true;
  Fixture fixture(behaviour);
  AttemptLimits limits;
  limits.timeout = 1min;
  limits.grace = 10s;
  fixture.begin(limits);
  fixture.clock.advance(1min + 10s - 1ms);
  CHECK_FALSE(fixture.result.has_value());
  fixture.clock.advance(1ms);
  CHECK(fixture.supervised().exit.signal == SIGKILL);
  CHECK(fixture.supervised().duration == 70s);
}

TEST_CASE("a grace of zero kills at once") {
  Fixture fixture(running());
  AttemptLimits limits;
  limits.timeout = 1min;
  fixture.begin(limits);
  fixture.clock.advance(1min);
  CHECK(fixture.supervised().exit.signal == SIGKILL);
}

TEST_CASE("silence counts from the last output") {
  Fixture fixture(running());
  fixture.begin(all_limits());
  for (int i = 0; i < 4; ++i) {
    fixture.clock.advance(4min);
    REQUIRE(fixture.launcher.write_output(kTitle, 1));
  }
  fixture.clock.advance(5min - 1s);
  CHECK_FALSE(fixture.result.has_value());
  fixture.clock.advance(2s);
  CHECK(fixture.supervised().cause == "stalled");
}

TEST_CASE("an attempt that never falls silent still has its time limit") {
  Fixture fixture(running());
  fixture.begin(all_limits());
  for (int i = 0; i < 31 && !fixture.result.has_value(); ++i) {
    fixture.clock.advance(1min);
    fixture.launcher.write_output(kTitle, 1);
  }
  CHECK(fixture.supervised().cause == "timed_out");
}

TEST_CASE("output past the limit ends the attempt without grace") {
  FakeBehaviour behaviour = running();
  behaviour.output_bytes = 1000;
  Fixture fixture(behaviour);
  fixture.begin(all_limits());
  fixture.clock.advance(1min);
  CHECK_FALSE(fixture.result.has_value());
  REQUIRE(fixture.launcher.write_output(kTitle, 1));
  fixture.clock.advance(1s);
  CHECK(fixture.supervised().cause == "output_limit");
  CHECK(fixture.launcher.signals() == std::vector<std::pair<std::string, int>>{{kTitle, SIGKILL}});
}

TEST_CASE("nothing wakes the loop while an attempt is quiet") {
  Fixture fixture(running());
  AttemptLimits limits;
  limits.output_bytes_max = 1000;
  fixture.begin(limits);
  fixture.clock.advance(1s);
  // It now waits for output alone: no deadline is near.
  CHECK_FALSE(fixture.clock.advance_to_next());
}

TEST_CASE("a polite stop gives grace, an immediate one none") {
  FakeBehaviour behaviour = running();
  behaviour.ignores_term = true;
  Fixture fixture(behaviour);
  fixture.begin(all_limits());
  fixture.clock.advance(1s);
  fixture.stop.request(StopLevel::polite);
  fixture.clock.advance(5s);
  CHECK_FALSE(fixture.result.has_value());
  fixture.stop.request(StopLevel::immediate);
  fixture.clock.run_ready();
  CHECK(fixture.supervised().cause == "cancelled");
  CHECK(fixture.launcher.signals() ==
        std::vector<std::pair<std::string, int>>{{kTitle, SIGTERM}, {kTitle, SIGKILL}});
}

TEST_CASE("an attempt that begins after an immediate stop is killed at once") {
  Fixture fixture(running());
  fixture.stop.request(StopLevel::immediate);
  fixture.stop.request(StopLevel::polite);  // Does not lower it.
  CHECK(fixture.stop.level() == StopLevel::immediate);
  fixture.begin(all_limits());
  CHECK(fixture.supervised().cause == "cancelled");
  CHECK(fixture.supervised().exit.signal == SIGKILL);
}

TEST_CASE("a process that cannot be killed is an error") {
  FakeBehaviour behaviour;
  behaviour.kill_error = Error{ErrorCode::io, "process 7 does not end"};
  Fixture fixture(behaviour);
  fixture.begin(all_limits());
  REQUIRE(fixture.result.has_value());
  CHECK(fixture.result->error().message == "process 7 does not end");
}

TEST_CASE("a cancelled supervision kills the tree and says so") {
  FakeBehaviour behaviour = running();
  behaviour.ignores_term = true;
  Fixture fixture(behaviour);
  fixture.begin(all_limits());
  fixture.clock.advance(1s);
  fixture.group.cancel(boost::asio::cancellation_type::terminal);
  fixture.clock.run_ready();
  CHECK(fixture.supervised().cause == "cancelled");
  CHECK(fixture.launcher.alive() == 0);
  CHECK(fixture.group.empty());
}

TEST_CASE("an attempt that knows interrupts has half of the grace to end by itself") {
  AttemptLimits limits = all_limits();
  limits.is_interruptible = true;
  FakeBehaviour behaviour = running();
  SECTION("it does") {
    behaviour.heeds_interrupt = true;
    Fixture fixture(behaviour);
    fixture.begin(limits);
    fixture.clock.advance(5min);
    CHECK(fixture.supervised().cause == "stalled");
    CHECK(fixture.signals() == std::vector<int>{SIGINT});
  }
  SECTION("it does not") {
    behaviour.ignores_term = true;
    Fixture fixture(behaviour);
    fixture.begin(limits);
    fixture.clock.advance(5min);
    CHECK(fixture.signals() == std::vector<int>{SIGINT});
    fixture.clock.advance(5s);
    CHECK(fixture.signals() == std::vector<int>{SIGINT, SIGTERM});
    fixture.clock.advance(5s);
    CHECK(fixture.supervised().cause == "stalled");
    CHECK(fixture.signals() == std::vector<int>{SIGINT, SIGTERM, SIGKILL});
  }
  SECTION("a stop of the run interrupts where that is wanted") {
    limits.is_interrupted_by_stop = true;
    behaviour.heeds_interrupt = true;
    Fixture fixture(behaviour);
    fixture.begin(limits);
    fixture.stop.request(StopLevel::polite);
    fixture.clock.run_ready();
    CHECK(fixture.supervised().cause == "cancelled");
    CHECK(fixture.signals() == std::vector<int>{SIGINT});
  }
  SECTION("a stop of the run is no limit") {
    Fixture fixture(behaviour);
    fixture.begin(limits);
    fixture.stop.request(StopLevel::polite);
    fixture.clock.run_ready();
    CHECK(fixture.supervised().cause == "cancelled");
    CHECK(fixture.signals() == std::vector<int>{SIGTERM});
  }
}

TEST_CASE("a listener may end an attempt for what it prints") {
  class Judge final : public konductor::driver::OutputListener {
   public:
    bool look() override { return ++looks > 0; }
    std::string verdict() const override { return looks >= 3 ? "tool_loop" : ""; }
    int looks = 0;
  };
  Judge judge;
  Fixture fixture(running());
  fixture.begin(all_limits(), &judge);
  for (int i = 0; i < 100 && !fixture.result; ++i) {
    fixture.launcher.write_output(kTitle, 1);
    fixture.clock.advance(100ms);
  }
  CHECK(fixture.supervised().cause == "tool_loop");
  CHECK(judge.looks == 3);
}
