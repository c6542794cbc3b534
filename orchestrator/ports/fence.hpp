// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "base/result.hpp"

namespace konductor::ports {

// Whether this engine still holds its phase. What changes anything is done between begin() and
// end(): an engine that takes the phase over lets nothing begin any more, and waits for, or ends,
// whoever is in between. An engine that was suspended and wakes up later thus changes nothing.
class Fence {
 public:
  virtual ~Fence() = default;
  // Error `fenced` when another engine took the phase; end() may not be called then. Each thread
  // may begin, several times over.
  virtual Result<void> begin() = 0;
  virtual void end() = 0;
};

// What lies between begin() and end(), as an object.
class Act {
 public:
  static Result<Act> begin(Fence& fence) {
    KON_TRY_VOID(fence.begin());
    return Act(fence);
  }
  Act(Act&& other) noexcept : fence_(std::exchange(other.fence_, nullptr)) {}
  Act& operator=(Act&& other) = delete;
  ~Act() {
    if (fence_ != nullptr) fence_->end();
  }

 private:
  explicit Act(Fence& fence) : fence_(&fence) {}
  Fence* fence_;
};

}  // namespace konductor::ports
