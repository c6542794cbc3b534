// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace konductor::agent {

// The answers that a question names itself: the entries of its last list, when they are at least
// two and not longer than a line each. At most nine, so that each has a key.
std::vector<std::string> suggested_answers(std::string_view question);

}  // namespace konductor::agent
