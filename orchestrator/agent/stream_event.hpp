// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace konductor::agent {

// One line of an agent's stream as a JSON object, of which only the outer three levels are kept; an
// empty object when it is none. What is no UTF-8, and half characters as JavaScript writes them,
// become U+FFFD: a line must not be lost over a text that was cut.
nlohmann::json parse_stream_event(std::string_view line);

// True when the line holds the word as a JSON string. A text that quotes the word has its quotation
// marks escaped, so most lines of a stream need not be parsed.
bool holds_word(std::string_view line, std::string_view word);

// A member of the wanted type, or what stands for "not there": "", 0, {}. Counts are never
// negative.
std::string text_at(const nlohmann::json& object, const char* key);
std::int64_t count_at(const nlohmann::json& object, const char* key);
double amount_at(const nlohmann::json& object, const char* key);
nlohmann::json object_at(const nlohmann::json& object, const char* key);

// A provider's or an agent's words as one short line.
std::string detail_line(std::string_view text);

}  // namespace konductor::agent
