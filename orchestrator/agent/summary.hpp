// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace konductor::agent {

enum class Status { done, done_with_concerns, needs_context, blocked };

// "DONE", "DONE_WITH_CONCERNS", …: the word of the protocol.
std::string_view to_string(Status status);

// One entry of `## Concerns`. Unmarked ones have no is_actionable.
struct Concern {
  std::string text;  // Without its mark.
  std::optional<bool> is_actionable;
  friend bool operator==(const Concern&, const Concern&) = default;
};

// "[actionable] text", "[informational] text" or the bare text, as events carry it.
std::string marked_text(const Concern& concern);
// The reverse: takes a mark off the front.
Concern parse_concern(std::string_view text);

// What an executor reports about its task.
struct Summary {
  Status status = Status::done;
  std::vector<Concern> concerns;
  std::string missing_context;  // Of `## Missing Context`.
  std::string blocker;          // Of `## Blocker`.
  std::vector<std::string> files_created;
  std::vector<std::string> files_modified;
  std::vector<std::string> files_deleted;
  std::vector<std::string> files_needed;  // To write, which it may not yet.
  std::string text;  // The document as it may be filed: without `## Review Status`.
};

// Reads an executor's document. Error `invalid_input` when it is not UTF-8 or does not hold exactly
// one status heading with a known word outside fences.
Result<Summary> parse_summary(std::string_view text);

}  // namespace konductor::agent
