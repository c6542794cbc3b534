// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/process_launcher.hpp"

namespace konductor::test {

// One start that was asked for.
struct FakeCall {
  ports::ProcessSpec spec;
  pid_t pid = 0;

  // Value of an environment variable; "" when it is not set.
  [[nodiscard]] std::string variable(std::string_view name) const {
    for (const std::string& entry : spec.environment)
      if (entry.size() > name.size() && entry.compare(0, name.size(), name) == 0 &&
          entry[name.size()] == '=')
        return entry.substr(name.size() + 1);
    return {};
  }
  // "executor 2/1 execute": role, plan/task and reason, the absent ones left out.
  [[nodiscard]] std::string title() const {
    std::string text = variable("KONDUCTOR_ROLE");
    if (const std::string plan = variable("KONDUCTOR_PLAN"); !plan.empty()) {
      text += " " + plan;
      if (const std::string task = variable("KONDUCTOR_TASK"); !task.empty()) text += "/" + task;
    }
    if (const std::string reason = variable("KONDUCTOR_REASON"); !reason.empty())
      text += " " + reason;
    return text;
  }
};

// What a started process does.
struct FakeBehaviour {
  enum class Ending { at_once, when_told, never };

  Ending ending = Ending::at_once;
  ports::ProcessExit exit{0, 0};
  bool ignores_term = false;
  bool heeds_interrupt = false;    // Ends by itself after an interrupt.
  int strays = 0;                  // Found by kill_tree().
  std::uint64_t output_bytes = 0;  // Written from the start.
  std::optional<Error> start_error;
  std::optional<Error> kill_error;
  // The work: runs when the process ends by itself, before anybody hears of it.
  std::function<void(const FakeCall&)> work;
};

// Starts nothing: a script decides how each process behaves, and the test when it ends.
class FakeProcessLauncher final : public ports::ProcessLauncher {
 public:
  using Script = std::function<FakeBehaviour(const FakeCall&)>;

  FakeProcessLauncher(boost::asio::io_context& io, Script script)
      : io_(io), script_(std::move(script)) {}

  Result<std::unique_ptr<ports::Process>> start(const ports::ProcessSpec& spec) override {
    FakeCall call{spec, kFirstPid + static_cast<pid_t>(calls_.size())};
    const FakeBehaviour behaviour = script_(call);
    calls_.push_back(call);
    if (behaviour.start_error.has_value()) return *behaviour.start_error;
    auto state = std::make_shared<State>(io_, call, behaviour);
    states_.push_back(state);
    most_alive_ = std::max(most_alive_, alive());
    if (behaviour.ending == FakeBehaviour::Ending::at_once) finish(*state, behaviour.exit);
    return std::make_unique<FakeProcess>(std::move(state));
  }

  // Finds processes that this fake started and that still run, as an engine after a restart would.
  Result<std::unique_ptr<ports::Process>> adopt(const ports::ProcessIdentity& identity) override {
    for (const auto& state : states_)
      if (state->call.pid == identity.pid && state->start_time == identity.start_time &&
          state->call.spec.token == identity.token && !state->exit.has_value()) {
        state->is_adopted = true;
        return std::make_unique<FakeProcess>(state);
      }
    return Error{ErrorCode::not_found,
                 "process " + std::to_string(identity.pid) + " has ended meanwhile"};
  }

  boost::asio::awaitable<Result<int>> sweep(std::string token) override {
    swept_.push_back(token);
    int count = 0;
    for (const auto& state : states_) {
      if (state->call.spec.token != token || state->exit.has_value()) continue;
      end(*state, ports::ProcessExit{-1, SIGKILL});
      ++count;
    }
    co_return count;
  }
  boost::asio::awaitable<Result<int>> end_cgroup(std::string, std::set<std::string>) override {
    co_return 0;
  }

  // Ends a process that waits to be told, with its own exit or another; by its title, the first
  // such. False when there is none.
  bool finish(std::string_view title, std::optional<ports::ProcessExit> exit = std::nullopt) {
    for (const auto& state : states_)
      if (!state->exit.has_value() && state->call.title() == title) {
        finish(*state, exit.value_or(state->behaviour.exit));
        return true;
      }
    return false;
  }

  // More output of a running process.
  bool write_output(std::string_view title, std::uint64_t bytes) {
    for (const auto& state : states_)
      if (!state->exit.has_value() && state->call.title() == title) {
        state->bytes += bytes;
        state->grew.cancel();
        return true;
      }
    return false;
  }

  [[nodiscard]] const std::vector<FakeCall>& calls() const { return calls_; }
  // Titles of all starts, oldest first.
  [[nodiscard]] std::vector<std::string> titles() const {
    std::vector<std::string> titles;
    for (const FakeCall& call : calls_)
      titles.push_back(call.title());
    return titles;
  }
  // Titles of those that run now.
  [[nodiscard]] std::vector<std::string> running() const {
    std::vector<std::string> titles;
    for (const auto& state : states_)
      if (!state->exit.has_value()) titles.push_back(state->call.title());
    return titles;
  }
  // Processes that run, or ended and whose tree nobody has ended yet.
  [[nodiscard]] std::size_t alive() const {
    return static_cast<std::size_t>(
        std::count_if(states_.begin(), states_.end(), [](const auto& s) { return !s->is_swept; }));
  }
  [[nodiscard]] std::size_t most_alive() const { return most_alive_; }
  [[nodiscard]] const std::vector<std::string>& swept() const { return swept_; }
  // Signals sent to processes, oldest first.
  [[nodiscard]] std::vector<std::pair<std::string, int>> signals() const {
    std::vector<std::pair<std::string, int>> signals;
    for (const auto& state : states_)
      for (const int signal : state->signals)
        signals.emplace_back(state->call.title(), signal);
    return signals;
  }

 private:
  static constexpr pid_t kFirstPid = 100'000;

  struct State {
    State(boost::asio::io_context& io, FakeCall the_call, FakeBehaviour the_behaviour)
        : call(std::move(the_call)),
          behaviour(std::move(the_behaviour)),
          bytes(behaviour.output_bytes),
          ended(io, std::chrono::steady_clock::time_point::max()),
          grew(io, std::chrono::steady_clock::time_point::max()) {}

    FakeCall call;
    FakeBehaviour behaviour;
    std::uint64_t start_time = 1;
    std::uint64_t bytes;
    std::uint64_t bytes_seen = 0;
    std::optional<ports::ProcessExit> exit;
    bool is_swept = false;
    bool is_adopted = false;
    std::vector<int> signals;
    boost::asio::steady_timer ended;
    boost::asio::steady_timer grew;
  };

  static void end(State& state, ports::ProcessExit exit) {
    if (state.exit.has_value()) return;
    state.exit = exit;
    state.ended.cancel();
  }

  static void finish(State& state, ports::ProcessExit exit) {
    if (state.behaviour.work) state.behaviour.work(state.call);
    end(state, exit);
  }

  class FakeProcess final : public ports::Process {
   public:
    explicit FakeProcess(std::shared_ptr<State> state) : state_(std::move(state)) {}

    ports::ProcessIdentity identity() const override {
      return {state_->call.pid, state_->start_time, state_->call.spec.token};
    }
    boost::asio::awaitable<Result<ports::ProcessExit>> wait() override {
      const std::shared_ptr<State> state = state_;
      const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
      while (!state->exit.has_value()) {
        const auto result = co_await state->ended.async_wait(token);
        if (!state->exit.has_value()) throw boost::system::system_error(std::get<0>(result));
      }
      if (state->is_adopted) co_return ports::ProcessExit{-1, 0};
      co_return *state->exit;
    }
    void interrupt() override {
      state_->signals.push_back(SIGINT);
      if (state_->behaviour.heeds_interrupt) end(*state_, ports::ProcessExit{0, 0});
    }
    void signal_tree(int signal) override {
      state_->signals.push_back(signal);
      const bool obeys =
          signal == SIGKILL || (signal == SIGTERM && !state_->behaviour.ignores_term);
      if (obeys) end(*state_, ports::ProcessExit{-1, signal});
    }
    boost::asio::awaitable<Result<int>> kill_tree() override {
      const std::shared_ptr<State> state = state_;
      if (state->behaviour.kill_error.has_value()) co_return *state->behaviour.kill_error;
      if (!state->exit.has_value()) {
        state->signals.push_back(SIGKILL);
        end(*state, ports::ProcessExit{-1, SIGKILL});
      }
      const int strays = state->is_swept ? 0 : state->behaviour.strays;
      state->is_swept = true;
      co_return strays;
    }
    CeilingsMet ceilings_met() const override { return {}; }
    std::uint64_t memory() const override { return 0; }
    void abandon() override {}
    std::optional<std::chrono::milliseconds> age() const override { return std::nullopt; }
    std::uint64_t output_bytes() const override { return state_->bytes; }
    boost::asio::awaitable<void> output_grew() override {
      const std::shared_ptr<State> state = state_;
      const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
      while (state->bytes <= state->bytes_seen) {
        const auto result = co_await state->grew.async_wait(token);
        if (state->bytes <= state->bytes_seen)
          throw boost::system::system_error(std::get<0>(result));
      }
      state->bytes_seen = state->bytes;
    }

   private:
    std::shared_ptr<State> state_;
  };

  boost::asio::io_context& io_;
  Script script_;
  std::vector<FakeCall> calls_;
  std::vector<std::shared_ptr<State>> states_;
  std::vector<std::string> swept_;
  std::size_t most_alive_ = 0;
};

}  // namespace konductor::test
