// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "driver/execute.hpp"
#include "platform/posix_file_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_process_launcher.hpp"
#include "support/memory_journal.hpp"
#include "support/memory_workspaces.hpp"
#include "support/temp_dir.hpp"

namespace konductor::test {

enum class Agents {
  wild,    // Crash, hang, lie, ask, give up and reject, each now and then.
  honest,  // Do what they are asked for.
};

// How one engine's life ended.
struct Life {
  bool is_killed = false;
  int exit = -1;
  int signal_sent = 0;
};

// A phase whose shape, agents, order of events and deaths of the engine all follow from one seed.
// The whole driver runs, on one thread; only clock, processes, commits and the journal's disk are
// simulated. The journal, the trees and the files outlive an engine, as they would outside.
class SimulatedPhase {
 public:
  explicit SimulatedPhase(std::uint64_t seed);

  // Runs one engine to its end, or to its death right after the `kill_at`-th append to the journal.
  Life live(Agents agents, std::optional<std::size_t> kill_at, bool may_be_signalled);

  // A number below `limit`, from the seed.
  std::size_t pick(std::size_t limit);
  bool chance(int percent) { return pick(100) < static_cast<std::size_t>(percent); }

  // --- What came of it ---

  // What no run may do, as far as it was seen happening: "" when all was well.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  [[nodiscard]] std::vector<engine::Event> events() const { return log_->events(); }
  [[nodiscard]] const MemoryWorkspaces& workspaces() const { return workspaces_; }
  [[nodiscard]] const std::map<int, plan::Plan>& plans() const { return facts_.plans; }
  [[nodiscard]] const driver::RunFacts& facts() const { return facts_; }
  [[nodiscard]] std::string read(const std::filesystem::path& path) const;

 private:
  struct Engine;

  void write_plans();
  driver::ExecuteRequest make_request(Agents agents) const;
  void step(Engine& engine, bool may_be_signalled, Life& life);
  void finish_one(Engine& engine);
  void die(Engine& engine);

  FakeBehaviour behave(const Engine& engine, const FakeCall& call);
  void work(Agents agents, const FakeCall& call);
  void refuse(const FakeCall& call);
  std::string summary(Agents agents);
  std::string review(Agents agents);
  void complain(const std::string& text);

  bool has_wild_budget_;
  std::mt19937_64 random_;
  TempDir directory_;
  platform::PosixFileStore files_;
  std::shared_ptr<MemoryLog> log_ = std::make_shared<MemoryLog>();
  MemoryWorkspaces workspaces_;
  driver::RunFacts facts_;
  bool speaks_claude_ = false;     // Its runtime is one whose provider may refuse.
  std::set<std::string> hanging_;  // Titles of processes that never end by themselves.
  int lives_ = 0;
  std::string complaint_;
};

}  // namespace konductor::test
