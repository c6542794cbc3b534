// SPDX-License-Identifier: MIT
#include "driver/quota_gate.hpp"

#include <catch2/catch.hpp>

#include "driver/task_group.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_store.hpp"

using konductor::ErrorCode;
using konductor::Result;
using konductor::driver::QuotaGate;
using konductor::driver::SharedLimits;
using konductor::driver::StopLevel;
using konductor::driver::StopSignal;
using konductor::driver::TaskGroup;
using konductor::test::FakeClock;
using konductor::test::MemoryFileStore;
using namespace std::chrono_literals;

namespace {

class Fixture {
 public:
  explicit Fixture(std::chrono::milliseconds wait_max = 0ms)
      : gate(clock, stop, SharedLimits(files, "/limits"), wait_max) {}
  ~Fixture() {
    stop.request(StopLevel::polite);
    clock.advance(1s);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  // Attempts that want to start.
  void ask(int count = 1, const std::vector<std::string>& accounts = {"claude"}) {
    for (int i = 0; i < count; ++i)
      group.spawn(pass_into(gate, accounts, *this));
    clock.run_ready();
  }
  std::int64_t now() const { return clock.wall_milliseconds(); }
  std::int64_t in(std::chrono::milliseconds time) const { return now() + time.count(); }

  boost::asio::io_context io;
  FakeClock clock{io};
  StopSignal stop{io.get_executor()};
  MemoryFileStore files;
  QuotaGate gate;
  int passed = 0;
  std::vector<std::size_t> chosen;  // In the order in which they passed.
  int refused = 0;
  TaskGroup group{io.get_executor()};

 private:
  static konductor::ports::Task<void> pass_into(QuotaGate& gate, std::vector<std::string> accounts,
                                                Fixture& fixture) {
    const Result<std::size_t> result = co_await gate.pass(accounts);
    if (result.has_error()) CHECK(result.error().code == ErrorCode::limit_reached);
    if (result.has_value()) fixture.chosen.push_back(result.value());
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
  f.ask(1, {"codex"});
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

TEST_CASE("a wall clock that is set back makes nobody wait longer") {
  Fixture f;
  const bool is_told = GENERATE(false, true);
  f.gate.hold("claude", is_told ? std::optional(f.in(5s)) : std::nullopt);
  f.ask();
  f.clock.advance(2s);
  f.clock.set_wall(-24h);
  f.clock.advance(2s);
  CHECK(f.passed == 0);
  f.clock.advance(1s);
  CHECK(f.passed == 1);
  // Nor those of other engines.
  f.gate.reopen("claude");
  CHECK(f.files.list("/limits").value().empty());
}

TEST_CASE("a provider's time is taken by the wall clock, however it was set before") {
  Fixture f;
  f.clock.set_wall(-24h);
  CHECK(f.gate.hold("claude", f.in(1h)) == f.in(1h));
  f.ask();
  f.clock.advance(1h - 1s);
  CHECK(f.passed == 0);
  f.clock.advance(1s);
  CHECK(f.passed == 1);
}

TEST_CASE("a wall clock that is set forward, as after a sleep, ends what it passes") {
  Fixture f;
  f.gate.hold("claude", f.in(5h));
  f.ask();
  f.clock.set_wall(6h);
  f.clock.advance(1s);
  CHECK(f.passed == 1);
}

TEST_CASE("when the time is over one attempt finds out for all") {
  Fixture f;
  f.gate.hold("claude", std::nullopt);
  f.ask(16);
  f.clock.advance(5s);
  CHECK(f.passed == 1);
  SECTION("it works: the others follow, more of them every second") {
    f.gate.reopen("claude");
    std::vector<int> counts;
    for (int i = 0; i < 3; ++i) {
      f.clock.advance(1s);
      counts.push_back(f.passed);
    }
    CHECK(counts == std::vector<int>{5, 9, 16});
    f.clock.advance(10s);
    f.ask(1000);
    CHECK(f.passed == 1016);
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
  f.ask(1, {"codex"});
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

TEST_CASE("the first runtime that is not at its limit is taken") {
  Fixture f;
  const std::vector<std::string> both = {"claude", "codex"};
  f.ask(1, both);
  CHECK(f.gate.likely(both) == 0);
  f.gate.hold("claude", f.in(1h));
  CHECK(f.gate.likely(both) == 1);
  f.ask(1, both);
  CHECK(f.chosen == std::vector<std::size_t>{0, 1});
  f.gate.hold("codex", f.in(10s));
  f.ask(1, both);
  CHECK(f.passed == 2);
  CHECK(f.gate.likely(both) == 0);
  f.clock.advance(10s);
  CHECK(f.chosen == std::vector<std::size_t>{0, 1, 1});
}

TEST_CASE("a runtime that would wait too long is passed over") {
  Fixture f(10min);
  f.gate.hold("claude", f.in(1h));
  f.gate.hold("codex", f.in(1min));
  f.ask(1, {"claude", "codex"});
  CHECK(f.refused == 0);
  f.clock.advance(1min);
  CHECK(f.chosen == std::vector<std::size_t>{1});
  f.gate.hold("codex", f.in(1h));
  f.ask(1, {"claude", "codex"});
  CHECK(f.refused == 1);
}

TEST_CASE("a limit that was too long to wait for is over when its time is") {
  Fixture f(1h);
  const std::vector<std::string> both = {"claude", "codex"};
  f.gate.hold("claude", f.in(2h));
  f.ask(1, both);
  CHECK(f.chosen == std::vector<std::size_t>{1});
  f.clock.advance(2h + 5min);
  f.gate.hold("codex", f.in(2h));
  f.ask(1, both);
  CHECK(f.refused == 0);
  CHECK(f.chosen == std::vector<std::size_t>{1, 0});
}

TEST_CASE("engines of one user hear of each other's limits") {
  Fixture f;
  QuotaGate other(f.clock, f.stop, SharedLimits(f.files, "/limits"), 0ms);
  other.hold("claude", f.in(1min));
  f.ask();
  f.ask(1, {"codex"});
  CHECK(f.passed == 1);
  SECTION("until the time is over") {
    f.clock.advance(59s);
    CHECK(f.passed == 1);
    f.clock.advance(1s);
    CHECK(f.passed == 2);
    CHECK(f.files.exists("/limits/claude"));
    f.gate.reopen("claude");
    CHECK_FALSE(f.files.exists("/limits/claude"));
  }
  SECTION("also of one that is longer than was known") {
    other.hold("claude", f.in(1h));
    f.clock.advance(59min);
    CHECK(f.passed == 1);
    f.clock.advance(1min);
    CHECK(f.passed == 2);
  }
  SECTION("a file that says nothing holds nobody") {
    const auto* text = GENERATE("", "soon", "-5", "99999999999999999999", "9999999999999");
    REQUIRE(f.files.write("/limits/codex", text).has_value());
    f.ask(1, {"codex"});
    CHECK(f.passed == 2);
  }
}

TEST_CASE("a limit that other engines cannot be told of holds here, and why is told once") {
  Fixture f;
  f.files.fail_nth_write(1);
  REQUIRE(f.gate.hold("claude", std::nullopt).has_value());
  CHECK(f.gate.take_untold() == "cannot write \"/limits/claude\": No space left on device");
  CHECK(f.gate.take_untold().empty());
  REQUIRE(f.gate.hold("codex", std::nullopt).has_value());
  CHECK(f.gate.take_untold().empty());
}
