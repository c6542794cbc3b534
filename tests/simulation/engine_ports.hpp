// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/fence.hpp"
#include "simulation/fate.hpp"
#include "simulation/machine.hpp"
#include "simulation/seeded_bug.hpp"
#include "support/memory_file_store.hpp"
#include "support/memory_journal.hpp"

// One engine's way to what outlives it. Each asks the engine's fate before it does anything, and
// makes the seeded bug that is its own.
namespace konductor::test {

// The phase's lock. It passes to another engine between two acts: who is stopped in one is ended.
class EngineFence final : public ports::Fence {
 public:
  // `holder` is the number of the engine that has the phase.
  EngineFence(const int& holder, int engine) : holder_(holder), engine_(engine) {}

  Result<void> begin() override {
    if (holder_ != engine_ && !has_bug(SeededBug::unfenced_lock))
      return Error{ErrorCode::fenced, "another engine has the phase"};
    ++acts_;
    return {};
  }
  void end() override { --acts_; }
  [[nodiscard]] bool is_in_act() const { return acts_ > 0; }

 private:
  const int& holder_;
  int engine_;
  int acts_ = 0;
};

class EngineFiles final : public ports::FileStore {
 public:
  // Told before a file is replaced.
  using Look = std::function<void(const std::filesystem::path& path, std::string_view text)>;

  // What agents write is in real files below `outside`.
  EngineFiles(MemoryFileStore& disk, Fate& fate, std::filesystem::path outside, Look look)
      : disk_(disk), fate_(fate), outside_(outside.native() + "/"), look_(std::move(look)) {}

  Result<std::string> read(const std::filesystem::path& path,
                           std::uint64_t bytes_max) const override {
    return disk_.read(path, bytes_max);
  }
  bool exists(const std::filesystem::path& path) const override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::filesystem::path& directory) const override {
    return disk_.list(directory);
  }
  Result<void> write(const std::filesystem::path& path, std::string_view text,
                     ports::Durability durability) override {
    KON_TRY_VOID(fate_.before_effect());
    look_(path, text);
    if (has_bug(SeededBug::lost_blocked_report) && text.find("[[blockers]]") != text.npos)
      return {};
    if (has_bug(SeededBug::unsynced_document)) durability = ports::Durability::cached;
    return disk_.write(path, text, durability);
  }
  Result<void> make_directories(const std::filesystem::path& directory) override {
    KON_TRY_VOID(fate_.before_effect());
    return disk_.make_directories(directory);
  }
  Result<void> remove(const std::filesystem::path& path) override {
    KON_TRY_VOID(fate_.before_effect());
    if (path.native().compare(0, outside_.size(), outside_) == 0) {
      std::error_code error;
      std::filesystem::remove_all(path, error);
    }
    return disk_.remove(path);
  }
  Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) override {
    return disk_.redact(path, redactor);
  }

 private:
  MemoryFileStore& disk_;
  Fate& fate_;
  std::string outside_;
  Look look_;
};

class EngineJournal final : public ports::Journal {
 public:
  // Told after a transaction is durable.
  using Look = std::function<void(const std::vector<engine::Event>& events)>;

  EngineJournal(std::shared_ptr<MemoryLog> log, Fate& fate, Look look)
      : log_(log), journal_(std::move(log)), fate_(fate), look_(std::move(look)) {}

  Result<std::int64_t> take_fence() override {
    KON_TRY_VOID(fate_.before_effect());
    return journal_.take_fence();
  }
  Result<void> append(std::span<const engine::Event> events,
                      std::span<const ports::Document> documents) override;
  Result<void> replay(const std::function<Result<void>(engine::Event&&)>& visit) const override;
  Result<std::optional<std::string>> document(const std::string& name) const override {
    return journal_.document(name);
  }
  // What was acknowledged, for whom nothing may be lost.
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }

 private:
  Result<void> commit(std::span<const engine::Event> events,
                      std::span<const ports::Document> documents);
  bool is_late(std::span<const engine::Event> events) const;

  std::shared_ptr<MemoryLog> log_;
  MemoryJournal journal_;
  Fate& fate_;
  Look look_;
  std::vector<MemoryLog::Transaction> late_;  // Acknowledged, and not written yet.
  std::size_t acknowledged_ = 0;
};

class EngineLauncher final : public ports::ProcessLauncher {
 public:
  EngineLauncher(boost::asio::io_context& io, Machine& machine, Fate& fate,
                 MachineLauncher::Script script)
      : machine_(machine), launcher_(io, machine, fate, std::move(script)) {}

  Result<std::unique_ptr<ports::Process>> start(const ports::ProcessSpec& spec) override;
  Result<std::unique_ptr<ports::Process>> adopt(const ports::ProcessIdentity& identity) override;
  boost::asio::awaitable<Result<int>> sweep(std::string token) override {
    return launcher_.sweep(std::move(token));
  }
  boost::asio::awaitable<Result<int>> end_cgroup(std::string directory,
                                                 std::set<std::string> kept) override {
    return launcher_.end_cgroup(std::move(directory), std::move(kept));
  }

 private:
  Machine& machine_;
  MachineLauncher launcher_;
};

}  // namespace konductor::test
