// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "driver/execute.hpp"
#include "simulation/auditor.hpp"
#include "simulation/engine_ports.hpp"
#include "simulation/simulated_agents.hpp"
#include "support/temp_dir.hpp"

namespace konductor::test {

// How one engine's life ended.
struct Life {
  bool is_over = false;  // By itself; else it died, or is frozen.
  int exit = -1;
  int signal_sent = 0;
  bool has_failed = false;  // Something outside failed it.
};

// A phase on a machine of its own: the plans, the agents, what fails, the order of events and the
// deaths of engines and of the machine all follow from one seed. The whole driver runs, on one
// thread; the clock, the disk, the processes, the commits and the journal are simulated, and
// outlive engines as they would outside.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Lives through all of it. Returns what was wrong first, or "".
  std::string run();

  [[nodiscard]] const std::set<std::string_view>& events_seen() const { return auditor_.seen(); }
  [[nodiscard]] std::vector<engine::Event> events() const { return log_->events(); }

 private:
  struct Engine;

  // --- How the world is made (world_making.cpp) ---
  void make_config();
  void make_plans();
  void make_roles();
  AuditLimits limits() const;

  // --- Lives ---
  void live_wildly();
  void end_honestly();
  Life live(Agents agents, Fate::Plan plan, bool may_be_signalled);
  Fate::Plan troubles(bool may_fail);
  bool is_left_to_person();
  std::unique_ptr<Engine> make_engine(Agents agents, Fate::Plan plan);
  driver::ExecuteRequest make_request(Agents agents);
  static void mislead(Engine& engine);
  void run_engine(Engine& engine, bool may_be_signalled, Life& life);
  void step(Engine& engine, bool may_be_signalled, Life& life);
  void finish_one();
  void ask_something(Engine& engine);
  void ask(Engine& engine, engine::Request request);
  TaskAddress somebody();
  void be_without_engine();
  void thaw();
  Life conclude(Engine& engine, Life life);

  // --- What is held to be true (world_checks.cpp) ---
  FakeBehaviour start_process(const Engine& engine, const FakeCall& call);
  void look_for_loser(const std::string& what);
  Result<void> before_workspace_call(const std::string& operation, const std::string& what);
  void look_at_write(const std::filesystem::path& path, std::string_view text);
  void check_life(const Engine& engine, const Life& life);
  void check_reports(const driver::ExecuteResult& result, const Life& life);
  void check_end();
  void complain(const std::string& text);

  Dice dice_;
  TempDir directory_;
  std::filesystem::path trees_;
  MemoryFileStore disk_;
  Machine machine_;
  std::shared_ptr<MemoryLog> log_ = std::make_shared<MemoryLog>();
  MemoryWorkspaces workspaces_;
  driver::RunFacts facts_;
  int attempts_at_once_ = 1;
  int crash_retries_ = 0;
  bool has_wild_budget_ = false;
  bool has_visitors_ = false;  // Other processes ask things of its engines.
  int requests_ = 0;
  bool was_asked_to_stop_ = false;  // By a request, which a later engine may find.
  std::map<int, plan::Plan> plans_;
  Auditor auditor_;
  SimulatedAgents agents_;
  Engine* current_ = nullptr;
  std::unique_ptr<Engine> frozen_;
  bool is_thawing_ = false;
  bool is_merge_left_ = false;
  std::size_t transactions_before_ = 0;  // The engine that lives.
  int lives_ = 0;
  int holder_ = 0;  // The engine that has the phase: its number among the lives.
  std::string complaint_;
};

}  // namespace konductor::test
