// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace konductor::cli {

// Columns that a text takes on a terminal, whatever the locale: East Asian wide characters and
// emoji two, combining marks none. The text holds no control characters.
std::size_t display_width(std::string_view text);

// What of the text fits into so many columns; a text that is cut ends in "…". Never cuts a
// character, nor the marks off one.
std::string fit(std::string_view text, std::size_t columns);

// The same, filled up with spaces.
std::string fit_and_fill(std::string_view text, std::size_t columns);

// What others wrote, as one line that can do nothing to a terminal: escape sequences are taken out
// whole, control characters become spaces, what would turn the direction of writing is left out,
// and what is no character becomes U+FFFD. Of a long text the beginning.
std::string safe_line(std::string_view text);

}  // namespace konductor::cli
