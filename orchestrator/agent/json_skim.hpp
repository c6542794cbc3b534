// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace konductor::agent {

// Finds values in a line of JSON without building any of it, and stops where it has found them. A
// value is passed around as the text that begins with it, most often up to the end of the line.
// What is no JSON, or of another type, is not there: "". Nothing is checked behind what is found,
// so what decides an attempt is parsed instead (`parse_stream_event`).

// The value of the object's first member of that name.
std::string_view find_member(std::string_view value, std::string_view name);

// A string's text as it stands between its quotation marks. For names, which have no escapes.
std::string_view plain_text(std::string_view value);

// A string's text; what is no character becomes U+FFFD.
std::string decoded_text(std::string_view value);

// The value alone, as it is written.
std::string_view written_value(std::string_view value);

// A number as count_at() and amount_at() have it (agent/stream_event.hpp).
std::int64_t written_count(std::string_view value);
double written_amount(std::string_view value);

// The elements of an array, one after another; "" behind the last.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  std::string_view next();

 private:
  std::string_view rest_;  // Begins with an element.
};

}  // namespace konductor::agent
