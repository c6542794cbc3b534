// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/run_state.hpp"
#include "plan/plan.hpp"

namespace konductor::cli {

// Reads what another process adds to the journal of a phase, and folds it. Holds nothing open
// between two looks, so that the engine closes its journal as if nobody watched; a look at a
// journal that has not changed costs two calls of the system.
class JournalFollower {
 public:
  JournalFollower(std::filesystem::path database, std::string phase,
                  const std::map<int, plan::Plan>& plans);

  // The events that are new since the last look, oldest first; the first time all of the newest
  // run. `must_read` reads although nothing seems to have changed.
  Result<std::vector<engine::Event>> look(bool must_read = false);

  // The fold of all events so far.
  [[nodiscard]] const engine::RunState& state() const { return state_; }

 private:
  // What tells that a file was written to.
  struct Mark {
    std::int64_t size = -1;
    std::int64_t time = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  struct Marks {
    Mark database;
    Mark log;
    friend bool operator==(const Marks&, const Marks&) = default;
  };
  static Mark mark_of(const std::filesystem::path& path);
  [[nodiscard]] Marks marks() const;

  std::filesystem::path database_;
  std::string phase_;
  engine::RunState state_;
  std::int64_t number_ = 0;  // Of the last event that was read.
  Marks read_at_;
};

}  // namespace konductor::cli
