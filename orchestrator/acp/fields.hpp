// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "rpc/message.hpp"

namespace konductor::acp {

using rpc::Json;

// A member of the wanted type, or what stands for "not there": "", 0, {}, []. Counts are never
// negative.
std::string text_at(const Json& object, const char* key);
std::int64_t count_at(const Json& object, const char* key);
const Json& object_at(const Json& object, const char* key);
const Json& list_at(const Json& object, const char* key);

}  // namespace konductor::acp
