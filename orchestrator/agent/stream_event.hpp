// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace konductor::agent {

// One line of an agent's stream as a JSON object, of which only the outer levels are kept; an empty
// object when it is none. What is no UTF-8, and half characters as JavaScript writes them, become
// U+FFFD: a line must not be lost over a text that was cut. With 3 levels an object in the object
// still has its values.
nlohmann::json parse_stream_event(std::string_view line, int levels = 3);

// The same for any value: discarded when it is none.
nlohmann::json parse_lenient(std::string_view text, int levels);

// A member of the wanted type, or what stands for "not there": "", 0, {}. Counts are never
// negative.
std::string text_at(const nlohmann::json& object, const char* key);
std::int64_t count_at(const nlohmann::json& object, const char* key);
double amount_at(const nlohmann::json& object, const char* key);
// What is told too large or below nothing, as they have it.
std::int64_t sane_count(std::int64_t count);
double sane_amount(double amount);
nlohmann::json object_at(const nlohmann::json& object, const char* key);

// A provider's or an agent's words as one short line.
std::string detail_line(std::string_view text);

}  // namespace konductor::agent
