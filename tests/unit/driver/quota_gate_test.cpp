// SPDX-License-Identifier: MIT
#include "driver/quota_gate.hpp"

#include <catch2/catch.hpp>

#include "driver/task_group.hpp"
#include "support/fake_clock.hpp"

using konductor::ErrorCode;
using konductor::Result;
using konductor::driver::QuotaGate;
using konductor::driver::StopLevel;
using konductor::driver::StopSignal;
using konductor::driver::TaskGroup;
using konductor::test::FakeClock;
using namespace std::chrono_literals;

namespace {

class Fixture {
 public:
  explicit Fixture(std::chrono::milliseconds wait_max = 0ms) : gate(clock, stop, wait_max) {}
  ~Fixture() {
    stop.request(StopLevel::polite);
    clock.advance(1s);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // Attempts that want to start.
  void ask(int count = 1, const std::string& runtime = "claude") {
    for (int i = 0; i < count; ++i)
      group.spawn(pass_into(gate, runtime, *this));
    clock.run_ready();
  }
  std::int64_t now() const { return clock.wall_milliseconds(); }
  std::int64_t in(std::chrono::milliseconds time) const { return now() + time.count(); }

  boost::asio::io_context io;
  FakeClock clock{io};
  StopSignal stop{io.get_executor()};
  QuotaGate gate;
  int passed = 0;
  int refused = 0;
  TaskGroup group{io.get_executor()};

 private:
  static konductor::ports::Task<void> pass_into(QuotaGate& gate, std::string runtime,
                                                Fixture& fixture) {
    const Result<void> result = co_await gate.pass(runtime);
    if (result.has_error()) CHECK(result.error().code == ErrorCode::limit_reached);
    ++(result.has_error() ? fixture.refused : fixture.passed);
  }
};

}  // namespace

TEST_CASE("a gate that nobody closed lets everybody pass") {
  Fixture f;
  f.ask(3);
  CHECK(f.passed == 3);
}

TEST_CASE("refusals without a time are waited out for longer and longer") {
  Fixture f;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 9; ++i) {
    const auto until = f.gate.hold("claude", std::nullopt);
    REQUIRE(until);
    waits.push_back((*until - f.now()) / 1000);
    f.clock.advance(std::chrono::milliseconds(*until - f.now()));
  }
  CHECK(waits == std::vector<std::int64_t>{5, 10, 20, 40, 80, 160, 300, 300, 300});
  f.gate.reopen("claude");
  CHECK(f.gate.hold("claude", std::nullopt) == f.in(5s));
}

TEST_CASE("attempts wait for the time that the provider names, of their own runtime only") {
  Fixture f;
  CHECK(f.gate.hold("claude", f.in(1h)) == f.in(1h));
  f.ask();
  f.ask(1, "codex");
  CHECK(f.passed == 1);
  f.clock.advance(1h - 1s);
  CHECK(f.passed == 1);
  f.clock.advance(1s);
  CHECK(f.passed == 2);
}

TEST_CASE("a time that cannot be is not waited for") {
  Fixture f;
  const auto at = GENERATE(-1h, 0h, 24h * 400);
  CHECK(f.gate.hold("claude", f.in(at)) == f.in(5s));
}

TEST_CASE("attempts that ran side by side meet one limit together") {
  Fixture f;
  CHECK(f.gate.hold("claude", std::nullopt) == f.in(5s));
  CHECK_FALSE(f.gate.hold("claude", std::nullopt));
  CHECK_FALSE(f.gate.hold("claude", f.in(2s)));
  CHECK(f.gate.hold("claude", f.in(1h)) == f.in(1h));
  // A success of before.
  f.gate.reopen("claude");
  f.ask();
  CHECK(f.passed == 0);
}

TEST_CASE("when the time is over one attempt finds out for all") {
  Fixture f;
  f.gate.hold("claude", std::nullopt);
  f.ask(16);
  f.clock.advance(5s);
  CHECK(f.passed == 1);
  SECTION("it works: the others follow") {
    f.gate.reopen("claude");
    f.clock.advance(1s);
    CHECK(f.passed == 16);
  }
  SECTION("it is refused: all wait again") {
    CHECK(f.gate.hold("claude", std::nullopt) == f.in(10s));
    f.clock.advance(9s);
    CHECK(f.passed == 1);
    f.clock.advance(1s);
    CHECK(f.passed == 2);
  }
  SECTION("it is at work for a while: it was not refused") {
    f.clock.advance(59s);
    CHECK(f.passed == 1);
    f.clock.advance(1s);
    CHECK(f.passed == 2);
    f.clock.advance(60s);
    CHECK(f.passed == 3);
  }
}

TEST_CASE("a stopped run waits for nobody") {
  Fixture f;
  f.gate.hold("claude", f.in(1h));
  f.ask(2);
  f.stop.request(StopLevel::polite);
  f.clock.run_ready();
  CHECK(f.passed == 2);
  f.ask();
  CHECK(f.passed == 3);
}

TEST_CASE("a limit that lasts too long is an error, at once") {
  Fixture f(10min);
  f.gate.hold("claude", f.in(11min));
  f.ask(2);
  CHECK(f.refused == 2);
  f.ask(1, "codex");
  CHECK(f.passed == 1);
}

TEST_CASE("the time counts from the first refusal to the next try") {
  Fixture f(1min);
  f.gate.hold("claude", std::nullopt);
  f.ask();
  for (int i = 0; i < 20 && f.refused == 0; ++i) {
    f.clock.advance(1s);
    if (f.passed == 0) continue;
    f.passed = 0;
    f.gate.hold("claude", std::nullopt);
    f.ask();
  }
  // After 5 and 10 seconds; 20 and 40 more would be too long.
  CHECK(f.refused == 0);
  for (int i = 0; i < 60 && f.refused == 0; ++i) {
    f.clock.advance(1s);
    if (f.passed == 0) continue;
    f.passed = 0;
    f.gate.hold("claude", std::nullopt);
    f.ask();
  }
  CHECK(f.refused == 1);
  CHECK(f.now() - 1'767'225'600'000 < 60'000);
}
