// SPDX-License-Identifier: MIT
#include "engine/event.hpp"

#include <algorithm>
#include <array>

namespace konductor::engine {

std::string_view event_name(const EventBody& body) {
  return std::visit([](const auto& e) { return std::decay_t<decltype(e)>::kName; }, body);
}

bool is_excused(std::string_view cause) {
  constexpr std::array<std::string_view, 5> kExcused = {"cancelled", "interrupted", "quota",
                                                        "overloaded", "auth"};
  return std::find(kExcused.begin(), kExcused.end(), cause) != kExcused.end();
}

}  // namespace konductor::engine
