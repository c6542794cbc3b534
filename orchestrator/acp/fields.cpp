// SPDX-License-Identifier: MIT
#include "acp/fields.hpp"

#include <algorithm>
#include <limits>

namespace konductor::acp {
namespace {

const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string text_at(const Json& object, const char* key) {
  const Json* found = find(object, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t count_at(const Json& object, const char* key) {
  const Json* found = find(object, key);
  if (found == nullptr || !found->is_number_integer()) return 0;
  constexpr std::int64_t kMost = std::int64_t{std::numeric_limits<std::int32_t>::max()} * 1000;
  if (found->is_number_unsigned())
    return static_cast<std::int64_t>(
        std::min(found->get<std::uint64_t>(), static_cast<std::uint64_t>(kMost)));
  return std::max<std::int64_t>(0, found->get<std::int64_t>());
}

const Json& object_at(const Json& object, const char* key) {
  static const Json kEmpty = Json::object();
  const Json* found = find(object, key);
  return found != nullptr && found->is_object() ? *found : kEmpty;
}

const Json& list_at(const Json& object, const char* key) {
  static const Json kEmpty = Json::array();
  const Json* found = find(object, key);
  return found != nullptr && found->is_array() ? *found : kEmpty;
}

}  // namespace konductor::acp
