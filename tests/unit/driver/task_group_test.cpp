// SPDX-License-Identifier: MIT
#include "driver/task_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "driver/offload.hpp"
#include "support/fake_clock.hpp"

using konductor::driver::offload;
using konductor::driver::TaskGroup;
using konductor::ports::Task;
using konductor::test::FakeClock;
using namespace std::chrono_literals;

namespace {

Task<void> note_after(FakeClock& clock, std::chrono::milliseconds time, std::string name,
                      std::vector<std::string>& notes) {
  const auto deadline = clock.steady_now() + time;
  co_await clock.sleep_until(deadline);
  notes.push_back(name);
}

Task<void> fail_after(FakeClock& clock, std::chrono::milliseconds time, std::string message) {
  const auto deadline = clock.steady_now() + time;
  co_await clock.sleep_until(deadline);
  throw std::runtime_error(message);
}

Task<void> note_when_empty(TaskGroup& group, std::vector<std::string>& notes) {
  co_await group.wait_until_empty();
  notes.push_back("empty");
}

Task<void> note_when_stopped(TaskGroup& group, FakeClock& clock, std::vector<std::string>& notes) {
  co_await group.stop(clock, 10s);
  notes.push_back("stopped");
}

// Ends politely, which takes a second, when asked with `total`.
Task<void> end_politely(FakeClock& clock, std::vector<std::string>& notes) {
  co_await boost::asio::this_coro::reset_cancellation_state(
      boost::asio::enable_total_cancellation());
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  try {
    const auto deadline = clock.steady_now() + 1h;
    co_await clock.sleep_until(deadline);
  } catch (const boost::system::system_error&) {
    notes.push_back("asked");
  }
  const auto deadline = clock.steady_now() + 1s;
  co_await clock.sleep_until(deadline);
  notes.push_back("ended");
}

std::string message_of(const std::exception_ptr& error) {
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  }
}

}  // namespace

TEST_CASE("a group is waited for until its last coroutine ended") {
  boost::asio::io_context io{1};
  FakeClock clock(io);
  TaskGroup group(io.get_executor());
  TaskGroup waiter(io.get_executor());
  std::vector<std::string> notes;
  group.spawn(note_after(clock, 2s, "second", notes));
  group.spawn(note_after(clock, 1s, "first", notes));
  CHECK(group.size() == 2);
  waiter.spawn(note_when_empty(group, notes));
  clock.advance(5s);
  CHECK(notes == std::vector<std::string>{"first", "second", "empty"});
  CHECK(group.empty());
  CHECK(group.first_exception() == nullptr);
  // An empty group is waited for not at all.
  waiter.spawn(note_when_empty(group, notes));
  clock.run_ready();
  CHECK(notes.size() == 4);
}

TEST_CASE("the first exception of a group is kept and the others go on") {
  boost::asio::io_context io{1};
  FakeClock clock(io);
  TaskGroup group(io.get_executor());
  std::vector<std::string> notes;
  group.spawn(fail_after(clock, 2s, "later"));
  group.spawn(fail_after(clock, 1s, "sooner"));
  group.spawn(note_after(clock, 3s, "whole", notes));
  clock.advance(5s);
  CHECK(message_of(group.first_exception()) == "sooner");
  CHECK(notes == std::vector<std::string>{"whole"});
}

TEST_CASE("stopping a group asks politely before it insists") {
  boost::asio::io_context io{1};
  FakeClock clock(io);
  TaskGroup group(io.get_executor());
  TaskGroup waiter(io.get_executor());
  std::vector<std::string> notes;
  group.spawn(end_politely(clock, notes));
  group.spawn(note_after(clock, 1h, "never", notes));  // Obeys `terminal` only.
  clock.run_ready();
  waiter.spawn(note_when_stopped(group, clock, notes));
  clock.advance(9s);
  CHECK(notes == std::vector<std::string>{"asked", "ended"});
  CHECK(group.size() == 1);
  clock.advance(1s);
  CHECK(notes == std::vector<std::string>{"asked", "ended", "stopped"});
  CHECK(group.empty());
}

TEST_CASE("stopping does not wait for grace when all are gone") {
  boost::asio::io_context io{1};
  FakeClock clock(io);
  TaskGroup group(io.get_executor());
  TaskGroup waiter(io.get_executor());
  std::vector<std::string> notes;
  waiter.spawn(note_when_stopped(group, clock, notes));
  clock.run_ready();
  CHECK(notes == std::vector<std::string>{"stopped"});
}

namespace {

struct Answer {
  int number = 0;
  std::thread::id worked_on;
  std::thread::id resumed_on;
};

Task<void> ask(boost::asio::any_io_executor pool, Answer& answer) {
  auto owned = std::make_unique<int>(41);  // A job that can only be moved.
  auto job = [owned = std::move(owned)] {
    return Answer{*owned + 1, std::this_thread::get_id(), {}};
  };
  answer = co_await offload(pool, std::move(job));
  answer.resumed_on = std::this_thread::get_id();
}

Task<void> ask_and_fail(boost::asio::any_io_executor pool, std::string& message) {
  auto job = []() -> int { throw std::runtime_error("disk on fire"); };
  try {
    co_await offload(pool, std::move(job));
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
}

}  // namespace

TEST_CASE("an offloaded job runs on the pool and resumes on the loop") {
  boost::asio::io_context io{1};
  boost::asio::thread_pool pool(1);
  TaskGroup group(io.get_executor());
  Answer answer;
  group.spawn(ask(pool.get_executor(), answer));
  io.run();  // Stays until the job is done.
  CHECK(answer.number == 42);
  CHECK(answer.worked_on != std::this_thread::get_id());
  CHECK(answer.resumed_on == std::this_thread::get_id());
  pool.join();
}

TEST_CASE("an offloaded job's exception arrives where it is awaited") {
  boost::asio::io_context io{1};
  boost::asio::thread_pool pool(1);
  TaskGroup group(io.get_executor());
  std::string message;
  group.spawn(ask_and_fail(pool.get_executor(), message));
  io.run();
  CHECK(message == "disk on fire");
  CHECK(group.first_exception() == nullptr);
  pool.join();
}
