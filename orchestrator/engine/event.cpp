// SPDX-License-Identifier: MIT
#include "engine/event.hpp"

#include <algorithm>
#include <array>

namespace konductor::engine {

std::string_view event_name(const EventBody& body) {
  return std::visit([](const auto& e) { return std::decay_t<decltype(e)>::kName; }, body);
}

bool is_excused(std::string_view cause) {
  constexpr std::array<std::string_view, 6> kExcused = {
      "cancelled", "interrupted", "quota", "overloaded", "auth", "session_lost"};
  return std::find(kExcused.begin(), kExcused.end(), cause) != kExcused.end();
}

void add(Usage& total, const Usage& more) {
  total.input_tokens += more.input_tokens;
  total.output_tokens += more.output_tokens;
  total.cache_read_tokens += more.cache_read_tokens;
  total.cost_usd += more.cost_usd;
}

}  // namespace konductor::engine

template class std::vector<konductor::engine::EventBody>;
template class std::vector<konductor::engine::Event>;
