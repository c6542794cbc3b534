// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "simulation/dice.hpp"
#include "simulation/fate.hpp"
#include "support/fake_process_launcher.hpp"
#include "support/memory_file_store.hpp"

namespace konductor::test {

// One program of an attempt, with the supervisor that is its parent; or a stranger's process.
struct SimulatedProcess {
  FakeCall call;
  FakeBehaviour behaviour;
  std::uint64_t start_time = 0;
  std::int64_t deadline = 0;  // At which its supervisor ends it when it is alone; 0: never.
  bool is_foreign = false;    // Nobody of ours started it.
  bool is_hanging = false;    // Never ends by itself.
  bool has_strays = false;    // Others that it started are alive, also after its own end.
  std::optional<ports::ProcessExit> exit;
  std::vector<int> signals;
  // Of those that wait for its end, in whichever engine.
  std::vector<std::weak_ptr<boost::asio::steady_timer>> waiters;

  [[nodiscard]] bool is_alive() const { return !exit.has_value(); }
  [[nodiscard]] int plan() const {
    const std::string text = call.variable("KONDUCTOR_PLAN");
    return text.empty() ? 0 : std::stoi(text);
  }
};

// The computer that engines run on: its time, its disk and its processes outlive them.
class Machine {
 public:
  using ProcessPtr = std::shared_ptr<SimulatedProcess>;

  Machine(MemoryFileStore& disk, Dice& dice) : disk_(disk), dice_(dice) {}

  ProcessPtr start(const ports::ProcessSpec& spec, FakeBehaviour behaviour);
  // Its program does the rest of its work and ends by itself.
  void finish(SimulatedProcess& process);
  // Its program gets a signal that ends it; its supervisor is there to tell.
  void end_by(SimulatedProcess& process, int signal, const std::string& ended_by = "");
  // With its supervisor and all that it started: nobody is left to tell.
  void kill_all_of(SimulatedProcess& process);
  // Ends what waits for nothing but time, as supervisors do where no engine is.
  void pass_time_alone(std::int64_t milliseconds);
  void gain_engine() { is_engine_there_ = true; }
  // The engine is dead: what is not to outlive it ends.
  void lose_engine();
  // A stranger gets the number of a process that has ended.
  void reuse_pid(const SimulatedProcess& ended);
  void end_strangers();
  // The machine stops and starts again.
  void lose_power();
  // Forgets those that are gone for good.
  void bury();

  [[nodiscard]] const std::vector<ProcessPtr>& processes() const { return processes_; }
  // Attempts' programs that run, oldest first.
  [[nodiscard]] std::vector<ProcessPtr> running() const;
  // Whether anything that an attempt of the plan started is alive.
  [[nodiscard]] bool is_busy(int plan) const;
  // Of all plans.
  [[nodiscard]] std::size_t alive() const;
  // A stranger's process was ended by an engine.
  [[nodiscard]] bool has_hurt_strangers() const { return has_hurt_strangers_; }

  std::int64_t now = 0;  // Milliseconds since the world began.

 private:
  void write_record(const SimulatedProcess& process, const std::string& ended_by,
                    ports::Durability durability);
  void end(SimulatedProcess& process, ports::ProcessExit exit);

  MemoryFileStore& disk_;
  Dice& dice_;
  std::vector<ProcessPtr> processes_;
  std::int64_t booted_at_ = 0;
  pid_t next_pid_ = kFirstPid;
  bool is_engine_there_ = true;
  bool has_hurt_strangers_ = false;

  static constexpr pid_t kFirstPid = 300;
};

// Starts, finds and ends the machine's processes for one engine.
class MachineLauncher final : public ports::ProcessLauncher {
 public:
  using Script = std::function<FakeBehaviour(const FakeCall&)>;

  MachineLauncher(boost::asio::io_context& io, Machine& machine, Fate& fate, Script script)
      : io_(io), machine_(machine), fate_(fate), script_(std::move(script)) {}

  Result<std::unique_ptr<ports::Process>> start(const ports::ProcessSpec& spec) override;
  Result<std::unique_ptr<ports::Process>> adopt(const ports::ProcessIdentity& identity) override;
  boost::asio::awaitable<Result<int>> sweep(std::string token) override;
  // The machine has no cgroups.
  boost::asio::awaitable<Result<int>> end_cgroup(std::string, std::set<std::string>) override {
    co_return 0;
  }

  // A handle of a process, whoever that is.
  std::unique_ptr<ports::Process> handle(Machine::ProcessPtr process, bool is_child);

 private:
  boost::asio::io_context& io_;
  Machine& machine_;
  Fate& fate_;
  Script script_;
};

}  // namespace konductor::test
