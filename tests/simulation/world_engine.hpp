// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>

#include "driver/fenced_ports.hpp"
#include "simulation/world.hpp"
#include "support/fake_clock.hpp"

namespace konductor::test {

// Looks at everything, every time.
class BlindWatcher final : public ports::ChangeWatcher {
 public:
  std::unique_ptr<ports::ChangeWatch> watch(const std::vector<std::filesystem::path>&) override {
    return std::make_unique<Watch>();
  }

 private:
  struct Watch final : ports::ChangeWatch {
    std::optional<std::vector<std::filesystem::path>> take_changes() override {
      return std::nullopt;
    }
  };
};

// Rings when the world has put something into the watched folder.
class SimulatedArrivals final : public ports::ArrivalWatch {
 public:
  explicit SimulatedArrivals(boost::asio::io_context& io)
      : rung_(io, std::chrono::steady_clock::time_point::max()) {}
  void begin(const std::filesystem::path& folder) override { folder_ = folder; }
  boost::asio::awaitable<void> arrived() override {
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    if (!has_rung_) {
      const auto result = co_await rung_.async_wait(token);
      if (!has_rung_) throw boost::system::system_error(std::get<0>(result));
    }
    has_rung_ = false;
  }
  void ring() {
    has_rung_ = true;
    rung_.cancel();
  }
  // Empty: nobody watches yet.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  boost::asio::steady_timer rung_;
  std::filesystem::path folder_;
  bool has_rung_ = false;
};

// What dies with an engine.
struct World::Engine {
  Engine(World& world, Agents the_agents, Fate::Plan plan)
      : agents(the_agents),
        fate(std::move(plan)),
        fence(world.holder_, world.lives_),
        clock(io, std::chrono::milliseconds(world.machine_.now)),
        launcher(io, world.machine_, fate,
                 [this, &world](const FakeCall& call) { return world.start_process(*this, call); }),
        files(world.disk_, fate, world.trees_,
              [&world](const std::filesystem::path& path, std::string_view text) {
                world.look_at_write(path, text);
              }),
        journal(world.log_, fate,
                [&world](const std::vector<engine::Event>& events) {
                  for (const engine::Event& event : events)
                    world.auditor_.see(event);
                }),
        facts(world.facts_),
        fenced_launcher(launcher, fence),
        fenced_files(files, fence),
        fenced_workspaces(world.workspaces_, fence),
        fenced_journal(journal, fence),
        ports{clock,   fenced_launcher, fenced_files,      fenced_workspaces, fenced_journal,
              watcher, arrivals,        io.get_executor(), io.get_executor()} {
    clock.run_while([this] { return fate.is_running(); });
  }

  Agents agents;
  Fate fate;
  EngineFence fence;
  boost::asio::io_context io{1};
  FakeClock clock;
  EngineLauncher launcher;
  EngineFiles files;
  EngineJournal journal;
  BlindWatcher watcher;
  SimulatedArrivals arrivals{io};
  driver::RunFacts facts;
  driver::FencedLauncher fenced_launcher;
  driver::FencedFileStore fenced_files;
  driver::FencedWorkspaces fenced_workspaces;
  driver::FencedJournal fenced_journal;
  driver::ExecuteRequest request;
  driver::RunPorts ports;
  driver::StopSignal stop{io.get_executor()};
  std::function<void(int)> on_signal;
  std::optional<Result<driver::ExecuteResult>> result;
  std::exception_ptr thrown;
  bool is_over = false;
};

}  // namespace konductor::test
