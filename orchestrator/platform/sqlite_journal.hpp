// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run_machine.hpp"
#include "ports/journal.hpp"

namespace konductor::platform {

// The step that brings the database from one schema version to the next: SQL, run in one
// transaction with all other missing steps. Version N is what the first N steps make.
using SchemaStep = const char*;

// The steps of this build, oldest first.
std::span<const SchemaStep> journal_schema_steps();

struct SqliteJournalOptions {
  // How long to wait for another engine's transaction on the same file.
  std::chrono::milliseconds busy_timeout{30'000};
  std::span<const SchemaStep> schema_steps = journal_schema_steps();
};

// The newest run of a phase, as far as the journal tells. Times are milliseconds since 1970.
struct LastRun {
  std::string run;
  std::int64_t started_at = 0;
  engine::event::run_started started;
  std::int64_t last_event_at = 0;
  std::int64_t finished_at = 0;  // 0 while the run goes on, or when its engine died.
  std::optional<engine::event::run_finished> finished;
};

// The journal of one phase in the SQLite file that all phases share (docs/journal.md). A committed
// transaction is on disk. Nothing else in the process may open the file or its -wal and -shm:
// closing such a descriptor would drop SQLite's locks.
class SqliteJournal final : public ports::Journal {
  struct Store;

 public:
  // Opens the file, making it or bringing it to the current schema version where needed. Errors:
  // `environment`, with what to do: not a database, damaged, newer, not writable, disk full,
  // locked.
  static Result<std::unique_ptr<SqliteJournal>> open(const std::filesystem::path& path,
                                                     std::string phase,
                                                     SqliteJournalOptions options = {});
  // Opens the file for reading beside a writing engine. Makes neither it nor, while no engine has
  // it open, any file beside it: `not_found` when there is no journal yet.
  static Result<std::unique_ptr<SqliteJournal>> open_read_only(const std::filesystem::path& path,
                                                               std::string phase,
                                                               SqliteJournalOptions options = {});
  explicit SqliteJournal(std::unique_ptr<Store> store);
  ~SqliteJournal() override;

  Result<std::int64_t> take_fence() override;
  Result<void> append(std::span<const engine::Event> events,
                      std::span<const ports::Document> documents) override;
  Result<void> replay(const std::function<Result<void>(engine::Event&&)>& visit) const override;
  Result<std::optional<std::string>> document(const std::string& name) const override;

  // All phases that the file knows, sorted.
  Result<std::vector<std::string>> phases() const;
  // How long tasks of all phases took from their start to their completion in one run; of those
  // that ran several times the newest.
  Result<engine::TaskDurations> task_durations() const;
  // Calls `visit` with the phase's events behind `number`, oldest first, until it returns an error;
  // returns the number of the last one, which is `number` itself when there is none. 0 is before
  // the first.
  Result<std::int64_t> replay_after(
      std::int64_t number, const std::function<Result<void>(engine::Event&&)>& visit) const;
  // The newest run of this journal's phase; nullopt when it never ran.
  Result<std::optional<LastRun>> last_run() const;

 private:
  std::unique_ptr<Store> store_;
};

}  // namespace konductor::platform
