// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "config/config.hpp"
#include "engine/event.hpp"

namespace konductor::agent {

// What an attempt used that went on in an earlier one's session. `earlier` is what the earlier one
// reported, `now` what this one did; some agents report the session instead of the attempt:
//
//   dialect                      tokens           cost
//   claude                       of the attempt   of the session
//   codex, qwen                  of the session   not told
//   opencode, gemini, pi, other  of the attempt   of the attempt
//
// A session's number that has become smaller was counted anew, and is the attempt's.
engine::Usage usage_since(std::string_view dialect, const engine::Usage& earlier,
                          const engine::Usage& now);

// With what it cost by the runtime's prices, where the agent does not say.
engine::Usage with_price(engine::Usage usage, const config::RuntimeSettings& runtime);

}  // namespace konductor::agent
