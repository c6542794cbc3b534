// SPDX-License-Identifier: MIT
#include "agent/session_usage.hpp"

namespace konductor::agent {

engine::Usage usage_since(std::string_view dialect, const engine::Usage& earlier,
                          const engine::Usage& now) {
  engine::Usage used = now;
  const bool sums_tokens = dialect == "codex" || dialect == "qwen";
  const bool have_grown = now.input_tokens >= earlier.input_tokens &&
                          now.output_tokens >= earlier.output_tokens &&
                          now.cache_read_tokens >= earlier.cache_read_tokens;
  if (sums_tokens && have_grown) {
    used.input_tokens -= earlier.input_tokens;
    used.output_tokens -= earlier.output_tokens;
    used.cache_read_tokens -= earlier.cache_read_tokens;
  }
  if (dialect == "claude" && now.cost_usd >= earlier.cost_usd) used.cost_usd -= earlier.cost_usd;
  return used;
}

}  // namespace konductor::agent
