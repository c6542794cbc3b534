// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "engine/event.hpp"

namespace konductor::ports {

// A document that a role handed in, kept because nothing can make it again. `name` is that of the
// attempt's run directory, such as "002-task-1-executor-1".
struct Document {
  std::string name;
  std::string text;
};

// The durable record of one phase. Calls block; one thread at a time.
class Journal {
 public:
  virtual ~Journal() = default;
  // Makes this engine the only one that may append to the phase, and returns its fencing token. An
  // engine that held the phase before gets `fenced` at its next append.
  virtual Result<std::int64_t> take_fence() = 0;
  // Appends all of it as one durable transaction, or nothing. Errors: `fenced` (another engine took
  // the phase: stop without another write), `environment` (disk full, database unusable).
  virtual Result<void> append(std::span<const engine::Event> events,
                              std::span<const Document> documents) = 0;
  // Calls `visit` with every event of the phase, oldest first, until it returns an error.
  virtual Result<void> replay(const std::function<Result<void>(engine::Event&&)>& visit) const = 0;
  // The newest document of that name, if there is one.
  virtual Result<std::optional<std::string>> document(const std::string& name) const = 0;
};

}  // namespace konductor::ports
