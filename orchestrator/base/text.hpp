// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konductor {

std::string_view trim(std::string_view text);
// Splits at every `separator`; "a,,b" has three parts, "" has one, which is empty.
std::vector<std::string_view> split(std::string_view text, char separator);
// Lines without their "\n" or "\r\n"; a final line break does not add an empty line.
std::vector<std::string_view> split_lines(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);
// The text in double quotes, for messages.
std::string quote(std::string_view text);
// The candidate nearest to `word` by edit distance, or "" when none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
// True when every byte sequence is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_valid_utf8(std::string_view text);
// Replaces what is not UTF-8 by U+FFFD, so that the text can be put in JSON.
std::string to_valid_utf8(std::string_view text);
// Number of code points, not bytes (invalid bytes count one each).
std::size_t count_code_points(std::string_view text);
// FNV-1a, 64 bits, as 16 hex digits: a fingerprint of text, not a protection.
std::string fingerprint(std::string_view text);

}  // namespace konductor
