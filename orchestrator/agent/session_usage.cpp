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

engine::Usage with_price(engine::Usage usage, const config::RuntimeSettings& runtime) {
  constexpr double kMillion = 1e6;
  if (usage.cost_usd > 0) return usage;
  usage.cost_usd = (static_cast<double>(usage.input_tokens) * runtime.price_input +
                    static_cast<double>(usage.output_tokens) * runtime.price_output +
                    static_cast<double>(usage.cache_read_tokens) * runtime.price_cache_read) /
                   kMillion;
  return usage;
}

}  // namespace konductor::agent
