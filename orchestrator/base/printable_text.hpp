// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace konductor {

// Text of a stranger's, made harmless for a terminal: valid UTF-8 in which line breaks and tabs are
// the only control characters. Orders to a terminal (colours, titles, moves of the cursor) are left
// out whole, other control characters become their caret names ("^G"), and what would turn the
// direction of the text around becomes U+FFFD. A carriage return ends a line.
std::string printable_text(std::string_view text);

}  // namespace konductor
