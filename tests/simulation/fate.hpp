// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace konductor::test {

// What befalls one engine. Everything that an engine does to the world outside asks it first: an
// engine that is dead does nothing any more, also in the middle of what it was at.
class Fate {
 public:
  enum class Ending {
    killed,  // SIGKILL: what the kernel holds stays.
    frozen,  // SIGSTOP: somebody may wake it when another engine has the phase.
  };
  struct Plan {
    std::optional<std::size_t> end_at;  // The effect that is its last, counted from 1,
    bool is_last_undone = false;        // or that it does not come to any more.
    bool ends_at_rest = false;          // It ends some time while its attempts are at work.
    Ending ending = Ending::killed;
    std::optional<std::size_t> fault_at;  // The effect that fails.
    Error fault = {};
    bool is_fault_thrown = false;  // Out of memory: where trees are worked on.
  };

  Fate() = default;
  explicit Fate(Plan plan) : plan_(std::move(plan)) {}

  // Comes before every effect; the error is what the engine gets instead of it. Some cannot fail.
  Result<void> before_effect(bool may_fail = true, bool may_throw = false) {
    if (is_dead_) return Error{ErrorCode::cancelled, "the engine is dead"};
    ++effects_;
    if (plan_.end_at && effects_ == *plan_.end_at) {
      // What it is at in this moment cannot be cut in the middle: it is frozen right after it.
      if (plan_.ending == Ending::frozen) {
        is_frozen_ = true;
        return {};
      }
      is_dead_ = true;
      if (plan_.is_last_undone) return Error{ErrorCode::cancelled, "the engine is dead"};
      return {};
    }
    if (plan_.fault_at && effects_ >= *plan_.fault_at && !has_failed_ && may_fail) {
      has_failed_ = true;
      if (plan_.is_fault_thrown && may_throw) throw std::bad_alloc();
      return plan_.fault;
    }
    return {};
  }

  [[nodiscard]] bool ends_at_rest() const { return plan_.ends_at_rest; }
  // While it waits for its attempts.
  void end_now() { (plan_.ending == Ending::frozen ? is_frozen_ : is_dead_) = true; }
  void thaw() { is_frozen_ = false; }
  void kill() { is_dead_ = true; }

  [[nodiscard]] bool is_dead() const { return is_dead_; }
  [[nodiscard]] bool is_frozen() const { return is_frozen_; }
  [[nodiscard]] bool is_running() const { return !is_dead_ && !is_frozen_; }
  // The fault was met.
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  [[nodiscard]] std::size_t effects() const { return effects_; }

 private:
  Plan plan_;
  std::size_t effects_ = 0;
  bool is_dead_ = false;
  bool is_frozen_ = false;
  bool has_failed_ = false;
};

}  // namespace konductor::test
