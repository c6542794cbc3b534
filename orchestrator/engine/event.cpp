// SPDX-License-Identifier: MIT
#include "engine/event.hpp"

namespace konductor::engine {

std::string_view event_name(const EventBody& body) {
  return std::visit([](const auto& e) { return std::decay_t<decltype(e)>::kName; }, body);
}

}  // namespace konductor::engine
