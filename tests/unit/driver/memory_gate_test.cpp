// SPDX-License-Identifier: MIT
#include "driver/memory_gate.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "driver/task_group.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_process_launcher.hpp"

using konductor::driver::memory_needed;
using konductor::driver::MemoryGate;
using konductor::driver::StopLevel;
using konductor::driver::StopSignal;
using konductor::driver::TaskGroup;
using konductor::test::FakeClock;
using namespace std::chrono_literals;
using Order = std::vector<int>;

namespace {

constexpr std::uint64_t kEach = 1000;

// A process of which only its memory is asked for.
class Holder final : public konductor::ports::Process {
 public:
  explicit Holder(std::uint64_t bytes) : bytes_(bytes) {}
  konductor::ports::ProcessIdentity identity() const override { return {}; }
  boost::asio::awaitable<konductor::Result<konductor::ports::ProcessExit>> wait() override {
    co_return konductor::ports::ProcessExit{};
  }
  void interrupt() override {}
  void signal_tree(int) override {}
  boost::asio::awaitable<konductor::Result<int>> kill_tree() override { co_return 0; }
  std::uint64_t memory() const override { return bytes_; }
  konductor::CeilingsMet ceilings_met() const override { return {}; }
  void abandon() override {}
  std::optional<std::chrono::milliseconds> age() const override { return std::nullopt; }
  std::uint64_t output_bytes() const override { return 0; }
  boost::asio::awaitable<void> output_grew() override { co_return; }

 private:
  std::uint64_t bytes_;
};

class Fixture {
 public:
  explicit Fixture(std::uint64_t free_bytes, std::uint64_t each = kEach)
      : available(free_bytes), gate(clock, stop, each, [this] { return look(); }) {}
  ~Fixture() {
    stop.request(StopLevel::polite);
    clock.advance(1s);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  void ask(int count) {
    for (int i = 0; i < count; ++i)
      group.spawn(pass(*this, asked_++));
    clock.run_ready();
  }
  void end(int number) {
    places.erase(number);
    clock.advance(1s);
  }

  boost::asio::io_context io;
  FakeClock clock{io};
  StopSignal stop{io.get_executor()};
  std::uint64_t available;
  int looks = 0;
  MemoryGate gate;
  std::map<int, std::unique_ptr<MemoryGate::Place>> places;  // Of those that run.
  Order started;
  std::map<int, MemoryGate::Shortage> told;
  TaskGroup group{io.get_executor()};

 private:
  std::uint64_t look() {
    ++looks;
    return available;
  }
  static konductor::ports::Task<void> pass(Fixture& fixture, int number) {
    MemoryGate::TellShortage tell = [&fixture, number](MemoryGate::Shortage shortage) {
      REQUIRE(fixture.told.emplace(number, shortage).second);
    };
    auto place = co_await fixture.gate.pass(std::move(tell));
    fixture.places[number] = std::move(place);
    fixture.started.push_back(number);
  }

  int asked_ = 0;
};

}  // namespace

TEST_CASE("an attempt needs its own memory and what those that run may still take") {
  CHECK(memory_needed(1000, {}) == 1000);
  CHECK(memory_needed(1000, {0, 0}) == 3000);
  CHECK(memory_needed(1000, {1000, 400}) == 1600);
  // What one took beyond its share is gone already.
  CHECK(memory_needed(1000, {5000}) == 1000);
}

TEST_CASE("attempts start while there is memory for them") {
  Fixture f(3999);
  f.ask(16);
  CHECK(f.started == Order{0, 1, 2});
  CHECK(f.told.size() == 1);
  CHECK(f.told.at(3).available == 3999);
  CHECK(f.told.at(3).needed == 4000);
}

TEST_CASE("one attempt always runs") {
  Fixture f(1);
  f.ask(2);
  CHECK(f.started == Order{0});
  f.end(0);
  CHECK(f.started == Order{0, 1});
}

TEST_CASE("attempts that wait for memory start in the order in which they came") {
  Fixture f(1);
  f.ask(4);
  for (int i = 0; i < 3; ++i)
    f.end(i);
  CHECK(f.started == Order{0, 1, 2, 3});
  // Who is not first does not know yet what it waits for.
  CHECK(f.told.size() == 3);
}

TEST_CASE("an attempt that waits looks again when memory may have come free") {
  Fixture f(1500);
  f.ask(2);
  CHECK(f.started == Order{0});
  f.available = 2000;
  f.clock.advance(1s);
  CHECK(f.started == Order{0, 1});
}

TEST_CASE("what attempts hold already is not kept for them once more") {
  Fixture f(1400);
  f.ask(1);
  const Holder large(700);
  f.places.at(0)->set(&large);
  f.ask(1);
  CHECK(f.started == Order{0, 1});
  f.places.at(0)->set(nullptr);
  f.ask(1);
  CHECK(f.started == Order{0, 1});
}

TEST_CASE("an attempt that runs already has its place, whatever there is") {
  Fixture f(1);
  const auto adopted = f.gate.enter();
  f.ask(1);
  CHECK(f.started.empty());
}

TEST_CASE("nobody waits who is not to keep memory or cannot know of it") {
  Fixture off(1, 0);
  off.ask(5);
  CHECK(off.started.size() == 5);
  CHECK(off.looks == 0);
  Fixture unknown(0);
  unknown.ask(5);
  CHECK(unknown.started.size() == 5);
}

TEST_CASE("a run that is stopped waits for no memory") {
  Fixture f(1);
  f.ask(3);
  CHECK(f.started == Order{0});
  f.stop.request(StopLevel::polite);
  f.clock.run_ready();
  CHECK(f.started.size() == 3);
}
