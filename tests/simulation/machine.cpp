// SPDX-License-Identifier: MIT
#include "simulation/machine.hpp"

#include <algorithm>
#include <utility>

namespace konductor::test {
namespace {

class MachineProcess final : public ports::Process {
 public:
  MachineProcess(boost::asio::io_context& io, Machine& machine, Fate& fate,
                 Machine::ProcessPtr process, bool is_child)
      : io_(io),
        machine_(machine),
        fate_(fate),
        process_(std::move(process)),
        is_child_(is_child) {}

  ports::ProcessIdentity identity() const override {
    return {process_->call.pid, process_->start_time, process_->call.spec.token};
  }
  boost::asio::awaitable<Result<ports::ProcessExit>> wait() override {
    const Machine::ProcessPtr process = process_;
    const bool is_child = is_child_;
    const auto ended = std::make_shared<boost::asio::steady_timer>(
        io_, std::chrono::steady_clock::time_point::max());
    process->waiters.push_back(ended);
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    while (process->is_alive()) {
      const auto result = co_await ended->async_wait(token);
      if (process->is_alive()) throw boost::system::system_error(std::get<0>(result));
    }
    // Only a parent learns how a process ended.
    if (!is_child) co_return ports::ProcessExit{-1, 0};
    co_return *process->exit;
  }
  void interrupt() override {
    if (fate_.before_effect(false).has_error() || !process_->is_alive()) return;
    process_->signals.push_back(SIGINT);
    if (process_->behaviour.heeds_interrupt) machine_.finish(*process_);
  }
  void signal_tree(int signal) override {
    if (fate_.before_effect(false).has_error() || !process_->is_alive()) return;
    process_->signals.push_back(signal);
    if (signal == SIGKILL)
      machine_.kill_all_of(*process_);
    else if (!process_->behaviour.ignores_term)
      machine_.end_by(*process_, signal);
  }
  boost::asio::awaitable<Result<int>> kill_tree() override {
    const Result<void> alive = fate_.before_effect(false);
    if (alive.has_error()) co_return alive.error();
    const int strays = process_->has_strays ? process_->behaviour.strays : 0;
    machine_.kill_all_of(*process_);
    co_return strays;
  }
  CeilingsMet ceilings_met() const override { return {}; }
  std::uint64_t memory() const override { return 0; }
  // They outlive their handles anyway.
  void abandon() override {}
  std::optional<std::chrono::milliseconds> age() const override { return std::nullopt; }
  std::uint64_t output_bytes() const override { return process_->behaviour.output_bytes; }
  // What they print is there when they end.
  boost::asio::awaitable<void> output_grew() override {
    const auto never = std::make_shared<boost::asio::steady_timer>(
        io_, std::chrono::steady_clock::time_point::max());
    co_await never->async_wait(boost::asio::use_awaitable);
  }

 private:
  boost::asio::io_context& io_;
  Machine& machine_;
  Fate& fate_;
  Machine::ProcessPtr process_;
  bool is_child_;
};

}  // namespace

Machine::ProcessPtr Machine::start(const ports::ProcessSpec& spec, FakeBehaviour behaviour) {
  auto process = std::make_shared<SimulatedProcess>();
  process->call = FakeCall{spec, next_pid_++};
  process->start_time = static_cast<std::uint64_t>((now - booted_at_) / 10);
  process->has_strays = behaviour.strays > 0;
  process->is_hanging = behaviour.ending == FakeBehaviour::Ending::never;
  process->behaviour = std::move(behaviour);
  if (spec.supervision && spec.supervision->timeout.count() != 0)
    process->deadline = now + spec.supervision->timeout.count();
  processes_.push_back(process);
  write_record(*process, "", ports::Durability::cached);
  return process;
}

// As konductor-supervisor does: what it writes alone is synced.
void Machine::write_record(const SimulatedProcess& process, const std::string& ended_by,
                           ports::Durability durability) {
  if (!process.call.spec.supervision) return;
  std::string text = "{\"pid\":" + std::to_string(process.call.pid) +
                     ",\"start_time\":" + std::to_string(process.start_time);
  if (process.exit)
    text += ",\"exit_code\":" + std::to_string(process.exit->exit_code) +
            ",\"signal\":" + std::to_string(process.exit->signal) +
            ",\"exec_errno\":0,\"ended_by\":\"" + ended_by + "\"";
  const Result<void> written =
      disk_.write(process.call.spec.supervision->record, text + "}\n", durability);
  static_cast<void>(written);
}

void Machine::end(SimulatedProcess& process, ports::ProcessExit exit) {
  process.exit = exit;
  for (const auto& waiter : process.waiters)
    if (const auto timer = waiter.lock(); timer != nullptr) timer->cancel();
  process.waiters.clear();
}

void Machine::finish(SimulatedProcess& process) {
  if (!process.is_alive()) return;
  if (process.behaviour.work) process.behaviour.work(process.call);
  end(process, process.behaviour.exit);
  if (!is_engine_there_) process.has_strays = false;
  write_record(process, "",
               is_engine_there_ ? ports::Durability::cached : ports::Durability::synced);
}

void Machine::end_by(SimulatedProcess& process, int signal, const std::string& ended_by) {
  if (!process.is_alive()) return;
  if (process.is_foreign) has_hurt_strangers_ = true;
  end(process, ports::ProcessExit{-1, signal});
  if (!is_engine_there_) process.has_strays = false;
  write_record(process, ended_by,
               is_engine_there_ ? ports::Durability::cached : ports::Durability::synced);
}

void Machine::kill_all_of(SimulatedProcess& process) {
  process.has_strays = false;
  if (!process.is_alive()) return;
  if (process.is_foreign) has_hurt_strangers_ = true;
  process.signals.push_back(SIGKILL);
  end(process, ports::ProcessExit{-1, SIGKILL});
}

void Machine::pass_time_alone(std::int64_t milliseconds) {
  now += milliseconds;
  for (const ProcessPtr& process : running())
    if (process->deadline != 0 && process->deadline <= now)
      end_by(*process, process->behaviour.ignores_term ? SIGKILL : SIGTERM, "timed_out");
}

void Machine::lose_engine() {
  is_engine_there_ = false;
  for (const ProcessPtr& process : running()) {
    const auto& supervision = process->call.spec.supervision;
    if (supervision && supervision->stops_on_engine_death)
      end_by(*process, process->behaviour.ignores_term ? SIGKILL : SIGTERM, "engine_died");
  }
}

void Machine::reuse_pid(const SimulatedProcess& ended) {
  auto stranger = std::make_shared<SimulatedProcess>();
  stranger->call.pid = ended.call.pid;
  stranger->start_time = static_cast<std::uint64_t>((now - booted_at_) / 10) + 1;
  stranger->is_foreign = true;
  stranger->is_hanging = true;
  processes_.push_back(std::move(stranger));
}

void Machine::end_strangers() {
  for (const ProcessPtr& process : processes_)
    if (process->is_foreign && process->is_alive()) end(*process, ports::ProcessExit{0, 0});
}

void Machine::lose_power() {
  const std::vector<ProcessPtr> lost = std::exchange(processes_, {});
  for (const ProcessPtr& process : lost)
    if (process->is_alive()) end(*process, ports::ProcessExit{-1, SIGKILL});
  disk_.lose_power([this] { return dice_.chance(50); });
  now += 60'000;
  booted_at_ = now;
  next_pid_ = kFirstPid;
  // What the machine starts by itself has such numbers too.
  for (const ProcessPtr& process : lost)
    if (!process->is_foreign && dice_.chance(60)) reuse_pid(*process);
}

void Machine::bury() {
  std::erase_if(processes_, [](const ProcessPtr& process) {
    return !process->is_alive() && !process->has_strays;
  });
}

std::vector<Machine::ProcessPtr> Machine::running() const {
  std::vector<ProcessPtr> found;
  for (const ProcessPtr& process : processes_)
    if (process->is_alive() && !process->is_foreign) found.push_back(process);
  return found;
}

bool Machine::is_busy(int plan) const {
  return std::any_of(processes_.begin(), processes_.end(), [plan](const ProcessPtr& process) {
    return !process->is_foreign && (process->is_alive() || process->has_strays) &&
           process->plan() == plan;
  });
}

std::size_t Machine::alive() const {
  return static_cast<std::size_t>(
      std::count_if(processes_.begin(), processes_.end(), [](const ProcessPtr& process) {
        return !process->is_foreign && (process->is_alive() || process->has_strays);
      }));
}

Result<std::unique_ptr<ports::Process>> MachineLauncher::start(const ports::ProcessSpec& spec) {
  KON_TRY_VOID(fate_.before_effect());
  FakeBehaviour behaviour = script_(FakeCall{spec, 0});
  if (behaviour.start_error) return *behaviour.start_error;
  return handle(machine_.start(spec, std::move(behaviour)), true);
}

Result<std::unique_ptr<ports::Process>> MachineLauncher::adopt(
    const ports::ProcessIdentity& identity) {
  for (const Machine::ProcessPtr& process : machine_.processes())
    if (process->is_alive() && process->call.pid == identity.pid &&
        process->start_time == identity.start_time && process->call.spec.token == identity.token)
      return handle(process, false);
  return Error{ErrorCode::not_found, "the process has ended"};
}

boost::asio::awaitable<Result<int>> MachineLauncher::sweep(std::string token) {
  int count = 0;
  for (const Machine::ProcessPtr& process : machine_.processes()) {
    if (process->call.spec.token != token || (!process->is_alive() && !process->has_strays))
      continue;
    const Result<void> alive = fate_.before_effect(false);
    if (alive.has_error()) co_return alive.error();
    machine_.kill_all_of(*process);
    ++count;
  }
  co_return count;
}

std::unique_ptr<ports::Process> MachineLauncher::handle(Machine::ProcessPtr process,
                                                        bool is_child) {
  return std::make_unique<MachineProcess>(io_, machine_, fate_, std::move(process), is_child);
}

}  // namespace konductor::test
