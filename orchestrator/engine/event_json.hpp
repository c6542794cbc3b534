// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/event.hpp"

namespace konductor::engine {

inline constexpr int kEventSchemaVersion = 1;

// The fields of an event's body as one JSON object without line breaks, as the journal stores it:
// those that have their default are left out.
// Text that is not UTF-8 has its bad bytes replaced.
std::string encode_body(const EventBody& body);

// Reads what encode_body wrote. An unknown `name` is no error (a newer engine wrote it): nullopt.
// Unknown fields are passed over, missing ones keep their defaults; a field of the wrong type is
// `invalid_input`.
Result<std::optional<EventBody>> decode_body(std::string_view name, std::string_view json);

// One line of `execute --events`: schema_version, type, time (RFC 3339, UTC, milliseconds), run,
// then the body's fields. No line break at the end.
std::string encode_stream_line(const Event& event);
std::string encode_stream_line(std::int64_t time, std::string_view run,
                               const event::attempt_output& output);

// "2026-03-01T12:00:00.250Z" from milliseconds since 1970.
std::string time_text(std::int64_t milliseconds);

}  // namespace konductor::engine
